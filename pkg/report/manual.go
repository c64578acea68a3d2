// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package report

import (
	"io"
	"regexp"
	"slices"
	"strings"
)

// Manual writes a document of this project for a terminal: headings, paragraphs,
// lists and tables, which is all that there is.
func Manual(w io.Writer, text string, o Options) error {
	p := painter(o.Color)
	var lines []string
	for _, block := range strings.Split(strings.TrimSpace(text), "\n\n") {
		if len(lines) > 0 {
			lines = append(lines, "")
		}
		made, err := p.block(strings.Split(block, "\n"), o)
		if err != nil {
			return err
		}
		lines = append(lines, made...)
	}
	return writeLines(w, lines)
}

// block is what stands between two empty lines.
func (p painter) block(source []string, o Options) ([]string, error) {
	switch first := source[0]; {
	case strings.HasPrefix(first, "#"):
		return []string{p.paint(bold, strings.ToUpper(strings.TrimLeft(first, "# ")))}, nil
	case strings.HasPrefix(first, "|"):
		return tableOf(source).lines(o.Width)
	case strings.HasPrefix(first, "- "):
		var lines []string
		for _, item := range strings.Split("\n"+strings.Join(source, "\n"), "\n- ")[1:] {
			lines = append(lines, hang("  - ", spoken(item), o.Width)...)
		}
		return lines, nil
	case numbered.MatchString(first):
		return numberedLines(source, o.Width), nil
	default:
		return hang("", spoken(strings.Join(source, " ")), o.Width), nil
	}
}

// numbered is the number that begins an item of a list.
var numbered = regexp.MustCompile(`^\d+\. `)

// numberedLines are the items of a list that is counted, each below the one before.
func numberedLines(source []string, width int) []string {
	var lines []string
	for len(source) > 0 {
		end := 1
		for end < len(source) && !numbered.MatchString(source[end]) {
			end++
		}
		number := numbered.FindString(source[0])
		item := strings.TrimPrefix(strings.Join(source[:end], " "), number)
		lines = append(lines, hang("  "+number, spoken(item), width)...)
		source = source[end:]
	}
	return lines
}

// documentTable is a table of a document.
type documentTable struct {
	// names are those of the columns, header the same as a table has it.
	names, header []string
	rows          [][]string
}

// tableOf reads a table of Markdown; a header without words is none.
func tableOf(source []string) documentTable {
	var t documentTable
	for i, line := range source {
		if i == 1 { // the rule below the header
			continue
		}
		cells := strings.Split(strings.Trim(line, "|"), "|")
		for k := range cells {
			cells[k] = strings.TrimSpace(spoken(cells[k]))
		}
		switch {
		case i > 0:
			t.rows = append(t.rows, cells)
		case strings.Join(cells, "") != "":
			t.names = cells
			for _, name := range cells {
				t.header = append(t.header, strings.ToUpper(name))
			}
		}
	}
	return t
}

// lines lays the table out. Where it is too wide, its widest columns go below their
// rows, or the last one is wrapped if it is the only one.
func (t documentTable) lines(width int) ([]string, error) {
	g := grid{header: t.header}
	for _, cells := range t.rows {
		g.add(row{cells: cells})
	}
	kept := t.fitting(width)
	last := len(t.rows[0]) - 1
	switch {
	case len(kept) > last:
		return g.lines(0)
	case len(kept) == last && kept[last-1] == last-1 && g.width(last)+len(gap)+leastLast <= width:
		return g.lines(width)
	}
	parted := grid{header: pick(t.header, kept)}
	for _, cells := range t.rows {
		r := row{cells: pick(cells, kept)}
		for k, cell := range cells {
			if slices.Contains(kept, k) || cell == "" {
				continue
			}
			if t.names != nil {
				cell = t.names[k] + ": " + cell
			}
			r.after = append(r.after, hang(indent, cell, width)...)
		}
		parted.add(r)
	}
	return parted.lines(0)
}

// fitting are the columns that fit side by side: all but the widest. The first always is.
func (t documentTable) fitting(width int) []int {
	kept := make([]int, len(t.rows[0]))
	for k := range kept {
		kept[k] = k
	}
	for width > 0 && len(kept) > 1 {
		g := grid{header: pick(t.header, kept)}
		for _, cells := range t.rows {
			g.add(row{cells: pick(cells, kept)})
		}
		if g.width(len(kept)) <= width {
			break
		}
		widest := 1
		for k := 1; k < len(kept); k++ {
			if t.width(kept[k]) > t.width(kept[widest]) {
				widest = k
			}
		}
		kept = slices.Delete(kept, widest, widest+1)
	}
	return kept
}

// width is that of a column.
func (t documentTable) width(k int) int {
	widest := 0
	if t.header != nil {
		widest = columns(t.header[k])
	}
	for _, cells := range t.rows {
		widest = max(widest, columns(cells[k]))
	}
	return widest
}

// pick are some of the cells; none of none.
func pick(cells []string, which []int) []string {
	var picked []string
	for _, k := range which {
		if k < len(cells) {
			picked = append(picked, cells[k])
		}
	}
	return picked
}

// webLink is a link to the web, fileLink one to another file of the project.
var (
	webLink  = regexp.MustCompile(`\[([^\]]+)\]\((https?://[^)]+)\)`)
	fileLink = regexp.MustCompile(`\[([^\]]+)\]\([^)]+\)`)
	emphasis = regexp.MustCompile(`\*+([^*]+)\*+`)
)

// spoken is text without the marks of Markdown.
func spoken(text string) string {
	text = webLink.ReplaceAllString(text, "$1 ($2)")
	text = fileLink.ReplaceAllString(text, "$1")
	text = emphasis.ReplaceAllString(text, "$1")
	return strings.Join(strings.Fields(strings.ReplaceAll(text, "`", "")), " ")
}
