// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/sizing"
)

// The frame of a plot, in units of its own, which are scaled to what room there is.
const (
	plotWidth, plotHeight  = 1280, 480
	plotLeft, plotRight    = 100, 1010
	plotTop, plotBottom    = 24, 430
	leastBetween, textFrom = 26, 1040
)

// farAbove is how many times higher than all else a present setting has to be to be
// only named: drawn, it would press the rest to the ground.
const farAbove = 2.5

// plot is the course of a usage between settings, ready to be drawn.
type plot struct {
	// Drawn tells that there is a usage; without one there is the caption alone.
	Drawn                      bool
	Label, Caption             string
	Width, Height              int
	Left, Right, Bottom, Texts int
	// Area and Course are paths: the usage filled, and its line.
	Area, Course string
	// Across are the marks of the vertical axis, Up those of the time.
	Across, Up []plotTick
	Lines      []plotLine
}

// plotTick is a mark of an axis.
type plotTick struct {
	At   int
	Text string
}

// plotLine is a setting across the plot, with its text beside it.
type plotLine struct {
	// Kind is request, soft or limit; When is now, then or stays, for both.
	Kind, When string
	// Above tells that it is above the plot, and only named.
	Above      bool
	At, TextAt int
	Text       string

	amount int64
}

// axis is what is plotted.
type axis struct {
	of    func(sizing.Point) (amount int64, seen bool)
	shown func(int64) string
	// step is the distance of marks up to an amount.
	step func(top int64) int64
}

var cpuAxis = axis{
	of:    func(p sizing.Point) (int64, bool) { return int64(p.CPU), p.CPUSeen },
	shown: func(n int64) string { return sizing.CPU(n).String() },
	step:  decimalStep,
}

var memoryAxis = axis{
	of:    func(p sizing.Point) (int64, bool) { return int64(p.Memory), p.MemorySeen },
	shown: func(n int64) string { return sizing.Memory(n).String() },
	step:  binaryStep,
}

// plotOf draws what is said of the CPU or the memory (what) of a workload.
func plotOf(what, name string, points []sizing.Point, a axis, lines []plotLine) plot {
	p := plot{
		Label: fmt.Sprintf("%s of %s over time", what, name), Caption: capital(what) + ": nothing was measured.",
		Width: plotWidth, Height: plotHeight, Left: plotLeft, Right: plotRight, Bottom: plotBottom, Texts: textFrom,
	}
	highest, seen := int64(0), false
	for _, point := range points {
		if amount, ok := a.of(point); ok {
			highest, seen = max(highest, amount), true
		}
	}
	if !seen {
		return p
	}
	p.Drawn = true
	end := endOf(points)
	p.Caption = fmt.Sprintf("%s, %s to %s UTC", capital(what), points[0].Time.Format("2 Jan 15:04"), end.Format("2 Jan 2006 15:04"))
	s := scale{from: points[0].Time, to: end, top: topOf(highest, lines)}
	p.Area, p.Course = s.paths(points, a)
	p.Across, p.Up = s.across(a), s.up()
	p.Lines = s.place(lines, a)
	return p
}

// endOf is where the last of equal pieces ends. A single one has no length that is known.
func endOf(points []sizing.Point) time.Time {
	last := points[len(points)-1].Time
	if len(points) == 1 {
		return last.Add(time.Minute)
	}
	return last.Add(points[1].Time.Sub(points[0].Time))
}

// topOf is the amount at the top of a plot.
func topOf(highest int64, lines []plotLine) int64 {
	for _, l := range lines {
		if l.When != "now" {
			highest = max(highest, l.amount)
		}
	}
	top := max(1, highest)
	for _, l := range lines {
		if float64(l.amount) <= farAbove*float64(highest) {
			top = max(top, l.amount)
		}
	}
	return top + top/20
}

// linesOf are lines for the settings of these kinds, now and as recommended; one where
// both are the same.
func linesOf(now, then sizing.Resources, of map[string]func(sizing.Resources) int64) []plotLine {
	var lines []plotLine
	for _, kind := range []string{"limit", "soft", "request"} {
		if of[kind] == nil {
			continue
		}
		was, is := of[kind](now), of[kind](then)
		if was == is && is > 0 {
			lines = append(lines, plotLine{Kind: kind, When: "stays", amount: is})
			continue
		}
		if was > 0 {
			lines = append(lines, plotLine{Kind: kind, When: "now", amount: was})
		}
		if is > 0 {
			lines = append(lines, plotLine{Kind: kind, When: "then", amount: is})
		}
	}
	return lines
}

// place puts lines at their amounts, and the texts beside them where none covers another.
func (s scale) place(lines []plotLine, a axis) []plotLine {
	slices.SortStableFunc(lines, func(l, m plotLine) int { return cmp.Compare(m.amount, l.amount) })
	for i := range lines {
		l := &lines[i]
		l.Above = l.amount > s.top
		l.At = s.y(min(l.amount, s.top))
		l.Text = strings.Join([]string{l.Kind, a.shown(l.amount), l.When}, " ")
		if l.Above {
			l.Text = "↑ " + l.Text
		}
		l.TextAt = l.At
		if i > 0 {
			l.TextAt = max(l.TextAt, lines[i-1].TextAt+leastBetween)
		}
	}
	lowest := plotBottom
	for i := len(lines) - 1; i >= 0; i-- {
		lines[i].TextAt = min(lines[i].TextAt, lowest)
		lowest = lines[i].TextAt - leastBetween
	}
	return lines
}

// capital begins a caption.
func capital(text string) string { return strings.ToUpper(text[:1]) + text[1:] }
