// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package report

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
)

// indent stands before the text of a paragraph.
const indent = "    "

// Guideline writes what a guideline demands, as kubectl explain would.
func Guideline(w io.Writer, g *guideline.Guideline, o Options) error {
	p := painter(o.Color)
	var lines []string
	for i, one := range slices.Concat(
		[]paragraph{{"Guideline", g.ID}, {"Demands", g.Title}, {"Severity", g.Severity.String()}, {"Scope", scopesOf(g)}},
		paragraphsOf(g),
		[]paragraph{{"Source", sourceOf(g)}, {"Docs", g.Docs}},
	) {
		if i > 0 {
			lines = append(lines, "")
		}
		lines = append(lines, p.paint(bold, strings.ToUpper(one.head)+":"))
		lines = append(lines, hang(indent, one.text, o.Width)...)
	}
	_, err := fmt.Fprintln(w, strings.Join(lines, "\n"))
	return err
}

// Catalogue writes the list of guidelines.
func Catalogue(w io.Writer, all []*guideline.Guideline, o Options) error {
	p := painter(o.Color)
	g := grid{header: []string{"GUIDELINE", "SEVERITY", "SCOPE", "DEMANDS"}}
	for _, one := range all {
		g.add(row{cells: []string{one.ID, p.severity(one.Severity), scopesOf(one), one.Title + markOf(one)}})
	}
	if o.Width > 0 && g.width(len(g.header)-1)+len(gap)+leastLast > o.Width {
		g = lastBelow(g, o.Width)
	}
	lines, err := g.lines(o.Width)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(all, func(one *guideline.Guideline) bool { return markOf(one) != "" }) {
		lines = append(lines, "")
		lines = append(lines, hang("", legendOfMark, o.Width)...)
	}
	return writeLines(w, lines)
}

// lastBelow puts the last column of a grid below the others.
func lastBelow(wide grid, width int) grid {
	last := len(wide.header) - 1
	narrow := grid{header: wide.header[:last]}
	for _, r := range wide.rows {
		narrow.add(row{cells: r.cells[:last], after: hang(indent, r.cells[last], width)})
	}
	return narrow
}

func scopesOf(g *guideline.Guideline) string {
	var scopes []string
	for _, s := range []guideline.Scope{guideline.Apps, guideline.ControlPlane, guideline.Cluster} {
		if g.In(s) {
			scopes = append(scopes, string(s))
		}
	}
	return strings.Join(scopes, ",")
}

// sourceOf says who asks for it, and where.
func sourceOf(g *guideline.Guideline) string {
	switch g.Origin {
	case guideline.Page:
		return fmt.Sprintf("Dapr's production guidelines on Kubernetes, section %q", g.Section)
	case guideline.DaprDocs:
		return "Dapr's documentation, not the production guidelines"
	default:
		return "this tool, not Dapr's production guidelines"
	}
}
