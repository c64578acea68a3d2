// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package catalogue

import (
	"slices"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/dapr"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

var schedulerStorage = &guideline.Guideline{
	ID:       "scheduler-storage",
	Title:    "the scheduler has room that lasts, and keeps it through upgrades",
	Severity: guideline.Warning,
	Origin:   guideline.DaprDocs,
	Section:  notOnThePage,
	Docs:     "https://docs.dapr.io/operations/hosting/kubernetes/kubernetes-persisting-scheduler/",
	Why: "The scheduler holds jobs, actor reminders and the timers of workflows. In memory they are gone with its Pods; a full volume stops them all; " +
		"and a chart that asks for another size than stands is refused by the API server in the middle of an upgrade.",
	Judged: "The capacity of the claims dapr-scheduler-data-dir, or where there are none yet the StatefulSet's volumeClaimTemplates, against 16Gi, the default of newer charts; how much of that --etcd-space-quota lets etcd use, which the charts of 1.14 set to 1Gi or 2Gi; " +
		"whether the claims are bound; and whether the next chart asks for the size that stands. With an etcd of your own the size does not matter.",
	Fix: "expand each claim to 16Gi with kubectl patch, if its StorageClass allows volume expansion; dapr_scheduler.cluster.storageSize is for new installs, " +
		"volumeClaimTemplates cannot be changed",
	Traps: "Claims may have been expanded while the StatefulSet still says 1Gi: the claims count. A cluster without jobs, reminders and workflows needs less. " +
		"How full the volumes are cannot be seen here. The chart takes over the size that stands in a helm upgrade (1.17.7 on, and 1.16.16 on), not where it is rendered without the cluster, as helm template and Argo CD do.",
	Reads: []snapshot.Read{
		{Resource: snapshot.Deployments, Place: snapshot.InControlPlane},
		{Resource: snapshot.StatefulSets, Place: snapshot.InControlPlane},
		{Resource: snapshot.VolumeClaims, Place: snapshot.InControlPlane},
		{Resource: snapshot.Releases, Place: snapshot.InControlPlane},
	},
	ControlPlane: func(install *guideline.Install) []guideline.Result {
		w := install.Workload(dapr.Scheduler)
		running := running(install)
		switch {
		case w == nil && running.Known() && !running.AtLeast(1, 14, 0):
			return []guideline.Result{guideline.Skip("Dapr %s has no scheduler", running)}
		case w == nil:
			return []guideline.Result{judgeMissing(install, dapr.Scheduler, notInstalled)}
		case w.Desired == 0:
			return []guideline.Result{guideline.Skip("scaled to zero: switched off").On(w.Object, w.Source)}
		}
		results := []guideline.Result{judgeRoom(install, w).On(w.Object, w.Source)}
		if r, said := judgeNextClaims(install, w); said {
			results = append(results, r.At("spec.volumeClaimTemplates").On(w.Object, w.Source))
		}
		return slices.Concat(results, judgeBinding(install, w))
	},
	Values: storageValues,
}

// running is the release that runs, whatever the install is judged as.
func running(install *guideline.Install) dapr.Version {
	if install.Rehearsed.Known() {
		return install.Rehearsed
	}
	return install.Version
}
