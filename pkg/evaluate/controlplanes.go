// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package evaluate

import (
	"slices"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/dapr"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// controlPlanes judges every install that is wanted; where none was read, nothing is
// known of it.
func (e *Evaluation) controlPlanes(guidelines []*guideline.Guideline, wanted func(namespace string) bool) {
	judged := false
	for i := range e.Snapshot.ControlPlanes {
		cp := &e.Snapshot.ControlPlanes[i]
		if len(cp.Workloads) == 0 && cp.Assumed {
			continue
		}
		judged = true
		if wanted != nil && !wanted(cp.Namespace) {
			continue
		}
		install := &guideline.Install{ControlPlane: cp, Snapshot: e.Snapshot, Edition: e.Edition}
		for _, g := range guidelines {
			if g.ControlPlane != nil {
				e.add(g, ControlPlaneObject(cp.Namespace), g.ControlPlane(install))
			}
		}
	}
	if judged {
		return
	}
	for _, g := range guidelines {
		if g.ControlPlane != nil {
			e.add(g, ControlPlaneObject(""), e.withoutWorkloads(g))
		}
	}
}

// withoutWorkloads is what a guideline says of an install of which nothing was
// read but, perhaps, its system Configuration.
func (e *Evaluation) withoutWorkloads(g *guideline.Guideline) []guideline.Result {
	for _, c := range e.Snapshot.Configurations {
		if c.Object.Name != dapr.SystemConfiguration {
			continue
		}
		cp := &snapshot.ControlPlane{Namespace: c.Object.Namespace}
		results := g.ControlPlane(&guideline.Install{ControlPlane: cp, Snapshot: e.Snapshot, Edition: e.Edition})
		judged := func(r guideline.Result) bool { return r.Outcome == guideline.Passed || r.Outcome == guideline.Failed }
		if slices.ContainsFunc(results, judged) {
			return results
		}
	}
	return []guideline.Result{e.noControlPlane()}
}

func (e *Evaluation) noControlPlane() guideline.Result {
	if !e.Snapshot.Live {
		return guideline.Unknown("the control plane is not in the input")
	}
	for i := range e.Snapshot.Gaps {
		if g := &e.Snapshot.Gaps[i]; g.Place == snapshot.InControlPlane && g.Resource == snapshot.Deployments {
			return guideline.Unknown("no control plane was seen: %s", g)
		}
	}
	return guideline.Unknown("no Dapr control plane was found in this cluster")
}

// ControlPlaneObject stands for an install as a whole.
func ControlPlaneObject(namespace string) snapshot.Object {
	return snapshot.Object{APIVersion: "v1", Kind: "ControlPlane", Namespace: namespace, Name: "dapr"}
}
