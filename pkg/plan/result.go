// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"cmp"
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
	p := &Plan{Before: d.before, After: d.after, Hardens: d.Hardens, standings: d.standings}
	was, is := byObject(d.before), byObject(d.after)
	gone := map[snapshot.Object]map[string][]evaluate.Judgement{}
	for _, i := range slices.Sorted(maps.Keys(d.edits)) {
		app := d.before.Apps[i]
		c := d.change(i)
		gone[app.Object] = map[string][]evaluate.Judgement{}
		for id := range was[app.Object] {
			closed := closed(was[app.Object].failed(id), is[app.Object].open(id, was[app.Object]))
			gone[app.Object][id] = closed
			c.Closes = append(c.Closes, closed...)
		}
		slices.SortStableFunc(c.Closes, evaluate.Compare)
		c.Reveals = revealed(d.standings[app.Object], is[app.Object])
		if len(app.Pods) > 0 {
			c.Risks = append(slices.Clip(c.Risks), kept(d.standings[app.Object], is[app.Object])...)
		}
		p.Changes = append(p.Changes, c)
	}
	for _, c := range d.creations {
		id, was := c.Remedy.ID, ofInstall(d.before, c.ControlPlane)
		c.Closes = closed(was.failed(id), ofInstall(d.after, c.ControlPlane).open(id, was))
		for _, j := range c.Closes {
			if gone[j.Object] == nil {
				gone[j.Object] = map[string][]evaluate.Judgement{}
			}
			gone[j.Object][id] = append(gone[j.Object][id], j)
		}
		p.Creations = append(p.Creations, c)
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
	c := Change{
		App:    app.Object,
		UID:    app.UID,
		Object: app.Template.Object,
		Path:   app.Template.Path,
		Risks:  e.risks,
		Before: app,
		After:  d.after.Apps[i],
	}
	c.Annotations, c.Fields = d.annotationsOf(e, app), fieldsOf(e, app.Template.Spec)
	if e.restart && len(c.Annotations)+len(c.Fields) == 0 {
		e.annotations[RestartedAt] = d.snapshot.TakenAt.Format(time.RFC3339)
		c.Annotations = d.annotationsOf(e, app)
	}
	c.Secrets, c.Leaves = secretsOf(e.secrets, app.Object.Namespace), secretsNamed(e.leaves, app.Object.Namespace)
	c.Remedies = e.remedies
	return c
}

// annotationsOf are those that an edit sets to another value than they have.
func (d *draft) annotationsOf(e *edit, app *guideline.App) []Annotation {
	var all []Annotation
	for _, key := range slices.Sorted(maps.Keys(e.annotations)) {
		a := Annotation{Key: key, Value: e.annotations[key]}
		if was, set := app.Template.Annotations[key]; set {
			a.Was = &was
			a.Plain = namesSecret(d.snapshot, app.Object.Namespace, key, was)
		}
		if a.Was == nil || *a.Was != a.Value {
			all = append(all, a)
		}
	}
	return all
}

// kept says which errors Pods that run come back with: they may be older than these,
// and new ones not come up.
func kept(before standing, after verdicts) []string {
	var errors []string
	for id := range after {
		isError := func(j evaluate.Judgement) bool { return j.Severity == guideline.Error }
		if slices.ContainsFunc(after.failed(id), isError) && len(before.is.failed(id)) > 0 {
			errors = append(errors, id)
		}
	}
	if len(errors) == 0 {
		return nil
	}
	slices.Sort(errors)
	return []string{"new Pods come with errors that stay: " + strings.Join(errors, ", ")}
}

// counts tells whether a finding is one that the plan was asked about.
func (d *draft) counts(j evaluate.Judgement) bool {
	// Which control planes are wanted was said before they were judged.
	wanted := d.Wanted == nil || j.Guideline.Provide != nil || d.Wanted(j.Object)
	if j.Outcome != guideline.Failed || !wanted || d.Hardens && !j.Guideline.Hardens {
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
	if left, said := d.said[forInstall(j.Object.Namespace, j.Guideline)]; said && j.Guideline.Provide != nil {
		left.Judgement = j
		return left
	}
	for _, g := range append([]*guideline.Guideline{j.Guideline}, d.Guidelines...) {
		if left, said := d.said[Remedy{App: j.Object, Guideline: g.ID}]; said && slices.Contains(mends(g), j.Guideline.ID) {
			left.Judgement = j
			return left
		}
	}
	i := slices.IndexFunc(d.before.Apps, func(app *guideline.App) bool { return app.Object == j.Object })
	switch {
	case i < 0:
	case d.before.Apps[i].Template == nil && j.Guideline.Mend != nil:
		// Without a template no remedy has anything to say.
		return Left{Judgement: j, Why: fmt.Sprintf("%s (%s)", j.Remedy, unwritable(d.before.Apps[i]))}
	case len(d.Named) > 0:
		if g, why := d.unnamed(d.before.Apps[i], j.Guideline); g != nil {
			return Left{Judgement: j, Why: why, By: g}
		}
	}
	return Left{Judgement: j, Why: j.Remedy}
}

// unnamed is a guideline whose remedy closes the finding of another, and that was not
// named beside that, and why it wants to be; nil where there is none.
func (d *draft) unnamed(app *guideline.App, finding *guideline.Guideline) (g *guideline.Guideline, why string) {
	for _, g := range d.Guidelines {
		if slices.Contains(d.Named, g.ID) || !slices.Contains(g.MendsToo, finding.ID) || unwritable(app) != "" {
			continue
		}
		if remedy := g.Mend(app); !remedy.Nothing() && remedy.Person == "" {
			return g, cmp.Or(remedy.OptIn, "that closes it as well")
		}
	}
	return nil, ""
}

// String is the change in a line, for messages.
func (c *Change) String() string {
	var keys []string
	for _, a := range c.Annotations {
		keys = append(keys, strings.TrimPrefix(a.Key, "dapr.io/"))
	}
	for _, f := range c.Fields {
		keys = append(keys, f.Path.String())
	}
	return fmt.Sprintf("%s: %s", c.App, strings.Join(keys, ", "))
}
