// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package report

import (
	"fmt"
	"io"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
)

// none stands in a column that has nothing to say, where columns are counted.
const none = "<none>"

// Table writes the results as a table: on a terminal what many objects share
// once, in a pipe one line a result; or, where Options.Show says so, the apps. The
// tally follows.
func Table(w io.Writer, r *Report, o Options) error {
	switch {
	case o.Show == ShowApps:
		return write(w, r, o, appTable(r, o))
	case o.piped():
		return write(w, r, o, lineTable(shown(r, o), o))
	default:
		return write(w, r, o, sectionTable(r, o))
	}
}

// lineTable has one line a result, which says everything by itself, so that it
// can be cut out with grep.
func lineTable(results []Result, o Options) *grid {
	g := &grid{header: []string{"SEVERITY", "NAMESPACE", "OBJECT", "GUIDELINE", "MESSAGE"}}
	if o.Show == ShowAll {
		g.header = append([]string{"OUTCOME"}, g.header...)
	}
	for _, result := range results {
		g.add(row{cells: append(leading(result, o), filled(text(result)))})
	}
	return g
}

// leading are the cells that each line about a result begins with.
func leading(result Result, o Options) []string {
	cells := []string{
		severity(result, o),
		filled(result.Object.Namespace),
		escape(reference(result.Object)),
		filled(result.Guideline),
	}
	if o.Show == ShowAll {
		cells = append([]string{filled(string(result.Outcome))}, cells...)
	}
	return cells
}

// severity is the severity of a result that is not a good one. A guideline that
// is kept, or does not apply, is not bad to any degree.
func severity(result Result, o Options) string {
	switch result.Outcome {
	case guideline.Failed:
		return painter(o.Color).severity(result.Severity)
	case guideline.Unjudged, guideline.Ignored:
		return filled(result.Severity.String())
	default:
		return none
	}
}

// filled is text ready for a cell of a table whose columns are counted.
func filled(text string) string {
	if text == "" {
		return none
	}
	return escape(text)
}

// leastText is how wide the text of a finding is at least beside the name of its
// guideline; on a narrower terminal it stands below.
const leastText = 40

// sectionTable is for reading from the top: the errors first, each guideline once
// in its section, and once what many objects share.
func sectionTable(r *Report, o Options) *grid {
	n, p := newNames(r), painter(o.Color)
	g := &grid{hang: "  "}
	for i, s := range sections(shown(r, o), n) {
		title := []string{s.title(p)}
		if i > 0 {
			title = append([]string{""}, title...)
		}
		if i > 0 && s.informs() && o.Show != ShowAll {
			g.add(row{before: title, cells: []string{"", s.inBrief()}})
			continue
		}
		for _, part := range s.parts {
			name := escape(part.guideline)
			for _, text := range part.texts(n, p) {
				g.add(row{before: title, cells: []string{name, text}})
				name, title = "", nil
			}
		}
	}
	if len(g.rows) > 0 && o.Width-g.width(1)-len(gap) < leastText {
		return stack(g)
	}
	return g
}

// texts are what a part says: who, then what.
func (part part) texts(n names, p painter) []string {
	var all []string
	for _, e := range part.entries {
		all = append(all, p.words(bold, escape(n.who(e.objects))+":")+" "+escape(e.text))
	}
	if part.more > 0 {
		all = append(all, fmt.Sprintf("and %d more on %s: -o wide has them all", part.more, number(part.moreObjects, "object", "objects")))
	}
	return all
}

// stack is the same with the name of each guideline on a line of its own.
func stack(g *grid) *grid {
	stacked := &grid{hang: g.hang}
	for _, r := range g.rows {
		lines := r.before
		if r.cells[0] != "" {
			lines = append(lines, r.cells[0])
		}
		stacked.add(row{before: lines, cells: []string{"", r.cells[1]}})
	}
	return stacked
}
