// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package measure

import (
	"slices"
	"time"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/sizing"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/usage"
)

// heldBack is how much a container was held back by its CPU limit.
type heldBack struct {
	// sum is that of the shares, and readings how many there are.
	sum      float64
	readings int
	// recent are the last shares of readings without a gap, as many as it takes, and
	// lasting the most that all of such were not below.
	recent  []float64
	last    time.Time
	lasting float64
}

// add takes shares in the order of time.
func (h *heldBack) add(samples []usage.Sample, step time.Duration) {
	for _, s := range samples {
		if s.At.Sub(h.last) > step {
			h.recent = h.recent[:0]
		}
		h.sum, h.last = h.sum+s.Value, s.At
		h.readings++
		h.recent = append(h.recent, s.Value)
		if takes := int(sizing.ThrottledFor / step); len(h.recent) >= takes {
			h.recent = slices.Delete(h.recent, 0, len(h.recent)-takes)
			h.lasting = max(h.lasting, slices.Min(h.recent))
		}
	}
}

// share is the mean.
func (h *heldBack) share() float64 { return h.sum / float64(h.readings) }
