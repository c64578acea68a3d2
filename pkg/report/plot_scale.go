// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package report

import (
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/sizing"
)

// scale turns times and amounts into the units of a plot.
type scale struct {
	from, to time.Time
	top      int64
}

func (s scale) x(t time.Time) int {
	share := float64(t.Sub(s.from)) / float64(s.to.Sub(s.from))
	return plotLeft + int(math.Round(share*(plotRight-plotLeft)))
}

func (s scale) y(amount int64) int {
	return plotBottom - int(math.Round(float64(amount)/float64(s.top)*(plotBottom-plotTop)))
}

// paths are the area below a usage, and its line: a step for each piece of time, and
// nothing where there is a gap.
func (s scale) paths(points []sizing.Point, a axis) (area, course string) {
	var areas, courses strings.Builder
	for i := 0; i < len(points); i++ {
		amount, seen := a.of(points[i])
		if !seen {
			continue
		}
		from, at := s.x(points[i].Time), s.y(amount)
		var steps strings.Builder
		x, y := from, at
		for ; i < len(points); i++ {
			amount, seen := a.of(points[i])
			if !seen {
				break
			}
			if level := s.y(amount); level != y {
				steps.WriteString(drawn('h', s.x(points[i].Time)-x) + drawn('v', level-y))
				x, y = s.x(points[i].Time), level
			}
		}
		steps.WriteString(drawn('h', s.x(s.endOf(points, i-1))-x))
		courses.WriteString(drawn('M', from) + drawn(' ', at) + steps.String())
		areas.WriteString(drawn('M', from) + drawn(' ', plotBottom) + drawn('V', at) + steps.String() + drawn('V', plotBottom) + "Z")
	}
	return areas.String(), courses.String()
}

// endOf is where a piece of time ends.
func (s scale) endOf(points []sizing.Point, i int) time.Time {
	if i+1 < len(points) {
		return points[i+1].Time
	}
	return s.to
}

// drawn is a command of a path.
func drawn(command byte, n int) string { return string(command) + strconv.Itoa(n) }

// mostTicks is how many marks an axis has at most, beside its zero.
const mostTicks = 7

// across are the marks of the vertical axis.
func (s scale) across(a axis) []plotTick {
	var ticks []plotTick
	step := a.step(s.top / mostTicks)
	for amount := int64(0); amount <= s.top; amount += step {
		text := "0"
		if amount > 0 {
			text = a.shown(amount)
		}
		ticks = append(ticks, plotTick{At: s.y(amount), Text: text})
	}
	return ticks
}

// decimalStep is the least of 1, 2, 5, 10, 20 and so on that is above an amount.
func decimalStep(above int64) int64 {
	for step := int64(1); ; step *= 10 {
		for _, times := range []int64{1, 2, 5} {
			if times*step > above {
				return times * step
			}
		}
	}
}

// binaryStep is the least power of two that is above an amount, and at least 1Mi.
func binaryStep(above int64) int64 {
	step := int64(1 << 20)
	for step <= above {
		step *= 2
	}
	return step
}

// spans are how far the marks of the time may be apart, with how they read.
var spans = []struct {
	step   time.Duration
	layout string
}{
	{time.Second, "15:04:05"},
	{5 * time.Second, "15:04:05"},
	{15 * time.Second, "15:04:05"},
	{30 * time.Second, "15:04:05"},
	{time.Minute, "15:04"},
	{5 * time.Minute, "15:04"},
	{15 * time.Minute, "15:04"},
	{time.Hour, "15:04"},
	{3 * time.Hour, "15:04"},
	{6 * time.Hour, "2 Jan 15:04"},
	{12 * time.Hour, "2 Jan 15:04"},
	{24 * time.Hour, "2 Jan"},
	{48 * time.Hour, "2 Jan"},
	{7 * 24 * time.Hour, "2 Jan"},
	{28 * 24 * time.Hour, "2 Jan 2006"},
}

// up are the marks of the time.
func (s scale) up() []plotTick {
	length := s.to.Sub(s.from)
	chosen := spans[len(spans)-1]
	for _, one := range spans {
		if length/one.step <= mostTicks {
			chosen = one
			break
		}
	}
	step := max(chosen.step, length/mostTicks)
	var ticks []plotTick
	for at := s.from.Truncate(step); !at.After(s.to); at = at.Add(step) {
		if !at.Before(s.from) {
			ticks = append(ticks, plotTick{At: s.x(at), Text: at.Format(chosen.layout)})
		}
	}
	return ticks
}
