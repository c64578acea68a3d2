// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package sizing

import "time"

// mostPoints is how many points of a plot are kept of a workload: one an hour, of 14 days.
const mostPoints = 336

// line is the course of a usage.
type line struct {
	from, width int64
	points      []point
}

// point is a Point in little room: thousandths of a core and bytes, and one more, so
// that 0 is a gap.
type point struct{ cpu, memory int64 }

// Point is the highest usage of any one Pod in a piece of the time.
type Point struct {
	// Time is where the piece begins.
	Time time.Time
	// CPU is that after the start-up of containers. CPUSeen and MemorySeen tell
	// whether there was a reading at all.
	CPU                 CPU
	Memory              Memory
	CPUSeen, MemorySeen bool
}

func newLine(span Span) line {
	length := max(0, span.To.Sub(span.From).Milliseconds())
	width := max(1, span.Step.Milliseconds(), (length+mostPoints-1)/mostPoints)
	return line{from: span.From.UnixMilli(), width: width, points: make([]point, length/width+1)}
}

func (l *line) at(t int64) *point {
	return &l.points[(t-l.from)/l.width]
}

func (l *line) addCPU(r Reading) {
	p := l.at(r.Time)
	p.cpu = max(p.cpu, millicores(r.Value)+1)
}

func (l *line) addMemory(r Reading) {
	p := l.at(r.Time)
	p.memory = max(p.memory, wholeBytes(r.Value)+1)
}

// Points is the course of the usage, in equal pieces of time; gaps are among them.
func (u *Usage) Points() []Point {
	points := make([]Point, len(u.line.points))
	for i, p := range u.line.points {
		points[i] = Point{
			Time: time.UnixMilli(u.line.from + int64(i)*u.line.width).UTC(),
			CPU:  CPU(max(0, p.cpu-1)), CPUSeen: p.cpu > 0,
			Memory: Memory(max(0, p.memory-1)), MemorySeen: p.memory > 0,
		}
	}
	return points
}
