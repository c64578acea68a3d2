// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package catalogue

import (
	"slices"
	"strings"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

var dedicatedNamespace = &guideline.Guideline{
	ID:       "dedicated-namespace",
	Title:    "the control plane has a namespace of its own",
	Severity: guideline.Warning,
	Origin:   guideline.Page,
	Section:  "Security",
	Docs:     page + "#security",
	Why: "Who may work in a namespace may read its Secrets: in the control plane's there is the key that signs the identity of every app. " +
		"Quotas, policies and clean-ups for apps hit the control plane too.",
	Judged: "The name of the namespace (not default, not kube-*), and the workloads, Pods and Dapr objects in it that are not the control plane's, those scaled to zero among them. " +
		"The dashboard may be there; DaemonSets are taken for agents, which is worth knowing and no more.",
	Fix: "move the others out: a control plane is not moved but installed anew, and its apps get other identities",
	Traps: "An app that is scaled to zero has no Pod to be seen. Agents of the cloud and of monitoring may live in any namespace. " +
		"A dry look at the chart's own manifests cannot tell who else is there.",
	Reads: []snapshot.Read{
		{Resource: snapshot.Deployments, Place: snapshot.InControlPlane},
		{Resource: snapshot.Deployments, Place: snapshot.BesideControlPlane},
		{Resource: snapshot.StatefulSets, Place: snapshot.BesideControlPlane},
		{Resource: snapshot.DaemonSets, Place: snapshot.BesideControlPlane},
		{Resource: snapshot.Jobs, Place: snapshot.BesideControlPlane},
		{Resource: snapshot.CronJobs, Place: snapshot.BesideControlPlane},
		{Resource: snapshot.Pods, Place: snapshot.BesideControlPlane},
		{Resource: snapshot.Components, Place: snapshot.BesideControlPlane},
	},
	ControlPlane: func(install *guideline.Install) []guideline.Result {
		object := snapshot.Object{APIVersion: "v1", Kind: "Namespace", Name: install.Namespace}
		return []guideline.Result{judgeNeighbours(install).On(object, snapshot.Source{})}
	},
}

func judgeNeighbours(install *guideline.Install) guideline.Result {
	ns := install.Namespace
	if ns == "default" || strings.HasPrefix(ns, "kube-") {
		return guideline.Fail("the control plane is installed in namespace %s", ns).
			Do("install it anew in a namespace such as dapr-system, and restart the apps: their identities change")
	}
	var others, agents []string
	for _, n := range install.Neighbours {
		name := n.Object.Kind + " " + n.Object.Name
		switch {
		case isDashboard(install.Snapshot, n.Object):
		case n.Object.Kind == "DaemonSet":
			agents = append(agents, name)
		default:
			others = append(others, name)
		}
	}
	switch gap := hiddenNeighbours(install); {
	case len(others) > 0:
		return guideline.Fail("shared with %s", some(others))
	case gap != nil:
		return guideline.Hidden(gap)
	case !install.Snapshot.Live:
		return guideline.Unknown("who else is in namespace %s: not in the input", ns)
	case len(agents) > 0:
		return guideline.Fail("shared with %s", some(agents)).As(guideline.Info)
	default:
		return guideline.Pass("nobody else is in it")
	}
}

func isDashboard(s *snapshot.Snapshot, o snapshot.Object) bool {
	return slices.ContainsFunc(s.Dashboards, func(d snapshot.Dashboard) bool { return d.Object == o })
}

// hiddenNeighbours is the first gap that may hide a neighbour, or nil.
func hiddenNeighbours(install *guideline.Install) *snapshot.Gap {
	for i := range install.Snapshot.Gaps {
		g := &install.Snapshot.Gaps[i]
		if g.Place == snapshot.BesideControlPlane && (g.Namespace == "" || g.Namespace == install.Namespace) {
			return g
		}
	}
	return nil
}
