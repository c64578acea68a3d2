// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package sizing

import (
	"math"
	"time"
)

// Span is the time that was asked about.
type Span struct {
	From, To time.Time
	// Step is how long one reading of CPU stands for: the range of the rate that it
	// comes from.
	Step time.Duration
}

// Reading is one measured value, at a time in milliseconds since 1970.
type Reading struct {
	Time  int64
	Value float64
}

// At makes a Reading.
func At(t time.Time, value float64) Reading { return Reading{Time: t.UnixMilli(), Value: value} }

// PodUsage is what was measured of one container of one Pod, or a part of that: the
// parts of a Pod may be added one by one, each metric in the order of time.
type PodUsage struct {
	// Pod is the name, which tells the Pods of a workload apart.
	Pod string
	// Starts are the starts of the container, first and again, as far as they are
	// known. They come with the readings of CPU or before. Where none is known, the
	// first reading of a Pod that was not there from the beginning shows it.
	Starts []time.Time
	// CPU is in cores, the mean of a Step. It is no counter: the source has taken the
	// rate, over resets as well.
	CPU []Reading
	// Memory is in bytes: the working set.
	Memory []Reading
	// Kills are the ends of the container for want of memory, each told once.
	Kills []Kill
	// Throttled is how much the container was held back; nil where that is not known.
	Throttled *Throttling
}

// Kill is one end of a container for want of memory (OOMKilled).
type Kill struct {
	Time time.Time
	// Limit is the memory limit at that time; 0 where it is not known.
	Limit Memory
}

// Throttling is how much a container was held back by its CPU limit.
type Throttling struct {
	// Share is the share of scheduling periods in which it was, from 0 to 1.
	Share float64
	// Lasting is the share that it did not go below for ThrottledFor on end, at the worst.
	Lasting float64
	// Limit is the CPU limit at that time; 0 where it is not known.
	Limit CPU
}

// counts tells whether the container needed more than its limit.
func (t *Throttling) counts() bool {
	return t.Share >= ThrottledShare || t.Lasting >= ThrottledWhile
}

// Values above these are no readings of one container: a hundred thousand cores, a
// pebibyte.
const (
	mostCores = 1e5
	mostBytes = 1 << 50
)

// usable tells whether v can be what a container uses. NaN is not.
func usable(v, most float64) bool { return v >= 0 && v <= most }

// within is a reading in the span: one from before it, or after, counts as at its end.
func (s Span) within(r Reading) Reading {
	r.Time = max(s.From.UnixMilli(), min(r.Time, s.To.UnixMilli()))
	return r
}

// fullWeight is the weight of a reading at the end of the span.
const fullWeight = 1 << 20

// agings are the weights within one half-life, in equal steps of age: ten minutes or so.
var agings = func() (weights [1 << 10]uint64) {
	for i := range weights {
		weights[i] = uint64(math.Round(fullWeight * math.Exp2(-float64(i)/float64(len(weights)))))
	}
	return weights
}()

// weight is what a reading counts, by its age.
func (s Span) weight(t int64) uint64 {
	steps := (s.To.UnixMilli() - t) * int64(len(agings)) / HalfLife.Milliseconds()
	return max(1, agings[steps%int64(len(agings))]>>(steps/int64(len(agings))))
}
