// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package catalogue

import (
	"fmt"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/dapr"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

var controlPlanePriorityClass = &guideline.Guideline{
	ID:         "control-plane-priority-class",
	Title:      "the control plane has a critical priority class",
	Severity:   guideline.Warning,
	Origin:     guideline.Page,
	Section:    "Cluster Critical Priority Class Name",
	HardensToo: true,
	Docs:       page + "#cluster-critical-priority-class-name",
	Why: "On a node that runs out of memory or CPU, Pods of low priority are evicted first, and where there is no place, Pods of high priority push others out. " +
		"Without a class the control plane goes with the apps that need it.",
	Judged: "spec.priorityClassName of the running Pods and of the template: system-cluster-critical, system-node-critical, or a class of your own above all others of the cluster. " +
		"The older edition does not ask for it.",
	Fix: "set the Helm value global.priorityClassName=system-cluster-critical",
	Traps: "The default class of a cluster is no protection: apps have it as well. Helm values prove nothing: the charts up to 1.14.4 lose the class for a placement that keeps its raft log on disk, and Helm 4 refuses them for it. " +
		"Some clusters refuse Pods of a critical class in namespaces without a ResourceQuota for it, see priority-class-quota.",
	Reads: []snapshot.Read{
		{Resource: snapshot.Deployments, Place: snapshot.InControlPlane},
		{Resource: snapshot.StatefulSets, Place: snapshot.InControlPlane},
		{Resource: snapshot.Pods, Place: snapshot.InControlPlane},
		{Resource: snapshot.PriorityClasses, Place: snapshot.InCluster},
	},
	ControlPlane: func(install *guideline.Install) []guideline.Result {
		if install.Edition == guideline.Older {
			return []guideline.Result{guideline.Skip("the older edition does not ask for it")}
		}
		return eachWorkload(install, judgePriorityClass, notInstalled)
	},
	Values: priorityClassValues,
}

func judgePriorityClass(install *guideline.Install, w *snapshot.ControlPlaneWorkload) guideline.Result {
	if w.Desired == 0 {
		return guideline.Skip("scaled to zero: switched off")
	}
	gap := install.Gap(snapshot.Pods)
	next := judgeClass(install, classOf(w)).At("spec.template.spec.priorityClassName")
	now, falling := worstClass(install, w)
	switch {
	case gap != nil && gap.Reason != snapshot.NotInInput:
		return guideline.Hidden(gap)
	case lostByChart(install.Rehearsed, w) && !lostByChart(install.Version, w) && critical(classOf(install.Workload(dapr.Operator))):
		return guideline.Skip("the chart of %s loses it here, that of %s does not", install.Rehearsed, install.Version)
	case now.Outcome == guideline.Passed && next.Outcome == guideline.Failed && next.Severity != guideline.Error:
		return guideline.Pass("%s, not from the template", now.Message)
	case now.Outcome == guideline.Failed && next.Outcome != guideline.Failed:
		now.Message += fmt.Sprintf(" (%d of %d running Pods)", falling, len(w.Pods))
		return now.Do("%s: they are older than the template", restart(w.Object))
	case now.Outcome == guideline.Unjudged && next.Outcome == guideline.Passed:
		return now
	case next.Outcome == guideline.Failed && next.Remedy == "":
		return next.Do("%s", classRemedy(install, w))
	default:
		return next
	}
}

// classRemedy says how a workload gets a critical class, which Helm values alone
// do not bring about in every release.
func classRemedy(install *guideline.Install, w *snapshot.ControlPlaneWorkload) string {
	const value = "set the Helm value global.priorityClassName=system-cluster-critical"
	placement := install.Workload(dapr.Placement)
	switch {
	case lostByChart(install.Version, w):
		return "upgrade Dapr to 1.14.5 or later: the chart of this release loses global.priorityClassName for a placement that keeps its raft log on disk"
	case placement != nil && lostByChart(install.Version, placement):
		// Server-side apply, which Helm 4 uses, knows no such field of a claim.
		return "upgrade Dapr to 1.14.5 or later, then " + value + ": in the chart of this release placement loses it, and Helm 4 refuses to install that"
	case install.Version.Known() && !install.Version.AtLeast(1, 14, 0):
		return value + ", after making the ResourceQuota that priority-class-quota asks for: some clusters refuse the Pods without"
	default:
		return value
	}
}
