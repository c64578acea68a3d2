// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package catalogue

import "github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"

// rendered says that a chart comes to the cluster as manifests.
func rendered(k snapshot.Keeper) string {
	if k == snapshot.Nobody {
		return "the control plane was applied as manifests"
	}
	return string(k) + " applies the chart as manifests"
}
