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

// checkView is what the page of a check shows. All its texts are printable.
type checkView struct {
	Heading []string
	// Made says by what and when it was made.
	Made        string
	Tiles       []checkTile
	Notes, Gaps []string
	Choices     []checkChoice
	Sections    []checkSection
	// Unknown and Ignored are what is neither kept nor known to fall short.
	Unknown, Ignored checkOthers
	Counts           []checkCount
}

// checkTile is a number of outcomes.
type checkTile struct {
	Name, Class string
	Count       int
}

// checkChoice is what may be filtered by.
type checkChoice struct {
	Name    string
	Options []string
}

// checkSection is a guideline that is not kept everywhere, and where.
type checkSection struct {
	ID, Guideline, Title, Count string
	Paragraphs                  []htmlParagraph
	Source, Docs                string
	Entries                     []checkEntry
}

type htmlParagraph struct{ Head, Text string }

// checkOthers are outcomes of one kind, of all guidelines.
type checkOthers struct {
	ID, Title, Text, Column string
	Entries                 []checkEntry
}

// checkEntry is one outcome.
type checkEntry struct {
	Severity, Namespace, Guideline, Object string
	Message, Remedy                        string
	Container, Source                      string
	// Field is in the pieces between which a line may be broken.
	Field []string
}

// checkCount is what became of a guideline.
type checkCount struct {
	// ID is that of its section; empty where there is none.
	ID, Guideline string
	Summary       Summary
}

// everywhere is the namespace of what has none: no namespace is called so.
const everywhere = "/"

// HTML writes a page that needs nothing beside itself: what falls short, with the
// reason and the remedy, to be filtered by namespace, severity and guideline; what is
// unknown or ignored; and what became of each guideline.
func HTML(w io.Writer, r *Report, o Options) error {
	v := checkView{
		Heading: heading(r), Gaps: printables(r.Cluster.Gaps),
		Made:    fmt.Sprintf("kubectl dapr-prod %s, %s", escape(r.Tool.Version), r.TakenAt.UTC().Format("2 January 2006 15:04 UTC")),
		Tiles:   tilesOf(r.Summary),
		Unknown: checkOthers{ID: "unknown", Title: "What is not known", Text: "What is needed for a verdict could not be read. It may be kept, and may not.", Column: "why"},
		Ignored: checkOthers{ID: "ignored", Title: "What is ignored", Text: "It falls short, or is not known, and the object asks not to be judged.", Column: "reason given"},
	}
	for _, sentence := range []string{verdict(r), hidden(r, Options{Severity: o.Severity})} {
		if sentence != "" {
			v.Notes = append(v.Notes, sentence)
		}
	}
	for _, result := range r.Results {
		if below(result, o) {
			continue
		}
		v.add(result, o)
	}
	v.Choices = choicesOf(&v)
	v.Counts = v.countsOf(r, o)
	return writeHTML(w, "Dapr's production guidelines", "check.html", "check.js", v)
}

func tilesOf(s Summary) []checkTile {
	return []checkTile{
		{Name: "errors", Class: "error", Count: s.BySeverity.Error},
		{Name: "warnings", Class: "warning", Count: s.BySeverity.Warning},
		{Name: "info", Class: "info", Count: s.BySeverity.Info},
		{Name: "unknown", Count: s.Unknown},
		{Name: "ignored", Count: s.Ignored},
		{Name: "kept", Count: s.Pass},
		{Name: "do not apply", Count: s.Skip},
	}
}

// add puts an outcome where it belongs. What is kept, or does not apply, is only counted.
func (v *checkView) add(result Result, o Options) {
	entry := entryOf(result)
	switch result.Outcome {
	case guideline.Failed:
		section := v.section(result, o)
		if g := o.guideline(result.Guideline); g != nil && result.Remedy == g.Fix {
			entry.Remedy = "" // the section has it
		}
		section.Entries = append(section.Entries, entry)
		section.Count = number(len(section.Entries), "finding", "findings")
	case guideline.Unjudged:
		v.Unknown.Entries = append(v.Unknown.Entries, entry)
	case guideline.Ignored:
		entry.Message = escape(result.Reason)
		v.Ignored.Entries = append(v.Ignored.Entries, entry)
	}
}

func entryOf(result Result) checkEntry {
	e := checkEntry{
		Severity: result.Severity.String(), Namespace: escape(result.Object.Namespace), Guideline: escape(result.Guideline),
		Object: escape(place(result.Object)), Message: escape(result.Message), Remedy: escape(result.Remedy),
		Container: escape(result.Container), Source: escape(result.Source.String()),
	}
	if result.Field != "" {
		path, rest, found := strings.Cut(escape(result.Field), "[")
		if e.Field = []string{path}; found {
			e.Field = append(e.Field, "["+rest)
		}
	}
	if e.Namespace == "" {
		e.Namespace = everywhere
	}
	return e
}

// section is that of a result's guideline.
func (v *checkView) section(result Result, o Options) *checkSection {
	id := escape(result.Guideline)
	if i := slices.IndexFunc(v.Sections, func(s checkSection) bool { return s.Guideline == id }); i >= 0 {
		return &v.Sections[i]
	}
	s := checkSection{ID: "guideline-" + id, Guideline: id, Docs: escape(result.Docs)}
	if g := o.guideline(result.Guideline); g != nil {
		s.Title, s.Source = escape(g.Title), escape(sourceOf(g))
		s.Paragraphs = []htmlParagraph{{"Why", escape(g.Why)}, {"Fix", escape(fixOf(g))}}
	} else {
		s.Source = string(result.Origin)
	}
	v.Sections = append(v.Sections, s)
	return &v.Sections[len(v.Sections)-1]
}

// choicesOf are what the entries may be filtered by: what is among them.
func choicesOf(v *checkView) []checkChoice {
	found := map[string][]string{}
	note := func(name, value string) {
		if !slices.Contains(found[name], value) {
			found[name] = append(found[name], value)
		}
	}
	all := slices.Concat(v.Unknown.Entries, v.Ignored.Entries)
	for _, s := range v.Sections {
		all = append(all, s.Entries...)
	}
	for _, e := range all {
		note("namespace", e.Namespace)
		note("severity", e.Severity)
		note("guideline", e.Guideline)
	}
	slices.Sort(found["namespace"])
	slices.Sort(found["guideline"])
	severities := slices.DeleteFunc(guideline.Severities(), func(s string) bool { return !slices.Contains(found["severity"], s) })
	return []checkChoice{{"namespace", found["namespace"]}, {"severity", severities}, {"guideline", found["guideline"]}}
}

// countsOf are what became of each guideline, in the order of the catalogue, and then
// those that are not in it.
func (v *checkView) countsOf(r *Report, o Options) []checkCount {
	var counts []checkCount
	of := map[string]int{}
	for _, g := range o.Guidelines {
		of[g.ID] = len(counts)
		counts = append(counts, checkCount{Guideline: escape(g.ID)})
	}
	for _, result := range r.Results {
		i, found := of[result.Guideline]
		if !found {
			i = len(counts)
			of[result.Guideline] = i
			counts = append(counts, checkCount{Guideline: escape(result.Guideline)})
		}
		counts[i].Summary.count(result.Outcome, result.Severity)
	}
	for i := range counts {
		if slices.ContainsFunc(v.Sections, func(s checkSection) bool { return s.Guideline == counts[i].Guideline }) {
			counts[i].ID = "guideline-" + counts[i].Guideline
		}
	}
	return slices.DeleteFunc(counts, func(c checkCount) bool { return c.Summary == Summary{} })
}
