// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"maps"
	"slices"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/evaluate"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// Values are what is added to the values of one control plane's chart, and what that
// does. What the values are already is not in it.
type Values struct {
	ControlPlane *snapshot.ControlPlane
	Keeper       snapshot.Keeper
	// New tells that the control plane is still to be installed.
	New bool
	// Additions are sorted by their paths. No path is the beginning of another.
	Additions []Addition
	// Closes are the findings that they close.
	Closes []evaluate.Judgement
	// Restart are the apps whose Pods have to be made anew afterwards, sorted.
	Restart []snapshot.Object
	// Risks are sentences about what may go wrong.
	Risks []string
	// Blocked is why the release takes no upgrade now, and the way out; empty where it does.
	Blocked string
}

// Addition is one value that is added.
type Addition struct {
	guideline.Value
	// For are the guidelines that ask for it.
	For []*guideline.Guideline
}

// ValuesPlan is what is added to the values of all control planes.
type ValuesPlan struct {
	// Before is what was judged.
	Before *evaluate.Evaluation
	// Installs are those with something to add, sorted by their namespaces.
	Installs []Values
	// Drift are the findings that tell where the cluster is not as Helm has it.
	Drift []evaluate.Judgement
	// Left are the findings that no value closes, sorted as they were judged; Drift is
	// not among them.
	Left []Left
	// Kept are what was named and is kept for now, with what there is to do in time.
	Kept []evaluate.Judgement
}

// MakeValues plans the values that close what falls short of control planes. The
// scopes of the evaluation have to hold apps, since some values are made for these.
func MakeValues(s *snapshot.Snapshot, o Options) *ValuesPlan {
	d := &valuesDraft{Options: o, before: evaluate.Run(s, o.Guidelines, o.Evaluation), said: map[Remedy]Left{}}
	p := &ValuesPlan{Before: d.before}
	for i := range s.ControlPlanes {
		cp := &s.ControlPlanes[i]
		if judged := o.Evaluation.ControlPlanes; len(cp.Workloads) == 0 || judged != nil && !judged(cp.Namespace) {
			continue
		}
		if v := d.values(d.install(cp)); len(v.Additions) > 0 {
			p.Installs = append(p.Installs, v)
		}
	}
	p.Drift, p.Left = d.rest(p)
	for _, j := range d.before.Judgements {
		if j.Outcome == guideline.Passed && j.Remedy != "" && slices.Contains(o.Named, j.Guideline.ID) {
			p.Kept = append(p.Kept, j)
		}
	}
	return p
}

// NewValues are the values for a new install of a release, those that a person has
// to see to as Left.
func NewValues(cp snapshot.ControlPlane, guidelines []*guideline.Guideline) (Values, []Left) {
	return newValues(&guideline.Install{ControlPlane: &cp}, guidelines)
}

// newValues are those for an install that is still to be made.
func newValues(install *guideline.Install, guidelines []*guideline.Guideline) (Values, []Left) {
	install.Snapshot, install.Edition, install.New = &snapshot.Snapshot{}, guideline.Newer, true
	v := Values{ControlPlane: install.ControlPlane, Keeper: snapshot.Helm, New: true}
	var asked []asking
	var left []Left
	for _, g := range guidelines {
		if g.Values == nil {
			continue
		}
		made := g.Values(install)
		if made.Person != "" {
			object := evaluate.ControlPlaneObject(install.Namespace)
			left = append(left, Left{Judgement: evaluate.Judgement{Guideline: g, Object: object, Result: guideline.Result{Severity: g.Severity, Origin: g.Origin}}, Why: made.Person})
		}
		asked = append(asked, asking{g, made})
	}
	v.add(asked)
	return v, left
}

// Tree are the additions as Helm takes them: maps in maps. A nil takes a value out.
func (v *Values) Tree() map[string]any {
	tree := map[string]any{}
	for _, a := range v.Additions {
		at, names := tree, a.names()
		for _, name := range names[:len(names)-1] {
			inner, made := at[name].(map[string]any)
			if !made {
				inner = map[string]any{}
				at[name] = inner
			}
			at = inner
		}
		at[names[len(names)-1]] = a.Value.Value
	}
	return tree
}

// add takes in what guidelines ask for, each value once.
func (v *Values) add(asked []asking) {
	byPath := map[string]*Addition{}
	for _, a := range asked {
		for _, value := range a.Set {
			if byPath[value.Path] == nil {
				byPath[value.Path] = &Addition{Value: value}
			}
			into := byPath[value.Path]
			if into.Note == "" {
				into.Note = value.Note
			}
			if !slices.Contains(into.For, a.guideline) {
				into.For = append(into.For, a.guideline)
			}
		}
		v.Risks = append(v.Risks, a.Risks...)
		v.Restart = append(v.Restart, a.Restart...)
	}
	for _, path := range slices.Sorted(maps.Keys(byPath)) {
		v.Additions = append(v.Additions, *byPath[path])
	}
	v.Risks = distinct(v.Risks)
	slices.SortFunc(v.Restart, snapshot.Object.Compare)
	v.Restart = slices.Compact(v.Restart)
}

// distinct are sentences, each once, in their order.
func distinct(all []string) []string {
	var once []string
	for _, s := range all {
		if !slices.Contains(once, s) {
			once = append(once, s)
		}
	}
	return once
}

// Closes tells whether the values close a finding. None do where there is no plan.
func (p *ValuesPlan) Closes(j evaluate.Judgement) bool {
	return p != nil && slices.ContainsFunc(p.Installs, func(v Values) bool {
		return slices.ContainsFunc(v.Closes, func(c evaluate.Judgement) bool { return sameFinding(c, j) })
	})
}

// Without takes out the value at a path.
func (p *ValuesPlan) Without(path string) {
	for i := range p.Installs {
		v := &p.Installs[i]
		v.Additions = slices.DeleteFunc(v.Additions, func(a Addition) bool { return a.Path == path })
	}
}
