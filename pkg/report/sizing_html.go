// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/sizing"
)

// sizingView is what a page of recommendations shows.
type sizingView struct {
	// Services are of a control plane, and have no GOMEMLIMIT.
	Services                               bool
	Source                                 string
	Warnings, Totals                       []string
	CPUNow, CPUThen, MemoryNow, MemoryThen string
	Rows                                   []sizingCard
}

// sizingCard is one workload.
type sizingCard struct {
	ID, Name, PodWords string
	// Path is the name in the parts between which a line may break.
	Path               []string
	Pods               int32
	CPU, Memory        sizingMeasure
	SoftNow, SoftThen  string
	Confidence, Change string
	Withheld           string
	Reasons            []string
}

// sizingMeasure is what is said of CPU, or of memory.
type sizingMeasure struct {
	Now, Use, Then string
	Plot           plot
}

// SizingHTML writes a page with all numbers, their reasons and a plot of the usage of
// each workload. It needs nothing beside itself.
func SizingHTML(w io.Writer, s *Sizing) error {
	t := s.totals()
	v := sizingView{
		Services: s.Services, Source: escape(s.Source), Warnings: printables(s.Warnings), Totals: s.totalWords(),
		CPUNow: cores(t.CPUNow), CPUThen: cores(t.CPUThen), MemoryNow: gibibytes(t.MemoryNow), MemoryThen: gibibytes(t.MemoryThen),
	}
	for i := range s.Rows {
		v.Rows = append(v.Rows, s.Rows[i].card(fmt.Sprintf("workload-%d", i+1), s.MinChange))
	}
	title := "Sizes of sidecars: " + s.Scope
	if s.Services {
		title = "Sizes of " + s.Scope
	}
	return writeHTML(w, escape(title), "sizing.html", "", v)
}

func (r *SizingRow) card(id string, least float64) sizingCard {
	now, then := r.Workload.Current, r.Resources
	c := sizingCard{
		ID: id, Name: escape(place(r.Workload.Object)), Pods: r.Workload.Pods,
		PodWords:   number(int(r.Workload.Pods), "Pod", "Pods"),
		CPU:        measureOf(settingPair(now, sizing.CPURequest), used(r.Use.CPU, sizing.CPU.String), settingPair(then, sizing.CPURequest)),
		Memory:     measureOf(settingPair(now, sizing.MemoryRequest), used(r.Use.Memory, sizing.Memory.Rounded), settingPair(then, sizing.MemoryRequest)),
		SoftNow:    dashed(filled(now.GoMemoryLimit())),
		SoftThen:   dashed(filled(then.GoMemoryLimit())),
		Confidence: r.confidence(), Change: r.change(least), Withheld: escape(r.Withheld),
		Reasons: append(printables(r.Reasons), printables(r.Notes)...),
	}
	o := r.Workload.Object
	c.Path = printables([]string{o.Namespace, strings.ToLower(o.Kind), o.Name})
	var points []sizing.Point
	if r.Workload.Usage != nil {
		points = r.Workload.Usage.Points()
	}
	c.CPU.Plot = plotOf("CPU", c.Name, points, cpuAxis, linesOf(now, then, cpuSettings))
	c.Memory.Plot = plotOf("memory", c.Name, points, memoryAxis, linesOf(now, then, memorySettings))
	return c
}

func measureOf(now, use, then string) sizingMeasure {
	return sizingMeasure{Now: dashed(now), Use: dashed(use), Then: dashed(then)}
}

// dashed is a cell as a page has it, whose cells need no word to be seen empty.
func dashed(cell string) string {
	if cell == none {
		return "–"
	}
	return cell
}

// The settings that a plot shows, by the kinds of its lines.
var (
	cpuSettings = map[string]func(sizing.Resources) int64{
		"limit":   func(r sizing.Resources) int64 { return int64(r.CPULimit) },
		"request": func(r sizing.Resources) int64 { return int64(r.CPURequest) },
	}
	memorySettings = map[string]func(sizing.Resources) int64{
		"limit":   func(r sizing.Resources) int64 { return int64(r.MemoryLimit) },
		"soft":    func(r sizing.Resources) int64 { return int64(r.SoftLimit) },
		"request": func(r sizing.Resources) int64 { return int64(r.MemoryRequest) },
	}
)
