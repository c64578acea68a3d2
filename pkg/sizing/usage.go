// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package sizing

import (
	"math/bits"
	"slices"
	"time"
)

// Usage is what the containers of one name, over all Pods of a workload, were seen to
// use. It keeps no readings, only what is asked of them.
type Usage struct {
	span        Span
	cpu, memory metric
	pods        map[string]*pod
	line        line
	// startUp are the readings of CPU that belong to a start, startUpMax the highest
	// of them.
	startUp    int
	startUpMax float64
	// unusable are the readings that are no numbers.
	unusable  int
	kills     []Kill
	throttled map[string]Throttling
}

// metric is what is kept of CPU, or of memory.
type metric struct {
	histogram
	readings    int
	first, last int64
	// missing says why the readings are not all there are; empty where they are.
	missing string
	// hours has a bit for each hour of the span in which there was a reading.
	hours []uint64
}

// hour notes that there was a reading at t, counted from the beginning of the span.
func (m *metric) hour(t int64) {
	i := t / time.Hour.Milliseconds()
	for int(i/64) >= len(m.hours) {
		m.hours = append(m.hours, 0)
	}
	m.hours[i/64] |= 1 << (i % 64)
}

// hoursSeen is in how many hours there was a reading.
func (m *metric) hoursSeen() int {
	n := 0
	for _, word := range m.hours {
		n += bits.OnesCount64(word)
	}
	return n
}

func (m *metric) add(r Reading, span Span) {
	weight := span.weight(r.Time)
	m.histogram.add(r.Value, weight)
	if m.readings == 0 || r.Time < m.first {
		m.first = r.Time
	}
	if m.readings == 0 || r.Time > m.last {
		m.last = r.Time
	}
	m.readings++
	m.hour(r.Time - span.From.UnixMilli())
}

// length is the time from the first to the last reading.
func (m *metric) length() time.Duration { return time.Duration(m.last-m.first) * time.Millisecond }

// pod is what is kept of one Pod.
type pod struct {
	starts []int64
	// shown is the start that the first reading shows, where none is told; 0 where
	// the Pod was there from the beginning.
	shown int64
	seen  bool
	days  days
}

// NewUsage begins the usage of one workload.
func NewUsage(span Span) *Usage {
	return &Usage{
		span:   span,
		cpu:    metric{histogram: histogram{least: 0.0001}},
		memory: metric{histogram: histogram{least: mebibyte}},
		pods:   map[string]*pod{}, throttled: map[string]Throttling{},
		line: newLine(span),
	}
}

// Add takes in what was measured of one Pod, or a part of it, and keeps none of its
// slices. Times outside the span count as its ends.
func (u *Usage) Add(p PodUsage) {
	of := u.pods[p.Pod]
	if of == nil {
		of = &pod{}
		u.pods[p.Pod] = of
	}
	for _, start := range p.Starts {
		if ms := start.UnixMilli(); !slices.Contains(of.starts, ms) {
			of.starts = append(of.starts, ms)
		}
	}
	for _, r := range p.CPU {
		u.addCPU(of, u.span.within(r))
	}
	for _, r := range p.Memory {
		u.addMemory(of, u.span.within(r))
	}
	u.kills = append(u.kills, p.Kills...)
	if t := p.Throttled; t != nil && t.counts() {
		was := u.throttled[p.Pod]
		u.throttled[p.Pod] = Throttling{Share: max(was.Share, t.Share), Lasting: max(was.Lasting, t.Lasting), Limit: max(was.Limit, t.Limit)}
	}
}

func (u *Usage) addCPU(of *pod, r Reading) {
	step := u.span.Step.Milliseconds()
	if !of.seen {
		of.seen = true
		if r.Time > u.span.From.UnixMilli()+step {
			of.shown = r.Time - step
		}
	}
	if !usable(r.Value, mostCores) {
		u.unusable++
		return
	}
	if of.starting(r.Time, step) {
		u.startUp++
		u.startUpMax = max(u.startUpMax, r.Value)
		return
	}
	u.cpu.add(r, u.span)
	u.line.addCPU(r)
}

func (u *Usage) addMemory(of *pod, r Reading) {
	if !usable(r.Value, mostBytes) {
		u.unusable++
		return
	}
	u.memory.add(r, u.span)
	u.line.addMemory(r)
	of.days.add(u.span, r)
}

// MissCPU says why not all of the CPU could be read, or how far containers were held back;
// MissMemory the same of memory, or of those that were killed for want of it. What was
// needed may be more than was seen then, and confidence is low.
func (u *Usage) MissCPU(why string) { u.cpu.missing = why }

// MissMemory is of memory what MissCPU is of CPU.
func (u *Usage) MissMemory(why string) { u.memory.missing = why }

// starting tells whether a reading, which stands for the step before its time, touches
// the start-up of the container.
func (p *pod) starting(t, step int64) bool {
	within := func(start int64) bool { return t >= start && t-step < start+StartUp.Milliseconds() }
	if len(p.starts) == 0 {
		return p.shown != 0 && within(p.shown)
	}
	return slices.ContainsFunc(p.starts, within)
}

// Pods is how many Pods were seen, those that are gone among them.
func (u *Usage) Pods() int { return len(u.pods) }

// leaking counts the Pods whose memory rises day by day.
func (u *Usage) leaking() int {
	n := 0
	for _, p := range u.pods {
		if p.days.rising() {
			n++
		}
	}
	return n
}

// silence is how long before the end of the span the last reading was; 0 where there is none.
func (u *Usage) silence() time.Duration {
	if u.cpu.readings+u.memory.readings == 0 {
		return 0
	}
	return time.Duration(u.span.To.UnixMilli()-max(u.cpu.last, u.memory.last)) * time.Millisecond
}

// Kills is how often a container was ended for want of memory.
func (u *Usage) Kills() int { return len(u.kills) }

// Use are the figures of a usage that a report shows. CPU is that after the start-up of
// containers.
type Use struct {
	CPU    Figures[CPU]
	Memory Figures[Memory]
	Pods   int
}

// Figures are percentiles over all Pods, the later readings counting more, and the
// highest of all readings.
type Figures[T ~int64] struct {
	P50, P95, Max T
	// Readings is how many there are; none of the others counts where it is 0.
	Readings int
}

// Use is what a report shows of u, which may be nil.
func (u *Usage) Use() Use {
	if u == nil {
		return Use{}
	}
	return Use{
		CPU:    figures[CPU](&u.cpu, millicores),
		Memory: figures[Memory](&u.memory, wholeBytes),
		Pods:   u.Pods(),
	}
}

func figures[T ~int64](m *metric, whole func(float64) int64) Figures[T] {
	return Figures[T]{
		P50: T(whole(m.percentile(500))), P95: T(whole(m.percentile(950))), Max: T(whole(m.max)),
		Readings: m.readings,
	}
}
