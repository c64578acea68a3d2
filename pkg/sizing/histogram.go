// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package sizing

import "math"

// growth is how much wider a bucket is than the one before: a percentile is at most
// that much above the reading that it stands for, and never below.
const growth = 1.01

var logGrowth = math.Log(growth)

// histogram counts readings by size, each with a weight. Weights are whole numbers, so
// that their sum does not depend on the order in which they come.
type histogram struct {
	// least is the upper end of the first bucket.
	least float64
	// first is the bucket that weights begins with.
	first   int
	weights []uint64
	total   uint64
	max     float64
}

func (h *histogram) bucket(v float64) int {
	if v <= h.least {
		return 0
	}
	return int(math.Ceil(math.Log(v/h.least) / logGrowth))
}

// upper is the upper end of a bucket, and a little more than what rounding may have
// taken from it.
func (h *histogram) upper(i int) float64 {
	return h.least * math.Exp(float64(i)*logGrowth) * (1 + 1e-9)
}

func (h *histogram) add(v float64, weight uint64) {
	i := h.bucket(v)
	switch {
	case h.total == 0:
		h.first, h.weights = i, []uint64{0}
	case i < h.first:
		h.weights = append(make([]uint64, h.first-i, h.first-i+len(h.weights)), h.weights...)
		h.first = i
	}
	for i >= h.first+len(h.weights) {
		h.weights = append(h.weights, 0)
	}
	h.weights[i-h.first] += weight
	h.total += weight
	h.max = math.Max(h.max, v)
}

// percentile is what thousandths of the weight are not above; 0 of nothing.
func (h *histogram) percentile(thousandths uint64) float64 {
	var sum uint64
	for i, weight := range h.weights {
		if sum += weight; sum*1000 >= thousandths*h.total {
			return math.Min(h.upper(h.first+i), h.max)
		}
	}
	return h.max
}
