// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package snapshot

// Release is what Helm's newest record of a control plane says, without any value.
type Release struct {
	Namespace, Name string
	// Chart, ChartVersion and AppVersion are the chart's.
	Chart, ChartVersion, AppVersion string
	Revision                        int
	// Status is Helm's: "deployed", "failed", "pending-upgrade" …
	Status string
	// Values are the paths of the values that the user gave, sorted, as in
	// "global.ha.enabled".
	Values []string
	// Workloads are those of the control plane as the record's manifest has them.
	Workloads []ControlPlaneWorkload
}
