// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

// Package plan turns what falls short into changes: one an object, each the
// smallest that closes what it lists, and objects to be made. It is pure: it writes
// nothing, and works out what a change comes to by judging the app again with the
// change in its template.
package plan

import (
	"maps"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/evaluate"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// Plan is what would be written, and what is left and why.
type Plan struct {
	// Before is what was judged, After the same with every change made.
	Before, After *evaluate.Evaluation
	// Changes are sorted by the app that they are for.
	Changes []Change
	// Creations are sorted by the control plane that they are for.
	Creations []Creation
	// Left are the findings that no change closes, sorted as they were judged.
	Left []Left

	// Hardens tells that it is of the security section alone.
	Hardens bool

	standings map[snapshot.Object]standing
}

// Left is a finding that nothing here closes, and why not.
type Left struct {
	evaluate.Judgement
	Why string
	// By is the guideline that closes it where it is named; nil where none does.
	By *guideline.Guideline
}

// Options say which findings are to be closed.
type Options struct {
	// Guidelines are all that judge, those that nothing mends among them: a change
	// must not open what was closed.
	Guidelines []*guideline.Guideline
	// Named are those that somebody asked for; empty asks for all that is safe unasked.
	Named []string
	// Hardens takes the remedies of the security section, and no others.
	Hardens bool
	// Restricted takes those of the profile restricted as well.
	Restricted bool
	// Chosen tells which apps somebody asked for one by one; nil where none was.
	Chosen func(snapshot.Object) bool
	// Wanted selects apps; nil wants all. Control planes are selected by Evaluation.
	Wanted func(snapshot.Object) bool
	// Refused are the remedies that are not to be taken, and why.
	Refused map[Remedy]string
	// Evaluation says how the guidelines are applied.
	Evaluation evaluate.Options
}

// Remedy names what one guideline does for one app, or for one control plane.
type Remedy struct {
	App       snapshot.Object
	Guideline string
}

// Make plans the changes that close what falls short in a snapshot. A remedy that
// does not close its finding, or opens another, is taken back.
func Make(s *snapshot.Snapshot, o Options) *Plan {
	refused := map[Remedy]string{}
	maps.Copy(refused, o.Refused)
	o.Refused = refused
	before := evaluate.Run(s, o.Guidelines, o.Evaluation)
	var standings map[snapshot.Object]standing
	for {
		d := newDraft(s, before, o)
		d.write()
		if standings == nil && len(d.edits) > 0 {
			standings = standingsOf(s, before, o)
		}
		d.standings = standings
		bad := d.unfit()
		if len(bad) == 0 {
			return d.plan()
		}
		maps.Copy(refused, d.blame(bad))
	}
}

// Unfit tells which remedies of the plan do not keep what they promise when the
// apps and control planes are as another evaluation found them, and why.
func (p *Plan) Unfit(after *evaluate.Evaluation) map[Remedy]string {
	bad := map[Remedy]string{}
	is := byObject(after)
	for i := range p.Changes {
		c := &p.Changes[i]
		maps.Copy(bad, broken(p.standings[c.App], is[c.App], c.App, c.Remedies))
	}
	for i := range p.Creations {
		maps.Copy(bad, p.Creations[i].unfit(p.Before, after))
	}
	return bad
}
