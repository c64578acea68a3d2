// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package catalogue

import (
	"slices"

	corev1 "k8s.io/api/core/v1"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

var workerNodes = &guideline.Guideline{
	ID:       "worker-nodes",
	Title:    "the cluster has three nodes for the control plane",
	Severity: guideline.Warning,
	Origin:   guideline.Page,
	Section:  olderEdition,
	Docs:     page + "#cluster-and-capacity-requirements",
	Why: "Three replicas on two nodes do not survive the loss of the wrong one: placement and scheduler need two of three. " +
		"The newer edition no longer says so, but asks for what needs it; there it is asked by us.",
	Judged: "Nodes that are ready, not cordoned, and take the control plane's Pods by their node selector, affinity and tolerations; without a control plane, Linux nodes without taints. Virtual nodes do not count.",
	Fix:    "add nodes, or set the Helm values global.tolerations and global.nodeSelector so that more nodes take the control plane",
	Traps: "A cluster that an autoscaler has just made small has fewer nodes than it may have. Nodes that may be taken away at any time, and how much room is left on a node, are not looked at; " +
		"of zones it is only said where there is but one.",
	Reads: []snapshot.Read{
		{Resource: snapshot.Nodes, Place: snapshot.InCluster},
		{Resource: snapshot.Deployments, Place: snapshot.InControlPlane},
		{Resource: snapshot.StatefulSets, Place: snapshot.InControlPlane},
	},
	Cluster: func(p *guideline.Platform) []guideline.Result {
		if gap := p.Gap(snapshot.Nodes); gap != nil {
			return []guideline.Result{guideline.Hidden(gap)}
		}
		if gap := hiddenInstalls(p); len(p.Installs) == 0 && gap != nil {
			return []guideline.Result{guideline.Hidden(gap)}
		}
		if len(p.Installs) == 0 {
			return []guideline.Result{judgeNodes(p, "", []*corev1.PodSpec{linuxOnly})}
		}
		var results []guideline.Result
		for _, install := range p.Installs {
			whose := ""
			if len(p.Installs) > 1 {
				whose = " in " + install.Namespace
			}
			r := judgeNodes(p, whose, templatesOf(install))
			// What was not read may take fewer nodes, and not more.
			if gap := install.Gap(snapshot.StatefulSets); r.Outcome == guideline.Passed && gap != nil {
				r = guideline.Hidden(gap)
			}
			results = append(results, r)
		}
		return results
	},
}

// hiddenInstalls returns the gap that may hide a control plane of a live cluster.
func hiddenInstalls(p *guideline.Platform) *snapshot.Gap {
	for i := range p.Snapshot.Gaps {
		if g := &p.Snapshot.Gaps[i]; g.Place == snapshot.InControlPlane && g.Resource == snapshot.Deployments && g.Reason != snapshot.NotInInput {
			return g
		}
	}
	return nil
}

func judgeNodes(p *guideline.Platform, whose string, specs []*corev1.PodSpec) guideline.Result {
	nodes := p.Snapshot.Nodes
	fit := takes(nodes, specs...)
	var r guideline.Result
	switch {
	case len(nodes) > 0 && !slices.ContainsFunc(nodes, func(n snapshot.Node) bool { return !virtual(&n) }):
		r = guideline.Skip("all nodes are virtual")
	case !p.Snapshot.Live:
		r = guideline.Unknown("the nodes in the input, %d, need not be all", len(nodes))
	case len(fit) < replicas:
		r = guideline.Fail("%d of %d nodes take the control plane%s%s", len(fit), len(nodes), whose, whyNot(nodes, specs))
	default:
		r = guideline.Pass("%d of %d nodes take the control plane%s%s", len(fit), len(nodes), whose, inOneZone(fit))
	}
	if p.Edition != guideline.Older {
		r = r.From(guideline.Ours)
	}
	return r
}

// templatesOf are the Pod specs of an install's workloads.
func templatesOf(install *guideline.Install) []*corev1.PodSpec {
	var specs []*corev1.PodSpec
	for i := range install.Workloads {
		if w := &install.Workloads[i]; w.Desired > 0 && w.Template != nil {
			specs = append(specs, &w.Template.Spec)
		}
	}
	if len(specs) == 0 {
		return []*corev1.PodSpec{linuxOnly}
	}
	return specs
}
