// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package sizing_test

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/sizing"
)

const (
	step = 5 * time.Minute
	day  = 24 * time.Hour
	mib  = 1 << 20
)

var end = time.Date(2026, 3, 29, 12, 0, 0, 0, time.UTC)

// shape is a usage over time: cores and MiB at an age before the end.
type shape func(age time.Duration) float64

func constant(v float64) shape { return func(time.Duration) float64 { return v } }

// wave goes between low and high once a day.
func wave(low, high float64) shape {
	return func(age time.Duration) float64 {
		return (low+high)/2 + (high-low)/2*math.Sin(2*math.Pi*age.Hours()/24)
	}
}

// growing goes up by so much a day, to a last value.
func growing(last, perDay float64) shape {
	return func(age time.Duration) float64 { return last - perDay*age.Hours()/24 }
}

// except has another value at each n-th reading.
func except(base shape, n int, other float64) shape {
	return func(age time.Duration) float64 {
		if int(age/step)%n == n-1 {
			return other
		}
		return base(age)
	}
}

// readings are those of a shape from one age to another.
func readings(s shape, unit float64, from, to time.Duration) []sizing.Reading {
	var all []sizing.Reading
	for age := from; age >= to; age -= step {
		all = append(all, sizing.At(end.Add(-age), s(age)*unit))
	}
	return all
}

// pod is one that was there all the time.
func pod(i int, cpu, memory shape, history time.Duration) sizing.PodUsage {
	return sizing.PodUsage{
		Pod:    fmt.Sprintf("orders-%d", i),
		Starts: []time.Time{end.Add(-history - day)},
		CPU:    readings(cpu, 1, history, 0),
		Memory: readings(memory, mib, history, 0),
	}
}

func pods(n int, cpu, memory shape, history time.Duration) []sizing.PodUsage {
	var all []sizing.PodUsage
	for i := range n {
		all = append(all, pod(i, cpu, memory, history))
	}
	return all
}

func usage(history time.Duration, pods ...sizing.PodUsage) *sizing.Usage {
	u := sizing.NewUsage(sizing.Span{From: end.Add(-history), To: end, Step: step})
	for _, p := range pods {
		u.Add(p)
	}
	return u
}

// shown are numbers as one line: CPU, memory, GOMEMLIMIT.
func shown(r sizing.Resources) string {
	return fmt.Sprintf("%s/%s %s/%s %s", r.CPURequest, r.CPULimit, r.MemoryRequest, r.MemoryLimit, r.GoMemoryLimit())
}

func equal[T comparable](t *testing.T, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

// says wants a reason that holds part.
func says(t *testing.T, reasons []string, part string) {
	t.Helper()
	if all := strings.Join(reasons, "\n"); !strings.Contains(all, part) {
		t.Errorf("nobody says %q:\n%s", part, all)
	}
}
