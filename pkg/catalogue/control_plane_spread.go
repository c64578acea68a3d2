// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package catalogue

import (
	"slices"

	corev1 "k8s.io/api/core/v1"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/dapr"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

var controlPlaneSpread = &guideline.Guideline{
	ID:       "control-plane-spread",
	Title:    "the control plane's replicas are on several nodes, and protected from being drained together",
	Severity: guideline.Warning,
	Origin:   guideline.Page,
	Section:  "High availability mode",
	Docs:     page + "#high-availability-mode",
	Why:      "Three replicas on one node go with that node. Without a PodDisruptionBudget a drain of several nodes, as in an upgrade of the cluster, takes all replicas at once.",
	Judged: "The nodes of the running Pods of each workload that has two replicas or more, and the PodDisruptionBudgets that select these Pods, whatever they are called. " +
		"All on one node is an error for sentry, placement and scheduler. In a cluster with Windows nodes, also whether the template asks for the right ones.",
	Fix: "set the Helm value global.ha.enabled=true",
	Traps: "The chart prefers other zones and does not demand them: in a cluster of one zone all replicas may share a node. The budgets of the chart select the version's label, " +
		"so that after half an upgrade one of the right name selects none of the Pods. Whether all replicas are in one zone is not judged.",
	Reads: []snapshot.Read{
		{Resource: snapshot.Deployments, Place: snapshot.InControlPlane},
		{Resource: snapshot.StatefulSets, Place: snapshot.InControlPlane},
		{Resource: snapshot.Pods, Place: snapshot.InControlPlane},
		{Resource: snapshot.DisruptionBudgets, Place: snapshot.InControlPlane},
		{Resource: snapshot.Nodes, Place: snapshot.InCluster},
	},
	ControlPlane: func(install *guideline.Install) []guideline.Result {
		return allOfEachWorkload(install, func(install *guideline.Install, w *snapshot.ControlPlaneWorkload) []guideline.Result {
			switch {
			case w.Desired == 0:
				return []guideline.Result{guideline.Skip("scaled to zero: switched off")}
			case w.Desired < 2:
				return append([]guideline.Result{guideline.Skip("one replica: nothing to spread or to protect")}, onWindows(install, w)...)
			case oneNode(install, w):
				return []guideline.Result{guideline.Skip("the cluster has only one node for it")}
			default:
				return append([]guideline.Result{judgeSpread(install, w), judgeBudgets(install, w)}, onWindows(install, w)...)
			}
		}, notInstalled)
	},
	Values: spreadValues,
}

// onWindows says where Pods may come on a node of the wrong operating system.
func onWindows(install *guideline.Install, w *snapshot.ControlPlaneWorkload) []guideline.Result {
	if w.Template == nil {
		return nil
	}
	systems := map[string]string{}
	for i := range install.Snapshot.Nodes {
		if n := &install.Snapshot.Nodes[i]; refuses(n, &w.Template.Spec) == "" {
			systems[n.Labels[corev1.LabelOSStable]] = n.Name
		}
	}
	linux, others := systems[string(corev1.Linux)], systems[string(corev1.Windows)]
	if linux == "" || others == "" {
		return nil
	}
	return []guideline.Result{guideline.Fail("nothing keeps its Pods off Windows nodes such as %s", others).As(guideline.Info).
		At("spec.template.spec.affinity").Do("install Dapr from its chart, which asks for nodes with kubernetes.io/os=linux")}
}

// oneNode tells whether a workload has no second node to go to.
func oneNode(install *guideline.Install, w *snapshot.ControlPlaneWorkload) bool {
	gap := install.Snapshot.Gap(snapshot.InCluster, snapshot.Nodes, "")
	if gap != nil || !install.Snapshot.Live || w.Template == nil || len(install.Snapshot.Nodes) == 0 {
		return false
	}
	return len(takes(install.Snapshot.Nodes, &w.Template.Spec)) == 1 // where none takes them, as while none is ready, there may be many
}

func judgeSpread(install *guideline.Install, w *snapshot.ControlPlaneWorkload) guideline.Result {
	if gap := install.Gap(snapshot.Pods); gap != nil {
		return guideline.Hidden(gap)
	}
	var nodes []string
	placed := 0
	for _, p := range w.Pods {
		if p.Node != "" {
			placed++
			nodes = append(nodes, p.Node)
		}
	}
	slices.Sort(nodes)
	nodes = slices.Compact(nodes)
	gap := install.Snapshot.Gap(snapshot.InCluster, snapshot.Nodes, "")
	switch {
	case len(nodes) > 1:
		return guideline.Pass("%d Pods on %d nodes", placed, len(nodes))
	case placed < 2:
		return guideline.Unknown("%d of %d Pods are on a node", placed, w.Desired)
	case gap != nil:
		return guideline.Unknown("all %d Pods are on node %s, and whether there is another for them is not known: %s", placed, nodes[0], gap)
	default:
		r := guideline.Fail("all %d Pods are on node %s", placed, nodes[0]).Do("%s", spreading(install, w))
		if slices.Contains([]string{dapr.Sentry, dapr.Placement, dapr.Scheduler}, w.Name) {
			return r.As(guideline.Error)
		}
		return r
	}
}

// spreading says how the replicas of a workload get on several nodes.
func spreading(install *guideline.Install, w *snapshot.ControlPlaneWorkload) string {
	switch {
	case install.Version.AtLeast(1, 17, 0):
		return highAvailability(install) + ", and global.ha.topologyKey=kubernetes.io/hostname: the Pods are made anew, on other nodes where there is room"
	case install.Version.Known():
		return restart(w.Object) + ": this release prefers other zones, not other nodes; from 1.17 on the Helm value global.ha.topologyKey=kubernetes.io/hostname changes that"
	default:
		return restart(w.Object) + ", and see whether they still share a node"
	}
}
