// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package edit

import (
	"bytes"
	"strings"
)

// addLines writes entries into a mapping that is written line by line: behind the last
// key of the same prefix, such as "dapr.io/", else behind the last one.
func (w *writer) addLines(n *node, all []*entry) error {
	after := n.pairs[len(n.pairs)-1]
	if prefix, _, found := strings.Cut(all[0].key, "/"); found {
		for _, p := range n.pairs {
			if strings.HasPrefix(p.key.value, prefix+"/") {
				after = p
			}
		}
	}
	column := columnOf(w.text, after.key.begin)
	end := endOfLine(w.text, after.value.end, len(w.text))
	if !blankOrComment(w.text[after.value.end:end]) {
		return errUnproven
	}
	if after.value.kind != scalar && !after.value.flow {
		end = w.ownComments(end, column)
	}
	step, dash, gap := w.step, w.dash, w.gap
	for _, p := range n.pairs {
		switch v := p.value; {
		case v.flow:
		case v.kind == mapping && len(v.pairs) > 0:
			if wide := columnOf(w.text, v.pairs[0].key.begin) - column; wide > 0 {
				w.step = wide
			}
		case v.kind == sequence:
			w.dashes(column, v)
		}
	}
	w.insertLines(end, w.lines(all, column, habitsOf(n)))
	w.step, w.dash, w.gap = step, dash, gap
	return nil
}

// ownComments is the end of the comments that follow a line and are indented more than
// a column: they belong to what stands there.
func (w *writer) ownComments(end, column int) int {
	for next := nextLine(w.text, end); next < len(w.text); next = nextLine(w.text, next) {
		last := endOfLine(w.text, next, len(w.text))
		text := bytes.TrimLeft(w.text[next:last], " ")
		if len(text) == 0 || text[0] != '#' || last-next-len(text) <= column {
			return end
		}
		end = last
	}
	return end
}

func blankOrComment(rest []byte) bool {
	trimmed := bytes.TrimLeft(rest, " \t")
	return len(trimmed) == 0 || trimmed[0] == '#' && len(trimmed) < len(rest)
}

// lines are entries as lines of a mapping at a column.
func (w *writer) lines(all []*entry, column int, h habits) []string {
	var lines []string
	for _, e := range all {
		line := strings.Repeat(" ", column) + h.key(e.key) + ":"
		if e.below == nil {
			line += " " + h.value(e.value)
			if e.comment != "" {
				line += " # " + e.comment
			}
			lines = append(lines, line)
			continue
		}
		lines = append(append(lines, line), w.below(e.below, column, h)...)
	}
	return lines
}

// below are entries as the lines below a key at a column.
func (w *writer) below(all []*entry, column int, h habits) []string {
	if inList(all) {
		return w.items(all, column+w.dash, h)
	}
	return w.lines(all, column+w.step, h)
}

// insertLines inserts lines behind the line that ends at a position.
func (w *writer) insertLines(end int, lines []string) {
	br := w.lineBreak(end)
	w.splices = append(w.splices, splice{end, end, br + strings.Join(lines, br)})
}

// lineBreak is what ends the line at a position, or the first one of the text where
// that is the last.
func (w *writer) lineBreak(end int) string {
	for _, at := range []int{end, endOfLine(w.text, 0, len(w.text))} {
		switch rest := w.text[at:]; {
		case bytes.HasPrefix(rest, []byte("\r\n")):
			return "\r\n"
		case len(rest) > 0:
			return string(rest[:1])
		}
	}
	return "\n"
}
