// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"math"
	"math/rand/v2"
	"time"
)

const mib = 1 << 20

// load is what a container does from one scrape to the next.
type load struct {
	// CPU is in cores, memory in bytes, throttled a share of the periods.
	cpu, memory, throttled float64
	// killed: for its memory, and then started again.
	killed bool
}

// shape is the load at a time, of a container that has run for age.
type shape func(at time.Time, age time.Duration, random *rand.Rand) load

// about is a number, give or take a share of it.
func about(number, share float64, random *rand.Rand) float64 {
	return number * (1 + share*(2*random.Float64()-1))
}

// constant is a service with the same to do at any time.
func constant(cpu, memory float64) shape {
	return func(_ time.Time, age time.Duration, random *rand.Rand) load {
		l := load{cpu: about(cpu, 0.1, random), memory: about(memory, 0.02, random)}
		if age < 2*scrape {
			l.cpu *= 5 // certificates, components and placement tables are loaded
		}
		return l
	}
}

// wave is busiest at noon, and little at night.
func wave(cpu, memory float64) shape {
	return func(at time.Time, _ time.Duration, random *rand.Rand) load {
		busy := (1 - math.Cos(2*math.Pi*at.Sub(at.Truncate(24*time.Hour)).Hours()/24)) / 2
		return load{cpu: about(cpu*(0.15+0.85*busy), 0.15, random), memory: about(memory*(0.8+0.2*busy), 0.02, random)}
	}
}

// leak never gives memory back.
func leak(cpu, memory, daily float64) shape {
	return func(_ time.Time, age time.Duration, random *rand.Rand) load {
		return load{cpu: about(cpu, 0.2, random), memory: about(memory+daily*age.Hours()/24, 0.005, random)}
	}
}

// spiky does little, and much for some minutes, twice a day or so.
func spiky(cpu, memory float64) shape {
	return func(_ time.Time, _ time.Duration, random *rand.Rand) load {
		l := load{cpu: about(cpu/20, 0.3, random), memory: about(memory, 0.05, random)}
		if random.Float64() < 0.003 {
			l.cpu, l.memory = about(cpu, 0.1, random), about(memory*1.6, 0.05, random)
		}
		return l
	}
}

// throttled needs more CPU than its limit by day.
func throttled(limit, memory float64) shape {
	need := wave(limit*1.4, memory)
	return func(at time.Time, age time.Duration, random *rand.Rand) load {
		l := need(at, age, random)
		if l.cpu > limit {
			l.throttled = min(1, 2*(l.cpu-limit)/limit)
			l.cpu = limit
		}
		return l
	}
}

// killed fills its limit in three days and is ended for it.
func killed(cpu, limit float64) shape {
	grows := leak(cpu, limit/3, limit/4)
	return func(at time.Time, age time.Duration, random *rand.Rand) load {
		l := grows(at, age, random)
		if l.memory >= limit {
			l.memory, l.killed = limit, true
		}
		return l
	}
}
