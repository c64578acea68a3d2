// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package catalogue

import (
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

var priorityClassQuota = &guideline.Guideline{
	ID:       "priority-class-quota",
	Title:    "a ResourceQuota admits the control plane's critical priority class",
	Severity: guideline.Warning,
	Origin:   guideline.Page,
	Section:  "Cluster Critical Priority Class Name",
	Docs:     page + "#cluster-critical-priority-class-name",
	Why: "Some clusters, GKE among them, refuse Pods of a critical priority class outside kube-system unless a ResourceQuota of the namespace is about that class. " +
		"The control plane then stays without Pods.",
	Judged: "ResourceQuotas of the control plane's namespace whose scopes hold the class in use, whatever they are called, and the server's refusals. Before 1.14 the quota is made by hand; " +
		"from 1.14 on the chart makes it, and that it is missing is worth knowing, no more. The older edition does not ask for it.",
	Fix: "make a ResourceQuota " + criticalQuota + " in the control plane's namespace with a scopeSelector of PriorityClass In [system-cluster-critical]; it needs no hard limits",
	Traps: "Whether a cluster limits the class stands in the API server's own configuration, which cannot be seen; Pods of the class that run without a quota show that it does not, unless one was deleted since. " +
		"From 1.14 on they show nothing, for the chart makes one with them. " +
		"A quota for the other of the two built-in classes does not help.",
	Reads: []snapshot.Read{
		{Resource: snapshot.Deployments, Place: snapshot.InControlPlane},
		{Resource: snapshot.StatefulSets, Place: snapshot.InControlPlane},
		{Resource: snapshot.Pods, Place: snapshot.InControlPlane},
		{Resource: snapshot.ResourceQuotas, Place: snapshot.InControlPlane},
		{Resource: snapshot.Events, Place: snapshot.InControlPlane},
	},
	ControlPlane: func(install *guideline.Install) []guideline.Result {
		if install.Edition == guideline.Older {
			return []guideline.Result{guideline.Skip("the older edition does not ask for it")}
		}
		classes := criticalClasses(install)
		if gap := install.Gap(snapshot.Deployments); len(classes) == 0 && gap != nil {
			return []guideline.Result{guideline.Hidden(gap)}
		}
		if len(classes) == 0 {
			return []guideline.Result{guideline.Skip("no service of the control plane has a critical priority class")}
		}
		var results []guideline.Result
		for _, class := range classes {
			results = append(results, judgeQuota(install, class))
		}
		return results
	},
	Provide: provideQuota,
	Values:  quotaValues,
}

func judgeQuota(install *guideline.Install, class string) guideline.Result {
	if q := quotaOf(install, class); q != nil {
		return guideline.Pass("it is about priority class %s", class).On(q.Object, q.Source)
	}
	w, denial := refusedForClass(install, class)
	gap := install.Gap(snapshot.ResourceQuotas)
	byChart := install.Version.AtLeast(1, 14, 0)
	byHand := "make a ResourceQuota dapr-system-critical-quota in namespace %s with a scopeSelector of PriorityClass In [%s]"
	if byChart {
		byHand = "set the Helm value global.priorityClassName=%[2]s, from which the chart makes ResourceQuota system-critical-quota in %[1]s"
	}
	switch {
	case w != nil && (gap == nil || denial.Current):
		return guideline.Fail("the server refuses Pods of priority class %s: %s", class, denial.Message).
			On(w.Object, w.Source).As(guideline.Error).Do(byHand, install.Namespace, class)
	case gap != nil:
		return guideline.Hidden(gap)
	case !install.Snapshot.Live:
		return guideline.Unknown("a ResourceQuota for priority class %s: not in the input", class)
	case byChart && install.Rehearsed.Known() && !install.Rehearsed.AtLeast(1, 14, 0):
		return guideline.Skip("the upgrade to %s makes the ResourceQuota", install.Version)
	case byChart: // Pods that run may have been made while the chart's was there
		return guideline.Fail("no ResourceQuota for priority class %s, though the chart of this release makes one", class).
			As(guideline.Info).From(guideline.Ours).Do(byHand, install.Namespace, class)
	case runs(install, class):
		return guideline.Pass("Pods of priority class %s run here without a ResourceQuota: this cluster does not limit the class, unless one was deleted since", class)
	default:
		return guideline.Fail("no ResourceQuota for priority class %s, which some clusters refuse without", class).Do(byHand, install.Namespace, class)
	}
}
