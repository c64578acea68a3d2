// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package report

import (
	"bytes"
	"io"
	"strings"

	"github.com/olekukonko/tablewriter"
	"github.com/olekukonko/tablewriter/pkg/twwidth"
	"github.com/olekukonko/tablewriter/renderer"
	"github.com/olekukonko/tablewriter/tw"
)

// gap is what stands between two columns, as in kubectl's tables.
const gap = "   "

// leastLast is what the last column gets at least, however narrow the terminal.
const leastLast = 24

// grid is a table that reads like kubectl's, and the only place that knows
// tablewriter. Its cells are ready to print: escaped, and coloured if at all.
type grid struct {
	// header may be missing.
	header []string
	rows   []row
	// hang stands before the second and later lines of a cell that is wrapped.
	hang string
}

// row is one row of a grid.
type row struct {
	cells []string
	// before and after are lines of their own that have no part in the columns.
	before, after []string
}

func (g *grid) add(r row) { g.rows = append(g.rows, r) }

// lines lays the grid out. A width wraps the last column to what the others
// leave; 0 wraps nothing. An empty grid has no lines, not even a header.
func (g *grid) lines(width int) ([]string, error) {
	if len(g.rows) == 0 {
		return nil, nil
	}
	if width > 0 {
		g.wrapLast(width)
	}
	var out trimmed
	table := newTable(&out)
	// Where the lines between the rows go, by the table's own lines.
	between := map[int][]string{}
	at := 0
	if g.header != nil {
		table.Header(g.header)
		at = 1
	}
	for _, r := range g.rows {
		between[at] = append(between[at], r.before...)
		at += height(r.cells)
		between[at] = append(between[at], r.after...)
		if err := table.Append(r.cells); err != nil {
			return nil, err
		}
	}
	if err := table.Render(); err != nil {
		return nil, err
	}
	lines := make([]string, 0, len(out.lines))
	for i, line := range out.lines {
		lines = append(lines, between[i]...)
		lines = append(lines, line)
	}
	return append(lines, between[len(out.lines)]...), nil
}

// trimmed takes the lines of a table without the blanks at their ends, up to which the
// table fills its last column.
type trimmed struct {
	lines []string
	// begun is a line that has no end yet.
	begun []byte
}

func (t *trimmed) Write(text []byte) (int, error) {
	for line := range bytes.Lines(text) {
		t.begun = append(t.begun, line...)
		if whole, ends := bytes.CutSuffix(t.begun, []byte("\n")); ends {
			t.lines = append(t.lines, string(bytes.TrimRight(whole, " ")))
			t.begun = t.begun[:0]
		}
	}
	return len(text), nil
}

// newTable is a tablewriter without boxes, lines, and everything else that would
// change a cell. Its Colorized renderer is not used: it asks the process'
// standard output whether to colour.
func newTable(out io.Writer) *tablewriter.Table {
	cells := tw.CellConfig{
		Formatting: tw.CellFormatting{AutoWrap: tw.WrapNone, AutoFormat: tw.Off},
		Alignment:  tw.CellAlignment{Global: tw.AlignLeft},
		Padding:    tw.CellPadding{Global: tw.PaddingNone},
	}
	separators := tw.SeparatorsNone
	separators.BetweenColumns = tw.On
	return tablewriter.NewTable(out,
		tablewriter.WithConfig(tablewriter.Config{
			Header:   cells,
			Row:      cells,
			Behavior: tw.Behavior{TrimSpace: tw.Off, TrimTab: tw.Off},
		}),
		// Otherwise it takes widths from the locale in the environment.
		tablewriter.WithEastAsian(tw.Off),
		tablewriter.WithRenderer(renderer.NewBlueprint(tw.Rendition{
			Borders:  tw.BorderNone,
			Symbols:  tw.NewSymbolCustom("blank").WithColumn(gap),
			Settings: tw.Settings{Separators: separators, Lines: tw.LinesNone},
		})))
}

// wrapLast wraps the cells of the last column to what the others leave of width.
func (g *grid) wrapLast(width int) {
	last := len(g.rows[0].cells) - 1
	left := max(width-g.width(last)-len(gap), leastLast)
	for _, r := range g.rows {
		lines := wrap(r.cells[last], left-columns(g.hang))
		r.cells[last] = strings.Join(lines, "\n"+g.hang)
	}
}

// width is that of the first n columns.
func (g *grid) width(n int) int {
	total := len(gap) * (n - 1)
	for i := range n {
		widest := 0
		if g.header != nil {
			widest = columns(g.header[i])
		}
		for _, r := range g.rows {
			widest = max(widest, columns(r.cells[i]))
		}
		total += widest
	}
	return total
}

// height is how many lines the tallest of the cells takes.
func height(cells []string) int {
	lines := 1
	for _, cell := range cells {
		lines = max(lines, 1+strings.Count(cell, "\n"))
	}
	return lines
}

// columns is how many columns of a terminal the text takes.
func columns(text string) int { return twwidth.WidthWithOptions(text, twwidth.Options{}) }
