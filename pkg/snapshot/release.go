// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package snapshot

// Release is the Helm release that a control plane was installed by.
type Release struct {
	Name string
	// ChartVersion is that of the chart, without the chart's name: "1.18.3".
	ChartVersion string
	// Revision counts the installs, upgrades and rollbacks, from 1.
	Revision int
}
