// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package sizing

// scale is the step of the numbers that a person would write from a size on.
type scale struct{ from, step int64 }

// Each size is a multiple of its own step and of the one before, so that rounding keeps
// the order of numbers.
var (
	cpuScales = []scale{{0, 5}, {50, 10}, {200, 50}, {1000, 100}, {4000, 500}, {16000, 1000}}

	memoryScales = []scale{
		{0, 10 * mebibyte},
		{100 * mebibyte, 25 * mebibyte},
		{500 * mebibyte, 50 * mebibyte},
		{1000 * mebibyte, 100 * mebibyte},
		{4000 * mebibyte, 500 * mebibyte},
	}
)

func (s Setting) scales() []scale {
	if s == CPURequest || s == CPULimit {
		return cpuScales
	}
	return memoryScales
}

func (s Setting) step(amount int64) int64 {
	step := int64(1)
	for _, scale := range s.scales() {
		if amount >= scale.from {
			step = scale.step
		}
	}
	return step
}

// roundUp is the next number that a person would write, not under amount.
func (s Setting) roundUp(amount int64) int64 {
	step := s.step(amount)
	return (amount + step - 1) / step * step
}

// roundDown takes the odd end off a number, and hardly more: what is cut is scarce.
func (s Setting) roundDown(amount int64) int64 {
	step := s.scales()[0].step
	if s == MemoryRequest || s == MemoryLimit {
		step = mebibyte
	}
	return amount / step * step
}

// plus adds hundredths of an amount to it, rounded up.
func plus(amount, hundredths int64) int64 {
	return amount + (amount*hundredths+99)/100
}
