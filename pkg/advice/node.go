// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package advice

import (
	"slices"

	corev1 "k8s.io/api/core/v1"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/plan"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/sizing"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// onNode recommends what fits on a node that takes the Pods: without a cut on one of
// the largest, if it has room, else with the least that is possible. Where no node is
// known, none bounds it.
func (a *Adviser) onNode(w sizing.Workload, spec *corev1.PodSpec, others sizing.Resources, recommend func(sizing.Workload) sizing.Recommendation) sizing.Recommendation {
	free := recommend(w)
	var best *sizing.Recommendation
	for _, n := range largest(a.snapshot.Nodes, spec) {
		bound := w
		bound.Bounds = append(slices.Clip(w.Bounds), sizing.NodeBounds("the largest node, "+n.Name+",", listOf(n.Allocatable), others)...)
		r := recommend(bound)
		if r.Withheld == free.Withheld && r.Resources == free.Resources {
			return r
		}
		if best == nil || best.Withheld != "" && r.Withheld == "" {
			best = &r
		}
	}
	if best == nil {
		return free
	}
	return *best
}

// largest are the nodes that take Pods of a spec and of which no other has more CPU
// and more memory; of equal ones, the first.
func largest(nodes []snapshot.Node, spec *corev1.PodSpec) []*snapshot.Node {
	var all []*snapshot.Node
	for i := range nodes {
		n := &nodes[i]
		if !plan.Takes(n, spec) || slices.ContainsFunc(all, func(m *snapshot.Node) bool { return holds(m, n) }) {
			continue
		}
		all = slices.DeleteFunc(all, func(m *snapshot.Node) bool { return holds(n, m) })
		all = append(all, n)
	}
	return all
}

// holds tells whether one node has no less of anything than another.
func holds(one, other *snapshot.Node) bool {
	return one.Allocatable.CPU.Cmp(other.Allocatable.CPU) >= 0 && one.Allocatable.Memory.Cmp(other.Allocatable.Memory) >= 0
}

func listOf(a snapshot.Amount) corev1.ResourceList {
	return corev1.ResourceList{corev1.ResourceCPU: a.CPU, corev1.ResourceMemory: a.Memory}
}
