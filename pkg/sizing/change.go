// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package sizing

// Changes tells whether the recommendation is worth a change: a setting is missing, is
// under what was needed, or is off by more than least, a share of what it is now (0.1
// is ten per cent). Where nothing was measured it is where nothing is set at all: what
// somebody has set is not replaced without having seen anything.
func (r *Recommendation) Changes(least float64) bool {
	now, then := r.Workload.Current, r.Resources
	set := now
	set.SoftLimit = 0 // which alone is no choice of resources
	if r.Withheld != "" || r.Use.Pods == 0 && set != (Resources{}) {
		return false
	}
	for s := range settings {
		switch was, is := now.Of(s), then.Of(s); {
		case is == 0 || was == is:
		case was == 0 || was < r.need[s] || beyond(was, is, least):
			return true
		}
	}
	switch was, is := now.SoftLimit, then.SoftLimit; {
	case is == 0 || was == is:
		return false
	default:
		return was == 0 || now.MemoryLimit != 0 && was >= now.MemoryLimit || beyond(int64(was), int64(is), least)
	}
}

func beyond(was, is int64, least float64) bool {
	return max(is-was, was-is) > 0 && float64(max(is-was, was-is)) > least*float64(was)
}

// Delta is what the recommendation adds to the requests of all Pods; less than zero
// where it takes some away.
func (r *Recommendation) Delta() (cpu CPU, memory Memory) {
	if r.Withheld != "" {
		return 0, 0
	}
	pods := int64(r.Workload.Pods)
	return (r.Resources.CPURequest - r.Workload.Current.CPURequest) * CPU(pods),
		(r.Resources.MemoryRequest - r.Workload.Current.MemoryRequest) * Memory(pods)
}

// Totals are what the sidecars of many workloads request.
type Totals struct {
	// Workloads and Pods are how many there are; WithoutRequest counts the Pods whose
	// sidecar requests no CPU or no memory now: they use what nobody has set aside.
	Workloads, Pods, WithoutRequest int
	// Now and Then are the requests of all Pods.
	CPUNow, CPUThen       CPU
	MemoryNow, MemoryThen Memory
}

// Total adds up recommendations. Those that are withheld, or not worth a change by
// least, leave things as they are.
func Total(recommendations []Recommendation, least float64) Totals {
	var t Totals
	for i := range recommendations {
		r := &recommendations[i]
		pods := int64(r.Workload.Pods)
		now, then := r.Workload.Current, r.Workload.Current
		if r.Changes(least) {
			then = r.Resources
		}
		t.Workloads++
		t.Pods += int(pods)
		if now.CPURequest == 0 || now.MemoryRequest == 0 {
			t.WithoutRequest += int(pods)
		}
		t.CPUNow += now.CPURequest * CPU(pods)
		t.CPUThen += then.CPURequest * CPU(pods)
		t.MemoryNow += now.MemoryRequest * Memory(pods)
		t.MemoryThen += then.MemoryRequest * Memory(pods)
	}
	return t
}
