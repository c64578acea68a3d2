// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/evaluate"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// plan is the draft made fair.
func (d *draft) plan() *Plan {
	p := &Plan{Before: d.before, After: d.after}
	was, is := byObject(d.before), byObject(d.after)
	gone := map[snapshot.Object]map[string][]evaluate.Judgement{}
	for _, i := range slices.Sorted(maps.Keys(d.edits)) {
		app := d.before.Apps[i]
		c := d.change(i)
		gone[app.Object] = map[string][]evaluate.Judgement{}
		for id := range was[app.Object] {
			closed := closed(was[app.Object].failed(id), is[app.Object].failed(id))
			gone[app.Object][id] = closed
			c.Closes = append(c.Closes, closed...)
		}
		slices.SortStableFunc(c.Closes, evaluate.Compare)
		c.Reveals = revealed(was[app.Object], is[app.Object])
		p.Changes = append(p.Changes, c)
	}
	for _, j := range d.before.Judgements {
		if d.counts(j) && !slices.ContainsFunc(gone[j.Object][j.Guideline.ID], func(k evaluate.Judgement) bool {
			return k.Field == j.Field && k.Message == j.Message
		}) {
			p.Left = append(p.Left, d.left(j))
		}
	}
	return p
}

// change is what an edit comes to.
func (d *draft) change(i int) Change {
	app, e := d.before.Apps[i], d.edits[i]
	if e.restart && len(e.annotations) == 0 {
		e.annotations[RestartedAt] = d.snapshot.TakenAt.Format(time.RFC3339)
	}
	c := Change{
		App:    app.Object,
		UID:    app.UID,
		Object: app.Template.Object,
		Path:   app.Template.Path,
		Risks:  e.risks,
		Before: app,
		After:  d.after.Apps[i],
	}
	for _, key := range slices.Sorted(maps.Keys(e.annotations)) {
		a := Annotation{Key: key, Value: e.annotations[key]}
		if was, set := app.Template.Annotations[key]; set {
			a.Was = &was
		}
		c.Annotations = append(c.Annotations, a)
	}
	c.Remedies = e.remedies
	return c
}

// counts tells whether a finding is one that the plan was asked about.
func (d *draft) counts(j evaluate.Judgement) bool {
	if j.Outcome != guideline.Failed || d.Wanted != nil && !d.Wanted(j.Object) {
		return false
	}
	if len(d.Named) == 0 {
		return true
	}
	return slices.ContainsFunc(d.Guidelines, func(g *guideline.Guideline) bool {
		return slices.Contains(d.Named, g.ID) && slices.Contains(mends(g), j.Guideline.ID)
	})
}

// left says why a finding stays.
func (d *draft) left(j evaluate.Judgement) Left {
	for _, g := range d.Guidelines {
		if left, said := d.said[Remedy{App: j.Object, Guideline: g.ID}]; said && slices.Contains(mends(g), j.Guideline.ID) {
			left.Judgement = j
			return left
		}
	}
	if j.Guideline.Hardens {
		return Left{Judgement: j, Why: "harden closes it: " + j.Remedy}
	}
	return Left{Judgement: j, Why: j.Remedy}
}

// String is the change in a line, for messages.
func (c *Change) String() string {
	var keys []string
	for _, a := range c.Annotations {
		keys = append(keys, strings.TrimPrefix(a.Key, "dapr.io/"))
	}
	return fmt.Sprintf("%s: %s", c.App, strings.Join(keys, ", "))
}
