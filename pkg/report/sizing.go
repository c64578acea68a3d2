// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package report

import (
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/sizing"
)

// Sizing is what sidecars, or services of the control plane, should request, as it is shown.
type Sizing struct {
	// Source says in words what was measured, by whom and for how long; it is the first
	// line of a table. Warnings are what the source said itself.
	Source   string
	Warnings []string
	// Scope is what the totals are of, in words: "namespace shop".
	Scope string
	// MinChange is the share below which a difference is no change.
	MinChange float64
	// Services tells that the rows are services of a control plane, each beside the
	// guidelines' number for it.
	Services bool
	Rows     []SizingRow
}

// SizingRow is one workload.
type SizingRow struct {
	sizing.Recommendation
	// Start is the guidelines' number for a service of the control plane, or ours.
	Start sizing.Resources
	// Notes are what is said beside the numbers: of autoscalers, and of the app.
	Notes []string
}

// SizingTable writes a line a workload, or three where the terminal is too narrow for
// one, and what all of them request now and then.
func SizingTable(w io.Writer, s *Sizing, o Options) error {
	g := sizingGrid(s)
	if !o.piped() && len(g.rows) > 0 && g.width(len(g.header)-1)+len(gap)+leastLast > o.Width {
		g = sizingStack(s, o)
	}
	return writeSizing(w, s, o, g)
}

// SizingWide writes the same with the reasons in words, whatever the width of the terminal.
func SizingWide(w io.Writer, s *Sizing, o Options) error {
	o.Width = 0
	g := sizingGrid(s)
	g.header = append(g.header, "REASONS")
	for i := range g.rows {
		said := append(append([]string{}, s.Rows[i].Reasons...), s.Rows[i].Notes...)
		g.rows[i].cells = append(g.rows[i].cells, filled(strings.Join(said, "; ")))
	}
	return writeSizing(w, s, o, g)
}

// writeSizing writes the source, the table, the totals and what to do next.
func writeSizing(w io.Writer, s *Sizing, o Options, g *grid) error {
	table, err := g.lines(o.Width)
	if err != nil {
		return err
	}
	lines := hang("", escape(s.Source), o.Width)
	for _, warning := range s.Warnings {
		lines = append(lines, hang("! ", escape(warning), o.Width)...)
	}
	if len(table) > 0 {
		lines = append(append(append(lines, ""), table...), "")
	}
	for _, sentence := range s.totalWords() {
		lines = append(lines, hang("", sentence, o.Width)...)
	}
	for sentence := range strings.Lines(o.Next) {
		lines = append(lines, hang("", strings.TrimSuffix(sentence, "\n"), o.Width)...)
	}
	return writeLines(w, lines)
}

// sizingGrid has requests and limits as Kubernetes writes them, "100m/300m"; "-" is none.
func sizingGrid(s *Sizing) *grid {
	if s.Services {
		return servicesGrid(s)
	}
	g := &grid{header: []string{
		"NAMESPACE", "OBJECT", "PODS", "CPU", "USED P50/P95/MAX", "THEN",
		"MEMORY", "USED P50/P95/MAX", "THEN", "GOMEMLIMIT", "CONFIDENCE", "CHANGE",
	}, hang: "  "}
	for i := range s.Rows {
		r := &s.Rows[i]
		now, then, use := r.Workload.Current, r.Resources, r.Use
		g.add(row{cells: []string{
			filled(r.Workload.Object.Namespace), escape(reference(r.Workload.Object)), strconv.Itoa(int(r.Workload.Pods)),
			settingPair(now, sizing.CPURequest), used(use.CPU, sizing.CPU.String), settingPair(then, sizing.CPURequest),
			settingPair(now, sizing.MemoryRequest), used(use.Memory, sizing.Memory.Rounded), settingPair(then, sizing.MemoryRequest),
			filled(then.GoMemoryLimit()), r.confidence(), r.change(s.MinChange),
		}})
	}
	return g
}

// sizingStack is a workload on a line of its own, then its CPU and its memory.
func sizingStack(s *Sizing, o Options) *grid {
	if s.Services {
		return servicesStack(s, o)
	}
	g := &grid{header: []string{"", "REQUEST/LIMIT", "USED P50/P95/MAX", "THEN", "GOMEMLIMIT"}}
	for i := range s.Rows {
		r := &s.Rows[i]
		now, then, use := r.Workload.Current, r.Resources, r.Use
		title := fmt.Sprintf("%s: %s, confidence %s; %s", escape(place(r.Workload.Object)),
			number(int(r.Workload.Pods), "Pod", "Pods"), r.confidence(), r.effect(s.MinChange))
		g.add(row{
			before: hang("", title, o.Width),
			cells:  []string{"  CPU", settingPair(now, sizing.CPURequest), used(use.CPU, sizing.CPU.String), settingPair(then, sizing.CPURequest), ""},
		})
		g.add(row{cells: []string{
			"  memory", settingPair(now, sizing.MemoryRequest), used(use.Memory, sizing.Memory.Rounded),
			settingPair(then, sizing.MemoryRequest), filled(then.GoMemoryLimit()),
		}})
	}
	return g
}

// confidence is how sure the numbers are, and whether they are this tool's own.
func (r *SizingRow) confidence() string {
	if r.Ours {
		return r.Confidence.String() + " (ours)"
	}
	return r.Confidence.String()
}

// settingPair is a request and its limit.
func settingPair(r sizing.Resources, request sizing.Setting) string {
	limit := request + 1
	if r.Of(request) == 0 && r.Of(limit) == 0 {
		return none
	}
	return orNone(r, request) + "/" + orNone(r, limit)
}

func orNone(r sizing.Resources, s sizing.Setting) string {
	if r.Of(s) == 0 {
		return "-"
	}
	return s.Shown(r.Of(s))
}

func used[T ~int64](f sizing.Figures[T], shown func(T) string) string {
	if f.Readings == 0 {
		return none
	}
	return shown(f.P50) + "/" + shown(f.P95) + "/" + shown(f.Max)
}

// effect is change in a sentence.
func (r *SizingRow) effect(least float64) string {
	switch change := r.change(least); {
	case r.Withheld != "":
		return change
	case !r.Changes(least):
		return "no change"
	case r.Workload.Pods == 0:
		return "no Pods are wanted now"
	default:
		return change
	}
}

// change is what the recommendation adds to the requests of all Pods, in words.
func (r *SizingRow) change(least float64) string {
	if r.Withheld != "" {
		return escape("withheld: " + r.Withheld)
	}
	if !r.Changes(least) {
		return "none"
	}
	cpu, memory := r.Delta()
	switch {
	case r.Workload.Pods == 0:
		return "no Pods"
	case cpu == 0 && memory == 0:
		return "requests stay"
	}
	return fmt.Sprintf("%s CPU, %s memory", signed(cpu > 0, cpu.String()), signed(memory > 0, memory.String()))
}

func signed(more bool, shown string) string {
	if more {
		return "+" + shown
	}
	return shown
}

// totals are those of all rows.
func (s *Sizing) totals() sizing.Totals {
	all := make([]sizing.Recommendation, 0, len(s.Rows))
	for i := range s.Rows {
		all = append(all, s.Rows[i].Recommendation)
	}
	return sizing.Total(all, s.MinChange)
}

// totalWords say what is requested now and then, in cores and GiB.
func (s *Sizing) totalWords() []string {
	t := s.totals()
	if t.Workloads == 0 {
		return nil
	}
	words := []string{fmt.Sprintf("%s of %s in %s: requests of %s cores and %s GiB now, %s cores and %s GiB then.",
		number(t.Pods, "Pod", "Pods"), number(t.Workloads, "workload", "workloads"), escape(s.Scope),
		cores(t.CPUNow), gibibytes(t.MemoryNow), cores(t.CPUThen), gibibytes(t.MemoryThen))}
	if t.WithoutRequest > 0 {
		words = append(words, fmt.Sprintf("%s without a request of CPU or of memory now: what these use is set aside by nobody.",
			number(t.WithoutRequest, "Pod is", "Pods are")))
	}
	return words
}

func cores(c sizing.CPU) string { return strconv.FormatFloat(float64(c)/1000, 'f', 2, 64) }

func gibibytes(m sizing.Memory) string {
	return strconv.FormatFloat(float64(m)/(1<<30), 'f', 2, 64)
}
