// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package sizing_test

import (
	"runtime"
	"testing"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/sizing"
)

// BenchmarkUsage takes in a fortnight of three Pods, 24,000 readings, and keeps what a
// workload needs.
func BenchmarkUsage(b *testing.B) {
	all := pods(3, wave(0.05, 0.45), wave(150, 250), 14*day)
	var kept []*sizing.Usage
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	for b.Loop() {
		kept = append(kept, usage(14*day, all...))
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/float64(len(kept)), "bytes/workload")
}
