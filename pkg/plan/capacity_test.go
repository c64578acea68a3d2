// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package plan_test

import (
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/plan"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

func memory(amount string) snapshot.Amount {
	return snapshot.Amount{CPU: resource.MustParse("100"), Memory: resource.MustParse(amount)}
}

// nodeWith has so much memory free.
func nodeWith(free string, change func(*snapshot.Node)) snapshot.Node {
	used := snapshot.Amount{}
	n := snapshot.Node{Name: "a", Ready: true, Allocatable: memory(free), Requested: &used}
	if change != nil {
		change(&n)
	}
	return n
}

func TestPlace(t *testing.T) {
	t.Parallel()
	// Each of two Pods requests 250Mi more, 350Mi with the app.
	heavier := func(kind string, surge int32) plan.Step {
		step := stepOf(kind, surge, "")
		step.State = plan.Ready
		step.After = &guideline.App{App: step.Before.App}
		step.After.Sidecar.Simulated = &step.Pod.Spec.Containers[1]
		return *step
	}
	untried := heavier("StatefulSet", 0)
	untried.State = plan.Unproven
	selecting := heavier("StatefulSet", 0)
	selecting.Pod.Spec.NodeSelector = map[string]string{"disk": "ssd"}
	tainted := func(n *snapshot.Node) { n.Taints = []corev1.Taint{{Key: "gpu", Effect: corev1.TaintEffectNoSchedule}} }
	for _, tt := range []struct {
		name  string
		steps []plan.Step
		nodes []snapshot.Node
		// refused is what is said of the last step; empty where it is ready.
		refused string
	}{
		{"room for both", []plan.Step{heavier("StatefulSet", 0)}, []snapshot.Node{nodeWith("500Mi", nil)}, ""},
		{"one on each node", []plan.Step{heavier("StatefulSet", 0)}, []snapshot.Node{nodeWith("250Mi", nil), nodeWith("250Mi", nil)}, ""},
		{"room for one", []plan.Step{heavier("StatefulSet", 0)}, []snapshot.Node{nodeWith("499Mi", nil)}, "no room for all of them"},
		{"enough in sum, not on one node", []plan.Step{heavier("StatefulSet", 0)}, []snapshot.Node{nodeWith("300Mi", nil), nodeWith("200Mi", nil)}, "no room for all of them"},
		{"taken by the step before", []plan.Step{heavier("StatefulSet", 0), heavier("StatefulSet", 0)}, []snapshot.Node{nodeWith("999Mi", nil)}, "no room for all of them"},
		{"the first new one is there beside the old", []plan.Step{heavier("Deployment", 1)}, []snapshot.Node{nodeWith("349Mi", nil), nodeWith("349Mi", nil)}, "the first new one"},
		{"and has room", []plan.Step{heavier("Deployment", 1)}, []snapshot.Node{nodeWith("349Mi", nil), nodeWith("350Mi", nil)}, ""},
		{"a cordoned node has none", []plan.Step{heavier("StatefulSet", 0)}, []snapshot.Node{nodeWith("1Gi", func(n *snapshot.Node) { n.Unschedulable = true })}, "no room"},
		{"nor one that is not ready", []plan.Step{heavier("StatefulSet", 0)}, []snapshot.Node{nodeWith("1Gi", func(n *snapshot.Node) { n.Ready = false })}, "no room"},
		{"nor one that keeps its Pods off", []plan.Step{heavier("StatefulSet", 0)}, []snapshot.Node{nodeWith("1Gi", tainted)}, "no room"},
		{"nor one that they do not want", []plan.Step{selecting}, []snapshot.Node{nodeWith("1Gi", nil)}, "no room"},
		{"one that they want", []plan.Step{selecting}, []snapshot.Node{nodeWith("1Gi", func(n *snapshot.Node) { n.Labels = map[string]string{"disk": "ssd"} })}, ""},
		{"one that could not be tried needs room as well", []plan.Step{untried}, []snapshot.Node{nodeWith("499Mi", nil)}, "no room for all of them"},
		{"and takes it", []plan.Step{untried, heavier("StatefulSet", 0)}, []snapshot.Node{nodeWith("999Mi", nil)}, "no room for all of them"},
		{"nothing is known", []plan.Step{heavier("StatefulSet", 0)}, []snapshot.Node{nodeWith("1Mi", func(n *snapshot.Node) { n.Requested = nil })}, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			plan.Place(&snapshot.Snapshot{Nodes: tt.nodes}, tt.steps)
			last := tt.steps[len(tt.steps)-1]
			if last.State == plan.Refused != (tt.refused != "") || !strings.Contains(last.Why, tt.refused) {
				t.Errorf("%s: %q, want %q", last.State, last.Why, tt.refused)
			}
		})
	}
}
