// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

// Package evaluate runs guidelines over a snapshot. It is pure: the same
// snapshot and the same guidelines give the same evaluation.
package evaluate

import (
	"cmp"
	"slices"
	"strings"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// Evaluation is what the guidelines said.
type Evaluation struct {
	Snapshot *snapshot.Snapshot
	// Edition is the edition of the page that was applied.
	Edition guideline.Edition
	// Apps are the apps as they were judged, sorted by object.
	Apps []*guideline.App
	// Judgements are all outcomes: what falls short first, the worst first.
	Judgements []Judgement

	guidelines []*guideline.Guideline
	said       guideline.Said
}

// Judgement is one guideline's outcome on one object. Of its Result, Severity and Origin
// are what counts, and Source is where in the input the object is.
type Judgement struct {
	guideline.Result
	Guideline *guideline.Guideline
	Object    snapshot.Object
	Remedy    string
	// Reason is why the object asks not to be judged; only with Ignored.
	Reason string
}

// Options say how guidelines are applied.
type Options struct {
	Scopes []guideline.Scope
	// ControlPlanes selects those that are judged, by their namespaces; nil judges all.
	ControlPlanes func(namespace string) bool
	// Edition is the newer one where it is empty.
	Edition guideline.Edition
	// Said is what the owner of the apps tells those who mend them.
	Said guideline.Said
	// Known are the names of all guidelines, whichever are applied: those that an
	// object may ask to be ignored.
	Known []string
}

// Run holds a snapshot against guidelines.
func Run(s *snapshot.Snapshot, guidelines []*guideline.Guideline, o Options) *Evaluation {
	e := &Evaluation{Snapshot: s, Edition: cmp.Or(o.Edition, guideline.Newer), guidelines: guidelines, said: o.Said}
	if slices.Contains(o.Scopes, guideline.Apps) {
		e.apps(guidelines)
		e.namespaces(guidelines)
	}
	if slices.Contains(o.Scopes, guideline.ControlPlane) {
		e.controlPlanes(guidelines, o.ControlPlanes)
	}
	if slices.Contains(o.Scopes, guideline.Cluster) {
		e.platform(guidelines)
	}
	e.ignoreAsAsked(o.Known)
	e.sort()
	return e
}

// add keeps the results of one guideline on one object.
func (e *Evaluation) add(g *guideline.Guideline, object snapshot.Object, results []guideline.Result) {
	e.Judgements = appended(e.Judgements, g, object, &snapshot.Source{}, results)
}

// appended are judgements and the results of one more guideline on one object.
func appended(all []Judgement, g *guideline.Guideline, object snapshot.Object, src *snapshot.Source, results []guideline.Result) []Judgement {
	for _, r := range results {
		j := Judgement{Result: r, Guideline: g, Object: object, Remedy: r.Remedy}
		j.Severity = cmp.Or(r.Severity, g.Severity)
		j.Origin = cmp.Or(r.Origin, g.Origin)
		j.Source = cmp.Or(r.Source, src)
		if r.Object != nil {
			j.Object = *r.Object
		}
		if r.Outcome == guideline.Failed {
			j.Remedy = cmp.Or(j.Remedy, g.Fix)
		}
		all = append(all, j)
	}
	return all
}

func (e *Evaluation) sort() { slices.SortStableFunc(e.Judgements, Compare) }

var outcomeOrder = []guideline.Outcome{guideline.Failed, guideline.Unjudged, guideline.Ignored, guideline.Skipped, guideline.Passed}

// Compare puts fails first, the worst first, and orders the rest so that equal
// snapshots give equal reports.
func Compare(a, b Judgement) int {
	return cmp.Or(
		slices.Index(outcomeOrder, a.Outcome)-slices.Index(outcomeOrder, b.Outcome),
		int(b.Severity-a.Severity),
		a.Object.Compare(b.Object),
		strings.Compare(a.Guideline.ID, b.Guideline.ID),
		strings.Compare(a.Container, b.Container),
		strings.Compare(a.Field, b.Field),
		strings.Compare(a.Message, b.Message),
	)
}
