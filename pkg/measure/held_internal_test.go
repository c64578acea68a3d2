// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package measure

import (
	"slices"
	"testing"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/usage"
)

// TestHeldBack: a job that is held back for a quarter of an hour each night does not get
// lost in the mean of a day; a start, and a gap, are no quarter of an hour.
func TestHeldBack(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name           string
		parts          [][]usage.Sample
		share, lasting float64
	}{
		{"never", [][]usage.Sample{samples(0, 5, 10, 15, 20)}, 0, 0},
		{"all the time", [][]usage.Sample{samples(0.5, 5, 10, 15, 20)}, 0.5, 0.5},
		{"for a quarter of an hour", [][]usage.Sample{slices.Concat(samples(0, 5, 10), samples(0.5, 15, 20, 25), samples(0, 30, 35, 40, 45, 50))}, 0.15, 0.5},
		{"the same, told in parts", [][]usage.Sample{slices.Concat(samples(0, 5, 10), samples(0.5, 15)), samples(0.5, 20), slices.Concat(samples(0.5, 25), samples(0, 30, 35, 40, 45, 50))}, 0.15, 0.5},
		{"when it starts", [][]usage.Sample{slices.Concat(samples(1, 5, 10), samples(0, 15, 20, 25, 30, 35, 40, 45, 50))}, 0.2, 0},
		{"with a gap", [][]usage.Sample{samples(0.5, 5, 10, 25, 30)}, 0.5, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var h heldBack
			for _, part := range test.parts {
				h.add(part, Step)
			}
			if h.share() != test.share || h.lasting != test.lasting {
				t.Errorf("share %g, lasting %g", h.share(), h.lasting)
			}
		})
	}
}
