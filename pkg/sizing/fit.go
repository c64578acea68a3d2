// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package sizing

import (
	"fmt"
	"math"
)

// demand is what is to be fitted into the bounds, setting by setting: need is what was
// measured, or what daprd starts with; wanted is that with headroom. Bounds may cut the
// headroom, never the need.
type demand struct{ need, wanted [settings]int64 }

// fitted is a demand within the bounds.
type fitted struct {
	amounts [settings]int64
	// reasons are what the bounds changed.
	reasons []string
	// refused says why there is nothing that fits; empty if there is.
	refused string
}

// fit finds the settings nearest to what is wanted that the bounds allow.
func fit(d demand, bounds []Bound) fitted {
	f := fitted{amounts: d.wanted}
	for _, pair := range pairs {
		if f.amounts[pair.limit] == 0 { // no limit is wanted
			f.fitOne(d, bounds, pair.request, math.MaxInt64)
		} else {
			f.fitPair(d, bounds, pair.request, pair.limit)
		}
		if f.refused != "" {
			return f
		}
	}
	return f
}

func (f *fitted) fitPair(d demand, bounds []Bound, request, limit Setting) {
	f.amounts[limit] = max(f.amounts[limit], f.amounts[request])
	if f.fitOne(d, bounds, limit, math.MaxInt64); f.refused != "" {
		return
	}
	for _, b := range bounds {
		if b.Setting == request && b.Kind == AtLeast && b.Amount > f.amounts[limit] {
			f.amounts[limit] = b.Amount
			d.need[limit] = b.Amount
			if f.fitOne(d, bounds, limit, math.MaxInt64); f.refused != "" {
				return
			}
		}
	}
	f.fitOne(d, bounds, request, f.amounts[limit])
	for _, b := range bounds {
		if f.refused == "" && b.Setting == request && b.Kind == Ratio && b.Amount > 0 {
			f.keepRatio(d, bounds, b, limit)
		}
	}
}

// keepRatio raises the request to what the limit asks for, or lowers the limit to what
// the highest request allows.
func (f *fitted) keepRatio(d demand, bounds []Bound, b Bound, limit Setting) {
	request := b.Setting
	most := int64(math.MaxInt64)
	for _, other := range bounds {
		if other.Setting == request && other.Kind == AtMost {
			most = min(most, other.Amount)
		}
	}
	if highest := float64(most) * float64(b.Amount) / 1000; float64(f.amounts[limit]) > highest {
		if f.cut(d, limit, int64(highest), b.By); f.refused != "" {
			return
		}
	}
	least := int64(math.Ceil(float64(f.amounts[limit]) * 1000 / float64(b.Amount)))
	if f.amounts[request] < least {
		f.amounts[request] = min(request.roundUp(least), f.amounts[limit], most)
		f.reasons = append(f.reasons, fmt.Sprintf("%s raised to %s: %s allows a limit of %g times the request",
			request, request.Shown(f.amounts[request]), b.By, float64(b.Amount)/1000))
	}
}

// fitOne fits one setting into its own bounds and under most, its limit.
func (f *fitted) fitOne(d demand, bounds []Bound, s Setting, most int64) {
	for _, b := range bounds {
		if b.Setting == s && b.Kind == AtLeast && f.amounts[s] < b.Amount {
			f.amounts[s] = b.Amount
			f.reasons = append(f.reasons, fmt.Sprintf("%s raised to %s: %s allows no less", s, s.Shown(b.Amount), b.By))
		}
	}
	if f.amounts[s] > most {
		f.amounts[s] = most
	}
	for _, b := range bounds {
		if b.Setting == s && b.Kind == AtMost && f.amounts[s] > b.Amount {
			f.cut(d, s, b.Amount, b.By)
		}
	}
	for _, b := range bounds {
		if b.Setting == s && b.Kind == AtLeast && f.amounts[s] < b.Amount {
			f.refused = fmt.Sprintf("%s has to be at least %s by %s, which does not fit with the other bounds", s, s.Shown(b.Amount), b.By)
		}
	}
}

// cut takes headroom off a setting, to no more than most; where that would be under the
// need, nothing fits.
func (f *fitted) cut(d demand, s Setting, most int64, by string) {
	if most < d.need[s] {
		f.refused = fmt.Sprintf("the %s has to be at least %s, and %s leaves %s", s, s.inWords(d.need[s]), by, s.Shown(most))
		return
	}
	f.amounts[s] = most
	if nice := s.roundDown(most); nice >= d.need[s] && nice > 0 {
		f.amounts[s] = nice
	}
	f.reasons = append(f.reasons, fmt.Sprintf("%s %s, less than it should have: %s allows %s", s, s.Shown(f.amounts[s]), by, s.Shown(most)))
}
