// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"fmt"
	"maps"
	"reflect"
	"slices"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/evaluate"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// rounds is how often remedies are asked for again: a memory limit that one sets is
// what the next one takes its share of.
const rounds = 4

// draft is a plan in the making: what remedies write, and what is said of the others.
type draft struct {
	Options
	snapshot *snapshot.Snapshot
	before   *evaluate.Evaluation
	after    *evaluate.Evaluation
	// standings are those of the apps without a change.
	standings map[snapshot.Object]standing
	// edits are by the index of the app.
	edits     map[int]*edit
	creations []Creation
	// said is why a remedy is not taken.
	said map[Remedy]Left
}

// edit is what is written for one app.
type edit struct {
	annotations map[string]string
	// fields are by their paths as they are written.
	fields  map[string]guideline.Field
	secrets []guideline.NewSecret
	leaves  []string
	// fresh are the guidelines that set an annotation or a field in this round.
	fresh    map[string]*guideline.Guideline
	restart  bool
	remedies []*guideline.Guideline
	risks    []string
}

func newDraft(s *snapshot.Snapshot, before *evaluate.Evaluation, o Options) *draft {
	return &draft{Options: o, snapshot: s, before: before, after: before, edits: map[int]*edit{}, said: map[Remedy]Left{}}
}

// write asks for remedies until they have nothing to add.
func (d *draft) write() {
	d.provide()
	was := byObject(d.before)
	for range rounds {
		is := byObject(d.after)
		changed := false
		for i, app := range d.after.Apps {
			if d.Wanted != nil && !d.Wanted(app.Object) {
				continue
			}
			for _, g := range d.Guidelines {
				if g.Mend == nil || g.Hardens != d.Hardens {
					continue
				}
				asked, caused := d.asked(g, was[app.Object], is[app.Object])
				if (asked || d.rotates(i, g)) && d.take(i, g, app, caused) {
					changed = true
				}
			}
		}
		if !changed {
			return
		}
		for _, e := range d.edits {
			clear(e.fresh)
		}
		d.judge()
	}
}

// judge works out what has been taken in so far comes to.
func (d *draft) judge() {
	d.after = evaluate.Run(revised(d.snapshot, d.edits, d.creations), d.Guidelines, d.Evaluation)
}

// asked tells whether a guideline fails on an app and its remedy is wanted: because
// it was named, because nothing was, or because the failure is caused by the plan itself.
func (d *draft) asked(g *guideline.Guideline, was, is verdicts) (asked, caused bool) {
	for _, id := range mends(g) {
		failing := len(is.failed(id)) > 0
		caused = caused || failing && len(was.failed(id)) == 0
		asked = asked || failing && (len(d.Named) == 0 || slices.Contains(d.Named, g.ID))
	}
	return asked || caused, caused
}

// rotates tells whether somebody asked a guideline for new tokens, and it has not been
// asked what that takes.
func (d *draft) rotates(i int, g *guideline.Guideline) bool {
	e := d.edits[i]
	return d.Evaluation.Said.Rotate && slices.Contains(d.Named, g.ID) && (e == nil || !slices.Contains(e.remedies, g))
}

// take adds the remedy of a guideline to what is written for an app, or notes why
// not. It tells whether there is more to write than before.
func (d *draft) take(i int, g *guideline.Guideline, app *guideline.App, caused bool) bool {
	key := Remedy{App: app.Object, Guideline: g.ID}
	remedy, named := g.Mend(app), slices.Contains(d.Named, g.ID)
	switch why := d.Refused[key]; {
	case remedy.Nothing():
		return false
	case why != "":
		d.said[key] = Left{Why: why}
		return false
	case remedy.Person != "":
		d.said[key] = Left{Why: remedy.Person}
		return false
	case unwritable(app) != "":
		d.said[key] = Left{Why: unwritable(app)}
		return false
	case inLists(remedy) && app.Template.Object.Kind == "Rollout":
		// Its definition says nothing of the lists below its template, so that the server
		// takes each for one value: who applies an element owns, and is, the whole list.
		d.said[key] = Left{Why: "a Rollout's lists have no elements of their own to write: change its manifest, or let it refer to a Deployment with workloadRef"}
		return false
	case g.Restricted && !d.Restricted && !named:
		d.said[key] = Left{Why: "it is of the profile restricted", By: g}
		return false
	case remedy.ByApp != "" && (d.Chosen == nil || !d.Chosen(app.Object)):
		d.said[key] = Left{Why: remedy.ByApp, By: g}
		return false
	case remedy.OptIn != "" && !named && (!remedy.Along || !caused):
		d.said[key] = Left{Why: remedy.OptIn, By: g}
		return false
	}
	if other := d.shares(i); other != nil {
		d.said[key] = Left{Why: fmt.Sprintf("it has its template from %s, as %s has, for which that is written: run it again after that", app.Template.Object, other.Object)}
		return false
	}
	delete(d.said, key)
	return d.edit(i).add(g, remedy)
}

// shares is another app that is written by the same object: Rollouts may take their
// template from one workload. An object is written once a run.
func (d *draft) shares(i int) *snapshot.App {
	for j := range d.edits {
		if other := &d.snapshot.Apps[j]; j != i && other.Template.Object == d.snapshot.Apps[i].Template.Object {
			return other
		}
	}
	return nil
}

func (d *draft) edit(i int) *edit {
	if d.edits[i] == nil {
		d.edits[i] = &edit{annotations: map[string]string{}, fields: map[string]guideline.Field{}, fresh: map[string]*guideline.Guideline{}}
	}
	return d.edits[i]
}

// inLists tells whether a remedy sets elements of lists.
func inLists(r guideline.Remedy) bool {
	return slices.ContainsFunc(r.Fields, func(f guideline.Field) bool { return f.Path.InList() })
}

// add takes a remedy in and tells whether it changes anything. What another one has
// set in the same round stays as it is: this one did not know of it.
func (e *edit) add(g *guideline.Guideline, r guideline.Remedy) bool {
	changed := false
	for key, value := range r.Annotations {
		if by := e.fresh[key]; by != nil && by != g {
			continue
		}
		if was, set := e.annotations[key]; !set || was != value {
			e.annotations[key], e.fresh[key] = value, g
			changed = true
		}
	}
	for _, f := range r.Fields {
		key := f.Path.String()
		if by := e.fresh[key]; by != nil && by != g {
			continue
		}
		if was, set := e.fields[key]; !set || !reflect.DeepEqual(was.Value, f.Value) {
			e.fields[key], e.fresh[key] = f, g
			changed = true
		}
	}
	if r.Restart && !e.restart {
		e.restart, changed = true, true
	}
	if !changed {
		return false
	}
	if !slices.Contains(e.remedies, g) {
		e.remedies = append(e.remedies, g)
	}
	for _, s := range r.Secrets {
		if !slices.ContainsFunc(e.secrets, func(t guideline.NewSecret) bool { return t.Name == s.Name }) {
			e.secrets = append(e.secrets, s)
		}
	}
	for _, name := range r.Leaves {
		if !slices.Contains(e.leaves, name) {
			e.leaves = append(e.leaves, name)
		}
	}
	for _, risk := range r.Risks {
		if !slices.Contains(e.risks, risk) {
			e.risks = append(e.risks, risk)
		}
	}
	return true
}

// unfit are the remedies that do not keep what they promise.
func (d *draft) unfit() map[Remedy]string {
	is := byObject(d.after)
	bad := map[Remedy]string{}
	for i, e := range d.edits {
		app := d.before.Apps[i].Object
		maps.Copy(bad, broken(d.standings[app], is[app], app, e.remedies))
	}
	for i := range d.creations {
		maps.Copy(bad, d.creations[i].unfit(d.before, d.after))
	}
	return bad
}

// byObject are the judgements of an evaluation by their objects.
func byObject(e *evaluate.Evaluation) map[snapshot.Object]verdicts {
	all := map[snapshot.Object]verdicts{}
	for _, j := range e.Judgements {
		if all[j.Object] == nil {
			all[j.Object] = verdicts{}
		}
		all[j.Object][j.Guideline.ID] = append(all[j.Object][j.Guideline.ID], j)
	}
	return all
}
