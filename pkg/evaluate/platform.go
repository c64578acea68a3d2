// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package evaluate

import (
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
)

// platform judges the Kubernetes that control planes run on.
func (e *Evaluation) platform(guidelines []*guideline.Guideline) {
	p := &guideline.Platform{Snapshot: e.Snapshot, Edition: e.Edition}
	for i := range e.Snapshot.ControlPlanes {
		cp := &e.Snapshot.ControlPlanes[i]
		if len(cp.Workloads) > 0 {
			p.Installs = append(p.Installs, &guideline.Install{ControlPlane: cp, Snapshot: e.Snapshot, Edition: e.Edition})
		}
	}
	for _, g := range guidelines {
		if g.Cluster != nil {
			e.add(g, e.cluster(), g.Cluster(p))
		}
	}
}
