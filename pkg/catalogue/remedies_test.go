// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package catalogue_test

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/catalogue"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/evaluate"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/plan"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// TestRemedies runs the cases of every remedy: testdata/remedies holds a txtar file
// for each guideline that has one, in the form of the guidelines' own cases. What is
// wanted is the plan for that guideline alone.
func TestRemedies(t *testing.T) {
	var files []string
	for _, g := range catalogue.All() {
		if g.Mend == nil {
			continue
		}
		file := filepath.Join("testdata", "remedies", casesFile(g))
		files = append(files, file)
		t.Run(g.ID, func(t *testing.T) {
			t.Parallel()
			runRemedies(t, file, func(s *snapshot.Snapshot) string { return planned(t, s, g) })
		})
	}
	there, err := filepath.Glob(filepath.Join("testdata", "remedies", "*.txtar"))
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(files)
	if !slices.Equal(files, there) {
		t.Errorf("files of cases: %v, of remedies: %v", there, files)
	}
}

// runRemedies runs the cases of a file: what a plan says of each input.
func runRemedies(t *testing.T, file string, planned func(*snapshot.Snapshot) string) {
	archive, err := txtar.ParseFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if len(archive.Files)%2 != 0 {
		t.Fatalf("%s: an input without a want", file)
	}
	for i := 0; i < len(archive.Files); i += 2 {
		input, want := archive.Files[i], &archive.Files[i+1]
		name := strings.TrimSuffix(input.Name, inputSuffix)
		if want.Name != name+wantSuffix {
			t.Fatalf("%s: sections %q and %q are no case", file, input.Name, want.Name)
		}
		t.Run(name, func(t *testing.T) {
			s := snapshotOf(t, string(input.Data))
			got := planned(s)
			// The name says what becomes of it, so that -update cannot turn one into another.
			if outcome, _, _ := strings.Cut(name, ":"); !strings.HasPrefix(got, outcome+" ") {
				t.Errorf("the name begins with %q, and the plan is another:\n%s", outcome, got)
			}
			if *update {
				want.Data = []byte(got)
			} else if got != string(want.Data) {
				t.Errorf("got:\n%s\nwant:\n%s", got, want.Data)
			}
		})
	}
	if *update && !t.Failed() {
		if err := os.WriteFile(file, txtar.Format(archive), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// planFor is the plan for the apps of a snapshot.
func planFor(s *snapshot.Snapshot, named ...string) *plan.Plan {
	return planAmong(catalogue.All(), s, named...)
}

// planAmong is the plan where these guidelines judge.
func planAmong(all []*guideline.Guideline, s *snapshot.Snapshot, named ...string) *plan.Plan {
	return plan.Make(s, plan.Options{
		Guidelines: all,
		Named:      named,
		Evaluation: evaluate.Options{Scopes: []guideline.Scope{guideline.Apps}, Known: names()},
	})
}

// planned is the plan for one guideline: each change with what it sets, what it
// closes and reveals and its risks, and whether it is made unasked; then what is left
// and why. It fails where the plan does not keep its promises.
func planned(t *testing.T, s *snapshot.Snapshot, g *guideline.Guideline) string {
	t.Helper()
	p, unasked := planFor(s, g.ID), planFor(s)
	checkPlan(t, catalogue.All(), s, p, g.ID)
	checkPlan(t, catalogue.All(), s, unasked)
	return described(p, g, func(app snapshot.Object) string { return optIn(unasked, g, app) })
}

// described is a plan for one guideline. asked is why an app is changed only for those
// who ask; empty where that is done unasked.
func described(p *plan.Plan, g *guideline.Guideline, asked func(snapshot.Object) string) string {
	var b strings.Builder
	for _, c := range p.Changes {
		if why := asked(c.App); why != "" {
			fmt.Fprintf(&b, "asked %s: %s\n", c.App, why)
		} else {
			fmt.Fprintf(&b, "auto %s\n", c.App)
		}
		for _, a := range c.Annotations {
			fmt.Fprintf(&b, "  %s: %q", a.Key, a.Value)
			if a.Was != nil {
				fmt.Fprintf(&b, ", was %q", *a.Was)
			}
			b.WriteString("\n")
		}
		for _, remedy := range c.Remedies {
			if remedy != g {
				fmt.Fprintf(&b, "  also for %s\n", remedy.ID)
			}
		}
		for _, j := range c.Closes {
			fmt.Fprintf(&b, "  closes %s: %s\n", j.Guideline.ID, j.Message)
		}
		for _, j := range c.Reveals {
			fmt.Fprintf(&b, "  reveals %s: %s\n", j.Guideline.ID, j.Message)
		}
		for _, risk := range c.Risks {
			fmt.Fprintf(&b, "  risk: %s\n", risk)
		}
	}
	for _, l := range p.Left {
		fmt.Fprintf(&b, "left %s %s: %s\n  why: %s\n", l.Object, l.Guideline.ID, l.Message, l.Why)
	}
	if b.Len() == 0 {
		return "nothing \n"
	}
	return b.String()
}

// optIn is why an app's findings are closed only for those who ask; empty where they
// are closed unasked.
func optIn(unasked *plan.Plan, g *guideline.Guideline, app snapshot.Object) string {
	for _, l := range unasked.Left {
		if l.By == g && l.Object == app {
			return l.Why
		}
	}
	return ""
}

// checkPlan holds a plan against the apps as they are once it is carried out: there
// is nothing more to do, and nothing fails that it was to close.
func checkPlan(t *testing.T, all []*guideline.Guideline, s *snapshot.Snapshot, p *plan.Plan, named ...string) {
	t.Helper()
	again := planAmong(all, carriedOut(s, p), named...)
	for i := range again.Changes {
		t.Errorf("a second plan has more to do: %s", &again.Changes[i])
	}
	for _, c := range p.Changes {
		for _, closed := range c.Closes {
			for _, j := range again.Before.Judgements {
				if j.Outcome == guideline.Failed && j.Object == c.App && j.Guideline == closed.Guideline && j.Field == closed.Field {
					t.Errorf("%s was to be closed, and fails: %s", j.Guideline.ID, j.Message)
				}
			}
		}
		for _, text := range c.Risks {
			checkSentence(t, text)
		}
	}
	for _, l := range p.Left {
		checkSentence(t, l.Why)
	}
}

// checkSentence: what a plan says is one line, without a period.
func checkSentence(t *testing.T, text string) {
	t.Helper()
	if text == "" || strings.HasSuffix(text, ".") || strings.Contains(text, "\n") || strings.TrimSpace(text) != text {
		t.Errorf("empty, ends with a period, holds a new line or has blanks around it: %q", text)
	}
}

// carriedOut is a snapshot in which a plan was carried out: the templates have their
// annotations, and new Pods are still to come.
func carriedOut(s *snapshot.Snapshot, p *plan.Plan) *snapshot.Snapshot {
	next := *s
	next.Apps = slices.Clone(s.Apps)
	for _, c := range p.Changes {
		app := &next.Apps[slices.IndexFunc(next.Apps, func(a snapshot.App) bool { return a.Object == c.App })]
		template := *app.Template
		template.Annotations = maps.Clone(template.Annotations)
		if template.Annotations == nil {
			template.Annotations = snapshot.Annotations{}
		}
		for _, a := range c.Annotations {
			template.Annotations[a.Key] = a.Value
		}
		app.Template, app.Pods, app.Denials = &template, nil, nil
	}
	return &next
}
