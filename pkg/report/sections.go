// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// most is how many entries a guideline has in one section at most.
const most = 8

// section is the results that want to be read with the same haste: the errors,
// the warnings and so on.
type section struct {
	rank    int
	results int
	parts   []part
}

// part is what one guideline found in a section.
type part struct {
	guideline string
	entries   []entry
	// shared tells that one of the objects serves more than one app.
	shared  bool
	objects int
	// more counts the entries that are left out, and their objects.
	more, moreObjects int
}

// entry is what one guideline says in the same words, and of which objects.
type entry struct {
	text    string
	results []Result
	objects []snapshot.Object
}

// sections gathers results for reading from the top: the worst first; in each
// section first what is about more than an app, then what most objects share.
func sections(results []Result, n names) []section {
	var all []section
	for _, gathered := range gather(results, rank) {
		s := section{rank: rank(gathered[0]), results: len(gathered)}
		for _, found := range gather(gathered, func(r Result) string { return r.Guideline }) {
			s.parts = append(s.parts, newPart(found, n))
		}
		slices.SortFunc(s.parts, func(a, b part) int {
			return cmp.Or(first(a.shared, b.shared), b.objects-a.objects, cmp.Compare(a.guideline, b.guideline))
		})
		all = append(all, s)
	}
	slices.SortFunc(all, func(a, b section) int { return a.rank - b.rank })
	return all
}

// informs tells that what is in the section is worth knowing, and no more.
func (s section) informs() bool {
	r := s.parts[0].entries[0].results[0]
	return r.Outcome == guideline.Failed && r.Severity == guideline.Info
}

// inBrief names the guidelines of a section, for where there is worse to be read.
func (s section) inBrief() string {
	var names []string
	for _, p := range s.parts {
		name := escape(p.guideline)
		if p.objects > 1 {
			name += fmt.Sprintf(" (%d)", p.objects)
		}
		names = append(names, name)
	}
	return strings.Join(names, ", ") + ": --show=all or -o wide says what"
}

func newPart(results []Result, n names) part {
	p := part{
		guideline: results[0].Guideline,
		entries:   entries(results),
		shared:    slices.ContainsFunc(results, func(r Result) bool { return n.shared(r.Object) }),
		objects:   len(objects(results)),
	}
	if len(p.entries) > most {
		var left []Result
		for _, e := range p.entries[most-1:] {
			left = append(left, e.results...)
		}
		p.more, p.moreObjects = len(left), len(objects(left))
		p.entries = p.entries[:most-1]
	}
	return p
}

// entries puts the results of one guideline together that say the same. Where
// more than a few differ only in words of the object's own, these are left out.
func entries(results []Result) []entry {
	var all []entry
	for _, same := range gather(results, func(r Result) string { return pattern(text(r), r.Object) }) {
		verbatim := gather(same, text)
		if len(verbatim) > few && len(objects(same)) > 1 {
			all = append(all, entry{text: blend(verbatim), results: same, objects: objects(same)})
			continue
		}
		for _, group := range verbatim {
			all = append(all, entry{text: text(group[0]), results: group, objects: objects(group)})
		}
	}
	slices.SortFunc(all, func(a, b entry) int {
		return cmp.Or(len(b.objects)-len(a.objects), a.objects[0].Compare(b.objects[0]), cmp.Compare(a.text, b.text))
	})
	return all
}

// text is what a table says of a result: what falls short of something else than
// the guidelines page is marked.
func text(r Result) string {
	message := r.Message
	if r.Outcome == guideline.Failed && (r.Origin == guideline.DaprDocs || r.Origin == guideline.Ours) {
		message += notOfThePage
	}
	if r.Reason == "" {
		return message
	}
	return fmt.Sprintf("%s (ignored: %s)", message, r.Reason)
}

// notOfThePage marks what is not of the guidelines page; legendOfMark says so.
const notOfThePage = " *"

// objects are those of the results, each once.
func objects(results []Result) []snapshot.Object {
	var all []snapshot.Object
	for _, r := range results {
		all = append(all, r.Object)
	}
	slices.SortFunc(all, snapshot.Object.Compare)
	return slices.Compact(all)
}

// gather puts the results together that have the same key, in the order of the first.
func gather[K comparable](results []Result, key func(Result) K) [][]Result {
	var all [][]Result
	index := map[K]int{}
	for _, r := range results {
		k := key(r)
		i, known := index[k]
		if !known {
			i = len(all)
			index[k] = i
			all = append(all, nil)
		}
		all[i] = append(all[i], r)
	}
	return all
}

// first orders what is true before what is not.
func first(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return -1
	default:
		return 1
	}
}

// title is the heading of a section.
func (s section) title(p painter) string {
	outcomes := []string{"unknown", "ignored", "passed", "skipped"}
	switch severity := guideline.Error - guideline.Severity(s.rank); severity {
	case guideline.Error:
		return counted(s.results, severity, "errors", p)
	case guideline.Warning:
		return counted(s.results, severity, "warnings", p)
	case guideline.Info:
		return counted(s.results, severity, "info", p)
	default:
		return p.paint(bold, fmt.Sprintf("%d %s", s.results, outcomes[s.rank-int(guideline.Error)]))
	}
}
