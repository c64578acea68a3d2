// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package report

import (
	"io"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
)

// none stands in a column that has nothing to say, where columns are counted.
const none = "<none>"

// Table writes the results as a table: on a terminal object by object, in a pipe
// one line a result; or, where Options.Show says so, the apps. The tally follows.
func Table(w io.Writer, r *Report, o Options) error {
	switch {
	case o.Show == ShowApps:
		return write(w, r, o, appTable(r, o))
	case o.piped():
		return write(w, r, o, lineTable(shown(r, o), o))
	default:
		return write(w, r, o, objectTable(shown(r, o), o))
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
		g.add(row{cells: append(leading(result, o), filled(result.Message))})
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

// objectTable is for reading from the top: the object that most wants it first,
// named once, above its results.
func objectTable(results []Result, o Options) *grid {
	first := "SEVERITY"
	if o.Show == ShowAll {
		first = "RESULT"
	}
	g := &grid{header: []string{first, "GUIDELINE", "MESSAGE"}}
	for i, group := range byObject(results) {
		title := []string{painter(o.Color).paint(bold, escape(place(group.object))) + file(group.results)}
		if i > 0 {
			title = append([]string{""}, title...)
		}
		for _, result := range group.results {
			g.add(row{before: title, cells: []string{word(result, o), escape(result.Guideline), escape(result.Message)}})
			title = nil
		}
	}
	return g
}

// word is the severity of a fail, and the outcome of anything else.
func word(result Result, o Options) string {
	if result.Outcome == guideline.Failed {
		return painter(o.Color).severity(result.Severity)
	}
	return escape(string(result.Outcome))
}

// file names the file that the object of the results was read from, if any.
func file(results []Result) string {
	for _, result := range results {
		if result.Source != nil {
			return gap + escape(result.Source.File)
		}
	}
	return ""
}
