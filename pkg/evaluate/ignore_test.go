// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package evaluate_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/evaluate"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// ignoring is an app whose template carries the annotation.
func ignoring(name, value string) snapshot.App {
	a := app(name)
	a.Template.Annotations[evaluate.IgnoreAnnotation] = value
	return a
}

// always answers with the same results, whatever the app.
func always(id string, results ...guideline.Result) *guideline.Guideline {
	return about(id, func(*guideline.App) []guideline.Result { return slices.Clone(results) })
}

// lines are the judgements, one line each.
func lines(e *evaluate.Evaluation) []string {
	var all []string
	for _, j := range e.Judgements {
		line := fmt.Sprintf("%s %s %s: %s", j.Outcome, j.Severity, j.Guideline.ID, j.Message)
		if j.Reason != "" {
			line += " [" + j.Reason + "]"
		}
		all = append(all, line)
	}
	return all
}

// known are the names of all guidelines, of which the tests select some.
var known = []string{"bad", "good", "dapr-annotations", "not-selected", "planes"}

func TestIgnore(t *testing.T) {
	t.Parallel()
	names := "fail warning dapr-annotations: " + evaluate.IgnoreAnnotation
	for _, tt := range []struct {
		name, value string
		// want is what differs from an app that asks for nothing.
		want []string
	}{
		{"nothing", "", nil},
		{"blanks", " ; \n;", nil},
		{"a failure and an unknown", "bad=measured", []string{"ignored error bad: fails [measured]", "ignored warning bad: hidden [measured]"}},
		{"blanks around", " bad = measured ;", []string{"ignored error bad: fails [measured]", "ignored warning bad: hidden [measured]"}},
		{"a reason with = and line ends", "bad = a=b,\n  see\tRUN-12\n", []string{"ignored error bad: fails [a=b, see RUN-12]", "ignored warning bad: hidden [a=b, see RUN-12]"}},
		{"no reason", "bad", []string{"fail error bad: fails", "fail warning bad: dapr-prod.github.io/ignore names bad without a reason, and so does nothing", "unknown warning bad: hidden"}},
		{"blanks are no reason", "bad= ;", []string{"fail error bad: fails", "fail warning bad: dapr-prod.github.io/ignore names bad without a reason, and so does nothing", "unknown warning bad: hidden"}},
		{"no reason, then one", "bad;bad=measured", []string{"fail warning bad: dapr-prod.github.io/ignore names bad without a reason, and so does nothing", "ignored error bad: fails [measured]", "ignored warning bad: hidden [measured]"}},
		{"twice", "bad=one;bad=two", []string{"fail info bad: dapr-prod.github.io/ignore names bad twice, and the first reason counts", "ignored error bad: fails [one]", "ignored warning bad: hidden [one]"}},
		{"nothing to ignore", "good=measured", []string{"fail info good: dapr-prod.github.io/ignore names good, which has nothing to ignore here"}},
		{"not run", "not-selected=measured", nil},
		{"not run, without a reason", "not-selected", nil},
		{"run, but not judged", "planes=measured", nil},
		{"unknown", "god=measured", []string{names + " names god, which is no guideline (did you mean good?)"}},
		{"unknown, and nothing near", "certificates=measured", []string{names + " names certificates, which is no guideline"}},
		{"unknown, without a reason", "certificates", []string{names + " names certificates, which is no guideline"}},
		{"no name", "=measured", []string{names + " has an entry that names no guideline"}},
		{"no name at all, perhaps a secret", "p@ss word", []string{names + " has an entry that names no guideline"}},
		{"another entry hides no mistake", "good;dapr-annotations=known;god=x", []string{
			"fail warning good: dapr-prod.github.io/ignore names good without a reason, and so does nothing",
			"fail info dapr-annotations: dapr-prod.github.io/ignore names dapr-annotations, which has nothing to ignore here",
			names + " names god, which is no guideline (did you mean good?)",
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			guidelines := []*guideline.Guideline{
				always("bad", guideline.Fail("fails").As(guideline.Error), guideline.Unknown("hidden"), guideline.Pass("passes")),
				always("good", guideline.Pass("passes")),
				always("dapr-annotations", guideline.Skip("skips")),
				{ID: "planes", ControlPlane: func(*guideline.Install) []guideline.Result { return nil }},
			}
			want := append([]string{"pass warning bad: passes", "pass warning good: passes", "skip warning dapr-annotations: skips"}, tt.want...)
			if !strings.Contains(strings.Join(tt.want, ""), "bad: fails") {
				want = append(want, "fail error bad: fails", "unknown warning bad: hidden")
			}
			slices.Sort(want)
			s := &snapshot.Snapshot{Apps: []snapshot.App{ignoring("orders", tt.value)}}
			e := evaluate.Run(s, guidelines, evaluate.Options{Scopes: []guideline.Scope{guideline.Apps}, Known: known})
			got := lines(e)
			if got[len(got)-1] != "pass warning good: passes" {
				t.Errorf("not sorted: %q", got)
			}
			slices.Sort(got)
			if !slices.Equal(got, want) {
				t.Errorf("got:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
			}
		})
	}
}

// TestIgnoreSays: a finding about an annotation says whose it is and where it is written.
func TestIgnoreSays(t *testing.T) {
	t.Parallel()
	own := app("orders")
	own.Source = snapshot.Source{File: "shop.yaml", Line: 2}
	own.Annotations = map[string]string{evaluate.IgnoreAnnotation: "good=measured"}
	for field, a := range map[string]snapshot.App{
		"metadata.annotations[dapr-prod.github.io/ignore]":               own,
		"spec.template.metadata.annotations[dapr-prod.github.io/ignore]": ignoring("orders", "good=measured"),
	} {
		e := evaluate.Run(&snapshot.Snapshot{Apps: []snapshot.App{a}}, []*guideline.Guideline{always("good", guideline.Pass("passes"))}, evaluate.Options{Scopes: []guideline.Scope{guideline.Apps}, Known: known})
		line := 7
		if a.Annotations != nil {
			line = 2
		}
		if j := e.Judgements[0]; j.Field != field || j.Origin != guideline.Ours || j.Object != a.Object || j.Source.Line != line || j.Remedy != "remove the entry" {
			t.Errorf("%s: %+v", field, j)
		}
	}
}

// TestIgnoreWhere: an object asks for itself, and nothing asks for what stands
// for more than one.
func TestIgnoreWhere(t *testing.T) {
	t.Parallel()
	const value = "bad=measured"
	marked := map[string]string{evaluate.IgnoreAnnotation: value}
	own := app("own")
	own.Annotations = marked
	bare := ignoring("bare", value)
	bare.Template.Path, bare.Annotations = "", marked
	owned := snapshot.App{Object: snapshot.Object{Kind: "CloneSet", Namespace: "shop", Name: "owned"}, Pods: []snapshot.Pod{{Annotations: marked}, {Annotations: marked}}}
	parted := snapshot.App{Object: snapshot.Object{Kind: "CloneSet", Namespace: "shop", Name: "parted"}, Pods: []snapshot.Pod{{Annotations: marked}, {}}}
	elsewhere := snapshot.Object{Kind: "Component", Namespace: "shop", Name: "store"}
	g := about("bad", func(a *guideline.App) []guideline.Result {
		return []guideline.Result{guideline.Fail("fails"), guideline.Fail("%s", a.Object.Name).On(elsewhere, snapshot.Source{})}
	})
	g.ControlPlane = func(*guideline.Install) []guideline.Result { return []guideline.Result{guideline.Fail("fails")} }
	s := &snapshot.Snapshot{
		Live:          true,
		Apps:          []snapshot.App{app("other"), own, bare, ignoring("template", value), owned, parted},
		ControlPlanes: []snapshot.ControlPlane{plane(t, "dapr-system", "1.18.3")},
		Gaps:          []snapshot.Gap{{Resource: snapshot.Jobs, Place: snapshot.InApps, Reason: snapshot.Forbidden}},
	}
	e := evaluate.Run(s, []*guideline.Guideline{g}, evaluate.Options{Scopes: []guideline.Scope{guideline.Apps, guideline.ControlPlane}, Known: known})
	var ignored []string
	for _, j := range e.Judgements {
		if j.Outcome == guideline.Ignored {
			ignored = append(ignored, j.Object.Name)
		}
	}
	if want := []string{"owned", "bare", "own", "template"}; !slices.Equal(ignored, want) {
		t.Errorf("ignored %q, want %q", ignored, want)
	}
	if len(e.Judgements) != 14 {
		t.Errorf("%d judgements: %s", len(e.Judgements), outcomes(e))
	}
}

// TestIgnoreOfOthers: what is no app asks for itself, and the control plane's
// Namespace for the install and the cluster.
func TestIgnoreOfOthers(t *testing.T) {
	t.Parallel()
	system := snapshot.Object{APIVersion: "v1", Kind: "Namespace", Name: "dapr-system"}
	other := snapshot.Object{APIVersion: "v1", Kind: "Namespace", Name: "shop"}
	binding := snapshot.Object{Kind: "RoleBinding", Namespace: "default", Name: "reader"}
	fails := func(on ...snapshot.Object) []guideline.Result {
		results := []guideline.Result{guideline.Fail("as a whole")}
		for _, o := range on {
			results = append(results, guideline.Fail("%s", o).On(o, snapshot.Source{}))
		}
		return results
	}
	g := &guideline.Guideline{
		ID: "bad", Severity: guideline.Warning,
		ControlPlane: func(*guideline.Install) []guideline.Result { return fails(system) },
		Cluster:      func(*guideline.Platform) []guideline.Result { return fails(binding, other) },
	}
	for _, tt := range []struct {
		asking snapshot.Object
		want   int
	}{{system, 3}, {other, 1}, {binding, 1}, {snapshot.Object{Kind: "RoleBinding", Namespace: "shop", Name: "reader"}, 0}} {
		s := &snapshot.Snapshot{
			Live:          true,
			ControlPlanes: []snapshot.ControlPlane{plane(t, "dapr-system", "1.18.3")},
			Asking:        []snapshot.Asking{{Object: tt.asking, Value: "bad=measured"}},
		}
		e := evaluate.Run(s, []*guideline.Guideline{g}, evaluate.Options{Scopes: []guideline.Scope{guideline.ControlPlane, guideline.Cluster}, Known: known})
		ignored := 0
		for _, j := range e.Judgements {
			if j.Outcome == guideline.Ignored {
				ignored++
			}
		}
		if ignored != tt.want {
			t.Errorf("%s: %d ignored, want %d of %s", tt.asking, ignored, tt.want, outcomes(e))
		}
	}
}
