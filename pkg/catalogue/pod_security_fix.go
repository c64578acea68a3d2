// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package catalogue

import (
	"slices"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/dapr"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// fitRestricted says what makes a workload fit, as far as its release can.
func fitRestricted(install *guideline.Install, w *snapshot.ControlPlaneWorkload, forbidden []string) string {
	seccomp := slices.ContainsFunc(forbidden, ofSeccomp)
	more := slices.ContainsFunc(forbidden, func(v string) bool { return !ofSeccomp(v) })
	const value = "set the Helm value global.seccompProfile=RuntimeDefault"
	switch {
	case install.Version.Known() && !install.Version.AtLeast(1, 15, 0):
		return "upgrade to Dapr 1.16 or later, then " + value + ": no setting makes this release fit"
	case !more:
		return value
	case w.Name == dapr.Placement && install.Version.Known() && !install.Version.AtLeast(1, 16, 0):
		return "upgrade to Dapr 1.16 or later, or set dapr_placement.cluster.forceInMemoryLog=true, for which with high availability the StatefulSet must be deleted first; and " + value
	case seccomp:
		return value + ", and take back what other values change in the containers named"
	default:
		return "take back what the values change in the Pod or in the containers named"
	}
}
