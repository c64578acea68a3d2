// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package report_test

import (
	"slices"
	"testing"

	corev1 "k8s.io/api/core/v1"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/evaluate"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/report"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/sidecar"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// TestSidecarOfPods: what Pods run counts, not only what the template asks for.
func TestSidecarOfPods(t *testing.T) {
	runs := []sidecar.Observed{{Sidecar: &snapshot.Sidecar{}, Pods: []string{"a"}}}
	injected := sidecar.Simulation{State: sidecar.Injected, Container: &corev1.Container{}}
	off := sidecar.Simulation{State: sidecar.Off}
	unread := sidecar.Simulation{State: sidecar.Unread}
	for _, test := range []struct {
		name     string
		sidecar  sidecar.Effective
		without  []string
		problems []string
	}{
		{"asked for, none runs", sidecar.Effective{Simulation: injected, Without: []string{"b"}}, []string{"b"}, nil},
		{"asked for, some run", sidecar.Effective{Simulation: injected, Observed: runs, Without: []string{"b"}}, []string{"b"}, nil},
		{"no longer asked for", sidecar.Effective{Simulation: off, Observed: runs, Without: []string{"b"}}, []string{"b"}, []string{"1 of 2 Pods run daprd though the template gets none now"}},
		{"never asked for", sidecar.Effective{Simulation: off, Without: []string{"b"}}, nil, nil},
		{"no template", sidecar.Effective{Simulation: unread, Observed: runs, Without: []string{"b"}}, []string{"b"}, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			pods := make([]snapshot.Pod, len(test.sidecar.Observed)+len(test.sidecar.Without))
			app := &guideline.App{App: &snapshot.App{Object: orders, Pods: pods}, Sidecar: test.sidecar}
			got := report.New(&evaluate.Evaluation{Snapshot: &snapshot.Snapshot{}, Apps: []*guideline.App{app}}, report.Tool{}).Apps[0].Sidecar
			if got.State != string(test.sidecar.Simulation.State) || !slices.Equal(got.Without, test.without) || !slices.Equal(got.Problems, test.problems) {
				t.Errorf("got %+v", got)
			}
		})
	}
}
