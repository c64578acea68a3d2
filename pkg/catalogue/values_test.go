// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package catalogue_test

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/catalogue"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/evaluate"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/plan"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// TestValues runs the cases of every guideline that values of the chart close:
// testdata/values holds a txtar file for each, in the form of the remedies' cases.
func TestValues(t *testing.T) {
	var files []string
	for _, g := range catalogue.All() {
		if g.Values == nil {
			continue
		}
		file := filepath.Join("testdata", "values", casesFile(g))
		files = append(files, file)
		t.Run(g.ID, func(t *testing.T) {
			t.Parallel()
			runRemedies(t, file, func(s *snapshot.Snapshot, said guideline.Said) string { return valuesSaid(t, s, g, said) })
		})
	}
	there, err := filepath.Glob(filepath.Join("testdata", "values", "*.txtar"))
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(files)
	if !slices.Equal(files, there) {
		t.Errorf("files of cases: %v, of guidelines with values: %v", there, files)
	}
}

// valuesPlanFor is the plan of values for a snapshot.
func valuesPlanFor(s *snapshot.Snapshot, said guideline.Said, named ...string) *plan.ValuesPlan {
	return plan.MakeValues(s, plan.Options{
		Guidelines: catalogue.All(),
		Named:      named,
		Evaluation: evaluate.Options{Scopes: []guideline.Scope{guideline.Apps, guideline.ControlPlane, guideline.Cluster}, Known: names(), Said: said},
	})
}

// valuesSaid is the plan of values for one guideline: what is set, what that closes,
// its risks and what restarts; whether it is done unasked; then what is left and why.
func valuesSaid(t *testing.T, s *snapshot.Snapshot, g *guideline.Guideline, said guideline.Said) string {
	t.Helper()
	var b strings.Builder
	unasked := valuesPlanFor(s, said)
	for _, v := range valuesPlanFor(s, said, g.ID).Installs {
		why := ""
		for _, l := range unasked.Left {
			if l.By == g {
				why = l.Why
				checkSentence(t, why)
			}
		}
		if why != "" {
			fmt.Fprintf(&b, "asked %s: %s\n", v.ControlPlane.Namespace, why)
		} else {
			fmt.Fprintf(&b, "auto %s\n", v.ControlPlane.Namespace)
		}
		for _, a := range v.Additions {
			value, err := json.Marshal(a.Value.Value)
			if err != nil {
				t.Fatal(err)
			}
			fmt.Fprintf(&b, "  %s: %s\n", a.Path, value)
		}
		for _, j := range v.Closes {
			fmt.Fprintf(&b, "  closes %s: %s\n", j.Object, j.Message)
		}
		for _, o := range v.Restart {
			fmt.Fprintf(&b, "  restart %s\n", o)
		}
		for _, risk := range v.Risks {
			checkSentence(t, risk)
			fmt.Fprintf(&b, "  risk: %s\n", risk)
		}
		if len(v.Closes) == 0 && len(v.Risks) == 0 {
			t.Errorf("%s: values that close nothing, and of which nothing is said", g.ID)
		}
	}
	for _, l := range valuesPlanFor(s, said, g.ID).Left {
		checkSentence(t, l.Why)
		fmt.Fprintf(&b, "left %s: %s\n  why: %s\n", l.Object, l.Message, l.Why)
	}
	if b.Len() == 0 {
		return "nothing \n"
	}
	return b.String()
}
