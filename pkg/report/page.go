// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package report

import (
	"io"
	"strings"
)

// write prints a table on its page: on a terminal below what was judged, and
// always above the tally.
func write(w io.Writer, r *Report, o Options, g *grid) error {
	table, err := g.lines(o.Width)
	if err != nil {
		return err
	}
	var lines []string
	if !o.piped() {
		for _, sentence := range heading(r) {
			lines = append(lines, hang("", sentence, o.Width)...)
		}
		lines = append(lines, "")
	}
	if len(table) > 0 {
		lines = append(append(lines, table...), "")
	}
	lines = append(lines, tally(r, o)...)
	return writeLines(w, lines)
}

// writeLines writes all lines at once, so that a reader who goes away in between
// is one error.
func writeLines(w io.Writer, lines []string) error {
	if len(lines) == 0 {
		return nil
	}
	_, err := io.WriteString(w, strings.Join(lines, "\n")+"\n")
	return err
}
