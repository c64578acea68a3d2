// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package usage

import "time"

// Metric is what was measured.
type Metric string

// The metrics. Where a Pod has no sample for a time, nothing is known of it then,
// but for the two that say otherwise.
const (
	// CPU is in cores: the mean over the step that ends at the sample's time.
	CPU Metric = "cpu"
	// Memory is the working set in bytes, the highest that was seen in the step.
	Memory Metric = "memory"
	// Throttling is the share of the CFS periods of the step in which the container
	// was held back, 0 to 1.
	Throttling Metric = "throttling"
	// OOMKills is 1 where the kernel killed the container for its memory in the step,
	// or where that is how it last ended. There are no other samples.
	OOMKills Metric = "oom kills"
	// Restarts is how often the Pod's container has been started anew so far. There
	// are no samples before the first time.
	Restarts Metric = "restarts"
	// Heap is what Go's heap has in use, in bytes, the highest in the step.
	Heap Metric = "heap"
)

// Sample is a value at a time.
type Sample struct {
	At    time.Time
	Value float64
}

// Series is what one container of one Pod used, in the order of time. The Pod may
// be gone by now. No value is negative, infinite or not a number.
type Series struct {
	Metric                    Metric
	Namespace, Pod, Container string
	Samples                   []Sample
}

// Sink takes series as they are read. One Pod may come several times, each time
// with later samples of a metric. Samples is valid until the sink returns. An error
// ends the reading.
type Sink func(Series) error
