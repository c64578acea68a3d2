// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package sizing

import "github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"

// Workload is what a recommendation is made from.
type Workload struct {
	Object snapshot.Object
	// Pods is how many Pods are wanted.
	Pods int32
	// Current is what the next Pod's sidecar gets. It decides nothing about the numbers but
	// this: where a Pod was killed, or held back, at a limit that is not known, the limit
	// is not lowered, nor is anything of a resource of which there is no reading.
	Current Resources
	// Usage is what the sidecars were seen to use; nil where nothing was.
	Usage *Usage
	// Bounds is what LimitRanges, quotas and nodes allow.
	Bounds []Bound
}

// Recommendation is what a sidecar should request and be limited to.
type Recommendation struct {
	Workload Workload
	Use      Use
	// Resources are the numbers; all zero where Withheld says why there are none.
	Resources Resources
	Withheld  string
	// Confidence goes by rule: docs/sizing.md. Low numbers are those of the guidelines,
	// raised to what was seen.
	Confidence Confidence
	// Ours tells that the numbers to start with are not the guidelines' but this tool's.
	Ours bool
	// Reasons say in words where the numbers come from.
	Reasons []string

	need [settings]int64
}
