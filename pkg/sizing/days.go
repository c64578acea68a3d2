// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package sizing

import "time"

// days are the means of a Pod's memory, by the day, counted back from the end of the
// span: 0 is the last one.
type days []struct {
	sum float64
	n   int
}

func (d *days) add(span Span, r Reading) {
	day := int((span.To.UnixMilli() - r.Time) / (24 * time.Hour).Milliseconds())
	for len(*d) <= day {
		*d = append(*d, struct {
			sum float64
			n   int
		}{})
	}
	(*d)[day].sum += r.Value
	(*d)[day].n++
}

// rising tells whether the memory rose in each of the last days. The first day of a Pod
// is left out, since it need not be a whole one.
func (d days) rising() bool {
	if len(d) < leakDays+2 {
		return false
	}
	for day := range leakDays {
		later, earlier := d[day], d[day+1]
		if later.n == 0 || earlier.n == 0 || later.sum/float64(later.n) < (1+leakRise)*earlier.sum/float64(earlier.n) {
			return false
		}
	}
	return true
}
