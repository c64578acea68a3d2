// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package evaluate

import (
	"regexp"
	"slices"
	"strings"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/dapr"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// IgnoreAnnotation is how an object asks not to be judged by a guideline:
// "GUIDELINE=reason; GUIDELINE=reason".
const IgnoreAnnotation = snapshot.IgnoreAnnotation

// annotationsGuideline is the one that an entry of no known guideline falls under.
const annotationsGuideline = "dapr-annotations"

// ignoreAsAsked applies what objects ask for by their annotations: what fails or cannot
// be judged there becomes ignored, with the reason. Entries that do nothing, or
// that give no reason, are findings of their own. known are the names of all
// guidelines, whichever were run.
func (e *Evaluation) ignoreAsAsked(known []string) {
	// What is wrong with an annotation is not ignored because of another entry.
	found := &Evaluation{}
	for _, asking := range e.ignorables() {
		for _, entry := range parseIgnore(asking.value) {
			if g, problem := e.ignore(asking.object, entry, known); g != nil {
				found.add(g, asking.object, []guideline.Result{problem.From(guideline.Ours).At(asking.field).On(asking.object, asking.source)})
			}
		}
	}
	e.Judgements = append(e.Judgements, found.Judgements...)
}

// ignorable is a place at which an object may ask not to be judged.
type ignorable struct {
	object snapshot.Object
	source snapshot.Source
	// field is where the annotation is written.
	field string
	value string
}

// ignorables are the annotations of the objects that were judged. For an install as
// a whole, and for the cluster, the control plane's Namespace speaks.
func (e *Evaluation) ignorables() []ignorable {
	var all []ignorable
	add := func(object snapshot.Object, src snapshot.Source, field string, annotations map[string]string) {
		if value, set := annotations[IgnoreAnnotation]; set {
			all = append(all, ignorable{object, src, field, value})
		}
	}
	const own = "metadata.annotations[" + IgnoreAnnotation + "]"
	for _, app := range e.Apps {
		switch t := app.Template; {
		case t == nil:
			add(app.Object, app.Source, own, app.Annotations)
			add(app.Object, app.Source, own, commonAnnotation(app.Pods))
		case t.Path == "":
			add(app.Object, t.Source, own, t.Annotations) // a bare Pod is its own template
		default:
			add(app.Object, app.Source, own, app.Annotations)
			add(app.Object, t.Source, t.AnnotationPath(IgnoreAnnotation), t.Annotations)
		}
	}
	for i := range e.Snapshot.ControlPlanes {
		for _, w := range e.Snapshot.ControlPlanes[i].Workloads {
			if w.Template != nil {
				add(w.Object, w.Source, "spec.template."+own, w.Template.Annotations)
			}
		}
	}
	for _, a := range e.Snapshot.Asking {
		isApp := func(app *guideline.App) bool { return app.Object == a.Object }
		if !slices.ContainsFunc(e.Apps, isApp) {
			all = append(all, ignorable{a.Object, a.Source, own, a.Value})
		}
	}
	return all
}

// commonAnnotation is what all Pods of an app carry, which stands for the
// template where that was not read.
func commonAnnotation(pods []snapshot.Pod) map[string]string {
	if len(pods) == 0 {
		return nil
	}
	first := pods[0].Annotations
	for _, p := range pods[1:] {
		if p.Annotations[IgnoreAnnotation] != first[IgnoreAnnotation] {
			return nil
		}
	}
	return first
}

// ignore applies one entry on an object, and returns what is wrong with it and
// the guideline that this falls under; nil where nothing is.
func (e *Evaluation) ignore(object snapshot.Object, entry ignoreEntry, known []string) (*guideline.Guideline, guideline.Result) {
	g := e.selected(entry.guideline)
	switch {
	case !slices.Contains(known, entry.guideline):
		return e.selected(annotationsGuideline), unknownGuideline(entry.guideline, known)
	case g == nil || !e.judged(g):
		// Without its guideline, nothing tells whether the entry does anything.
		return nil, guideline.Result{}
	case entry.reason == "":
		return g, guideline.Fail("%s names %s without a reason, and so does nothing", IgnoreAnnotation, g.ID).
			As(guideline.Warning).Do("give a reason: %s=REASON", g.ID)
	}
	now, before := e.suppress(object, g, entry.reason)
	switch {
	case now > 0:
		return nil, guideline.Result{}
	case before > 0:
		return g, guideline.Fail("%s names %s twice, and the first reason counts", IgnoreAnnotation, g.ID).
			As(guideline.Info).Do("remove one of the two entries")
	default:
		return g, guideline.Fail("%s names %s, which has nothing to ignore here", IgnoreAnnotation, g.ID).
			As(guideline.Info).Do("remove the entry")
	}
}

// suppress turns what a guideline finds on an object into ignored. It counts what
// is so now, and what was so before.
func (e *Evaluation) suppress(object snapshot.Object, g *guideline.Guideline, reason string) (now, before int) {
	for i := range e.Judgements {
		j := &e.Judgements[i]
		if j.Guideline != g || j.Object != object && !e.speaksFor(object, j.Object) {
			continue
		}
		switch j.Outcome {
		case guideline.Failed, guideline.Unjudged:
			j.Outcome, j.Reason = guideline.Ignored, reason
			now++
		case guideline.Ignored:
			before++
		}
	}
	return now, before
}

// speaksFor tells whether an object asks for another one too: the Namespace of a
// control plane for the install as a whole, its workloads, and the cluster.
func (e *Evaluation) speaksFor(object, other snapshot.Object) bool {
	cp := e.Snapshot.ControlPlane(object.Name)
	if object.Kind != "Namespace" || cp == nil {
		return false
	}
	isOther := func(w snapshot.ControlPlaneWorkload) bool { return w.Object == other }
	return other == ControlPlaneObject(object.Name) || other == e.cluster() || slices.ContainsFunc(cp.Workloads, isOther)
}

// judged tells whether a guideline said anything in this run.
func (e *Evaluation) judged(g *guideline.Guideline) bool {
	return slices.ContainsFunc(e.Judgements, func(j Judgement) bool { return j.Guideline == g })
}

// selected returns a guideline of this run by its name, or nil.
func (e *Evaluation) selected(id string) *guideline.Guideline {
	for _, g := range e.guidelines {
		if g.ID == id {
			return g
		}
	}
	return nil
}

// ignoreEntry is one guideline that an object asks not to be judged by, and why.
type ignoreEntry struct{ guideline, reason string }

// parseIgnore reads the annotation's value. A reason may hold "=", and line ends,
// which become blanks; nothing between two ";" is no entry.
func parseIgnore(value string) []ignoreEntry {
	var entries []ignoreEntry
	for part := range strings.SplitSeq(value, ";") {
		name, reason, _ := strings.Cut(part, "=")
		entry := ignoreEntry{strings.TrimSpace(name), strings.Join(strings.Fields(reason), " ")}
		if strings.TrimSpace(part) != "" {
			entries = append(entries, entry)
		}
	}
	return entries
}

// guidelineName is what the name of a guideline looks like.
var guidelineName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_-]{0,62}$`)

// unknownGuideline is the finding about an entry that names no guideline. Text
// that does not look like a name may be anything, and is not repeated.
func unknownGuideline(name string, known []string) guideline.Result {
	var r guideline.Result
	near := dapr.Nearest(name, known)
	switch {
	case !guidelineName.MatchString(name):
		r = guideline.Fail("%s has an entry that names no guideline", IgnoreAnnotation)
	case near != "":
		r = guideline.Fail("%s names %s, which is no guideline (did you mean %s?)", IgnoreAnnotation, name, near)
	default:
		r = guideline.Fail("%s names %s, which is no guideline", IgnoreAnnotation, name)
	}
	return r.As(guideline.Warning).Do("write GUIDELINE=REASON, with the name of a guideline")
}
