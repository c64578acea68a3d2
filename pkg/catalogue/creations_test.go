// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package catalogue_test

import (
	"fmt"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/catalogue"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/evaluate"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/plan"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// TestCriticalQuota: before 1.14 the quota of the page is made, with the classes that
// need one; after that the chart makes it.
func TestCriticalQuota(t *testing.T) {
	t.Parallel()
	const (
		whole = "ResourceQuota dapr-system/dapr-system-critical-quota "
		helm  = "left: set the Helm value global.priorityClassName=system-cluster-critical, from which the chart makes ResourceQuota system-critical-quota in dapr-system"
	)
	other := func(name, class string) string {
		return "# with critical-quota name=" + name + " class=" + class + "\n"
	}
	for _, tt := range []struct{ name, input, want string }{
		{"1.13", "# with critical-control-plane version=1.13.6\n", whole + "[system-cluster-critical]"},
		{"1.14", "# with critical-control-plane version=1.14.0\n", helm},
		{"1.18", "# with critical-control-plane version=1.18.3\n", helm},
		{"a release that is not known", "# with critical-control-plane version=edge\n", "left: make a ResourceQuota dapr-system-critical-quota in namespace dapr-system with a scopeSelector of PriorityClass In [system-cluster-critical]"},
		{"both classes", "# with critical-control-plane version=1.13.6 placement=system-node-critical\n", whole + "[system-cluster-critical system-node-critical]"},
		{
			"one of both is there", "# with critical-control-plane version=1.13.6 placement=system-node-critical\n" + other("theirs", "system-cluster-critical"),
			whole + "[system-node-critical]",
		},
		{
			"the name is taken", "# with critical-control-plane version=1.13.6 placement=system-node-critical\n" + other("dapr-system-critical-quota", "system-cluster-critical"),
			"left: namespace dapr-system has a ResourceQuota dapr-system-critical-quota that is about something else: make one of another name with a scopeSelector of PriorityClass In [system-node-critical]",
		},
		{"there", "# with critical-control-plane version=1.13.6\n# with critical-quota\n", ""},
		{"no class", "# with critical-control-plane version=1.13.6 class= placement=\n", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := snapshotOf(t, "# live\n"+tt.input)
			g := guidelineNamed(t, "priority-class-quota")
			var got []string
			for _, p := range []*plan.Plan{planForInstalls(s, g), planForInstalls(s, g, g.ID)} {
				got = append(got, provided(t, p))
			}
			if got[0] != tt.want || got[1] != tt.want {
				t.Errorf("unasked, and named:\n%s\nwant %s", strings.Join(got, "\n"), tt.want)
			}
		})
	}
}

func guidelineNamed(t *testing.T, id string) *guideline.Guideline {
	t.Helper()
	for _, g := range catalogue.All() {
		if g.ID == id {
			return g
		}
	}
	t.Fatalf("there is no guideline %s", id)
	return nil
}

// planForInstalls is the plan for the control planes of a snapshot.
func planForInstalls(s *snapshot.Snapshot, g *guideline.Guideline, named ...string) *plan.Plan {
	return plan.Make(s, plan.Options{
		Guidelines: []*guideline.Guideline{g},
		Named:      named,
		Evaluation: evaluate.Options{Scopes: []guideline.Scope{guideline.ControlPlane}, Known: names()},
	})
}

// provided is what a plan makes, with the classes that it is about, and why a finding
// is left.
func provided(t *testing.T, p *plan.Plan) string {
	t.Helper()
	var lines []string
	for _, c := range p.Creations {
		after, err := plan.Made(&snapshot.Snapshot{}, []*unstructured.Unstructured{c.Content})
		if err != nil {
			t.Fatal(err)
		}
		q := after.ResourceQuotas[0]
		if len(q.Hard) > 0 || len(q.Selector) != 1 || len(c.Closes) == 0 {
			t.Errorf("it has limits or other scopes, or closes nothing: %+v %v", q, c.Closes)
		}
		lines = append(lines, fmt.Sprint(c.Object, " ", q.Selector[0].Values))
	}
	for _, l := range p.Left {
		checkSentence(t, l.Why)
		lines = append(lines, "left: "+l.Why)
	}
	return strings.Join(lines, "\n")
}
