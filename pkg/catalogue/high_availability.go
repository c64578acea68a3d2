// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package catalogue

import (
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/dapr"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// logInMemory is the Helm value with which placement, highly available, has no
// volume claims.
const logInMemory = dapr.PlacementLogInMemory + "=true"

// hasLogOnDisk tells whether placement has volume claims. The API server refuses an
// upgrade that gives a live StatefulSet claims, and one that takes them out: with
// them logInMemory must not be set.
func hasLogOnDisk(install *guideline.Install) bool {
	placement := install.Workload(dapr.Placement)
	return placement != nil && len(placement.Claims) > 0
}

// placementHidden tells whether placement may be there all the same.
func placementHidden(install *guideline.Install) bool {
	return install.Workload(dapr.Placement) == nil && (!install.Snapshot.Live || install.Gap(snapshot.StatefulSets) != nil)
}

// highAvailability says how the chart is told, so that the upgrade goes through.
func highAvailability(install *guideline.Install) string {
	const set = "set the Helm value global.ha.enabled=true"
	switch {
	case placementHidden(install):
		return set + " and, only where placement runs without volume claims, " + logInMemory
	case hasLogOnDisk(install) || install.Workload(dapr.Placement) == nil:
		return set
	default:
		return set + " and, because of placement, " + logInMemory
	}
}

// schedulerGrows warns of what high availability does to a scheduler of 1.14.
func schedulerGrows(install *guideline.Install) string {
	w := install.Workload(dapr.Scheduler)
	if w == nil || w.Desired != 1 || install.Version.AtLeast(1, 15, 0) {
		return ""
	}
	return "; before 1.15 this also takes the scheduler from one etcd member to three over the data it has, which is not supported in place: its jobs and reminders may be lost"
}
