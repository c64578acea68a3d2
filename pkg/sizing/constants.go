// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package sizing

import "time"

// Each constant is explained in docs/sizing.md, with where it comes from.
const (
	// HalfLife is the age at which a reading counts half in percentiles.
	HalfLife = 7 * 24 * time.Hour
	// StartUp is how long after the start of a container its CPU does not decide.
	StartUp = 5 * time.Minute

	// CPURequestPercentile and MemoryRequestPercentile are in thousandths.
	CPURequestPercentile    = 950
	MemoryRequestPercentile = 980

	// What is added to a measured number, in hundredths of it.
	cpuRequestHeadroom    = 15
	cpuLimitHeadroom      = 50
	memoryRequestHeadroom = 10
	memoryLimitHeadroom   = 25
	// killedHeadroom is what is at least added to a limit at which a container was killed.
	killedHeadroom Memory = 100 * mebibyte

	// SoftLimitPercent is GOMEMLIMIT, in hundredths of the memory limit.
	SoftLimitPercent = 90

	// ThrottledShare is the share of scheduling periods that makes a Pod count as throttled.
	ThrottledShare = 0.05
	// ThrottledWhile is the share that does where it lasts for ThrottledFor.
	ThrottledWhile = 0.25
	ThrottledFor   = 15 * time.Minute

	// The least that medium confidence takes.
	leastReadings = 100
	leastSpan     = 24 * time.Hour
	leastHours    = 12
	// The least that high confidence takes.
	longSpan  = 7 * 24 * time.Hour
	longHours = 84

	// A leak is memory that rose for leakDays days in a row, each by at least leakRise
	// of the day before.
	leakDays = 4
	leakRise = 0.01

	mebibyte = 1 << 20
)

// Floor is below what no sidecar is sized: what daprd needs to start.
var Floor = Resources{CPURequest: 10, CPULimit: 10, MemoryRequest: 64 * mebibyte, MemoryLimit: 128 * mebibyte}

// StartingPoint are the example settings of Dapr's production guidelines for the sidecar.
var StartingPoint = Resources{
	CPURequest: 100, CPULimit: 300,
	MemoryRequest: 250 * mebibyte, MemoryLimit: 1000 * mebibyte, SoftLimit: 900 * mebibyte,
}
