// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package plan_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/evaluate"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/plan"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// wantsQuota is a guideline that wants a ResourceQuota of its own name beside a
// control plane.
func wantsQuota(id string, provide func(*guideline.Install) guideline.Creation) *guideline.Guideline {
	return &guideline.Guideline{
		ID: id, Severity: guideline.Warning, Fix: "make " + id, Provide: provide,
		ControlPlane: func(install *guideline.Install) []guideline.Result {
			if hasQuota(install, id) {
				return []guideline.Result{guideline.Pass("there")}
			}
			return []guideline.Result{guideline.Fail("no %s", id)}
		},
	}
}

// failsWith is a guideline that fails where there is a ResourceQuota of a name.
func failsWith(id, quota string) *guideline.Guideline {
	return &guideline.Guideline{
		ID: id, Severity: guideline.Warning, Fix: "delete it",
		ControlPlane: func(install *guideline.Install) []guideline.Result {
			if hasQuota(install, quota) {
				return []guideline.Result{guideline.Fail("%s is there", quota)}
			}
			return []guideline.Result{guideline.Pass("not there")}
		},
	}
}

func hasQuota(install *guideline.Install, name string) bool {
	return slices.ContainsFunc(install.Snapshot.ResourceQuotasOf(install.Namespace), func(q snapshot.ResourceQuota) bool {
		return q.Object.Name == name
	})
}

// makes is the creation of a ResourceQuota of a name.
func makes(name string) func(*guideline.Install) guideline.Creation {
	return func(install *guideline.Install) guideline.Creation {
		return guideline.Creation{Quota: &corev1.ResourceQuota{ObjectMeta: metav1.ObjectMeta{Namespace: install.Namespace, Name: name}}, Risks: []string{"risk of " + name}}
	}
}

// onAnother makes a guideline's findings those of a workload of the install.
func onAnother(g *guideline.Guideline) *guideline.Guideline {
	judge := g.ControlPlane
	g.ControlPlane = func(install *guideline.Install) []guideline.Result {
		results := judge(install)
		for i := range results {
			results[i] = results[i].On(snapshot.Object{APIVersion: "apps/v1", Kind: "Deployment", Namespace: install.Namespace, Name: "dapr-operator"}, snapshot.Source{})
		}
		return results
	}
	return g
}

// installed are control planes in namespaces, and an app.
func installed(namespaces ...string) *snapshot.Snapshot {
	s := of(app("Deployment", "web"))
	for _, ns := range namespaces {
		s.ControlPlanes = append(s.ControlPlanes, snapshot.ControlPlane{Namespace: ns})
	}
	return s
}

func everywhere(guidelines []*guideline.Guideline, named ...string) plan.Options {
	o := options(guidelines, named...)
	o.Evaluation.Scopes = append(o.Evaluation.Scopes, guideline.ControlPlane)
	return o
}

// made are the creations of a plan, a line each, and the findings of control planes
// that are left.
func made(p *plan.Plan) string {
	var lines []string
	for _, c := range p.Creations {
		line := c.Object.String() + "; closes"
		for _, j := range c.Closes {
			line += " " + j.Guideline.ID
		}
		lines = append(lines, line+"; "+strings.Join(c.Risks, ", "))
	}
	for _, l := range p.Left {
		if l.Guideline.ControlPlane != nil {
			lines = append(lines, "left "+l.Guideline.ID+": "+l.Why)
		}
	}
	return strings.Join(lines, "\n")
}

func TestCreations(t *testing.T) {
	t.Parallel()
	type list = []*guideline.Guideline
	only := func(ns string) func(*plan.Options) {
		return func(o *plan.Options) {
			o.Evaluation.ControlPlanes = func(namespace string) bool { return namespace == ns }
		}
	}
	nothing := func(*guideline.Install) guideline.Creation { return guideline.Creation{} }
	person := func(*guideline.Install) guideline.Creation { return guideline.Creation{Person: "think first"} }
	for _, tt := range []struct {
		name       string
		guidelines list
		named      []string
		change     func(*plan.Options)
		want       string
	}{
		{"made", list{wantsQuota("a", makes("a"))}, nil, nil, "ResourceQuota one/a; closes a; risk of a\nResourceQuota two/a; closes a; risk of a"},
		{"where it was asked for", list{wantsQuota("a", makes("a"))}, nil, only("two"), "ResourceQuota two/a; closes a; risk of a"},
		{"named", list{wantsQuota("a", makes("a")), wantsQuota("b", makes("b"))}, []string{"a"}, only("one"), "ResourceQuota one/a; closes a; risk of a"},
		{"whatever apps are wanted", list{wantsQuota("a", makes("a"))}, nil, func(o *plan.Options) {
			only("one")(o)
			o.Wanted = func(snapshot.Object) bool { return false }
		}, "ResourceQuota one/a; closes a; risk of a"},
		{"its finding is of another object", list{onAnother(wantsQuota("a", makes("a")))}, nil, only("one"), "ResourceQuota one/a; closes a; risk of a"},
		{"the finding says more", list{wantsQuota("a", nothing)}, nil, only("one"), "left a: make a"},
		{"a person", list{wantsQuota("a", person)}, nil, only("one"), "left a: think first"},
		{"a person, of another object", list{onAnother(wantsQuota("a", person))}, nil, only("one"), "left a: think first"},
		{"it does not close", list{wantsQuota("a", makes("b"))}, nil, only("one"), "left a: it would not close the finding: no a"},
		{"it opens another", list{wantsQuota("a", makes("a")), failsWith("x", "a")}, nil, only("one"), "left a: it would open another finding: x, a is there"},
		{"refused", list{wantsQuota("a", makes("a"))}, nil, func(o *plan.Options) {
			o.Refused = map[plan.Remedy]string{{App: evaluate.ControlPlaneObject("one"), Guideline: "a"}: "the server says no"}
		}, "ResourceQuota two/a; closes a; risk of a\nleft a: the server says no"},
		{"beside changes", list{wants("c", sets("c=1")), wantsQuota("a", makes("a"))}, nil, only("one"), "ResourceQuota one/a; closes a; risk of a"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := installed("one", "two")
			o := everywhere(tt.guidelines, tt.named...)
			if tt.change != nil {
				tt.change(&o)
			}
			p := plan.Make(s, o)
			if got := made(p); got != tt.want {
				t.Errorf("got:\n%s\nwant:\n%s", got, tt.want)
			}
			if tt.name == "beside changes" && len(p.Changes) != 1 {
				t.Errorf("changes %v", changes(p))
			}
			if len(s.ResourceQuotas) > 0 {
				t.Error("the snapshot was changed")
			}
		})
	}
}

// TestCreationStep: of what is made the whole object is shown and sent, and nothing
// that the server adds.
func TestCreationStep(t *testing.T) {
	t.Parallel()
	p := plan.Make(installed("one"), everywhere([]*guideline.Guideline{wantsQuota("a", makes("a"))}))
	step := p.Creations[0].Step()
	patch := step.Patch(nil)
	want := map[string]any{"apiVersion": "v1", "kind": "ResourceQuota", "metadata": map[string]any{"name": "a", "namespace": "one"}, "spec": map[string]any{}}
	if !unstructuredEqual(patch, want) {
		t.Errorf("got %v, want %v", patch, want)
	}
	if step.Pods() != 0 || len(step.Added()) != 0 || step.Costs() || step.App != p.Creations[0].Object || step.State != plan.Ready {
		t.Errorf("it is %+v", step)
	}
}

func unstructuredEqual(a, b map[string]any) bool {
	x, _ := (&unstructured.Unstructured{Object: a}).MarshalJSON()
	y, _ := (&unstructured.Unstructured{Object: b}).MarshalJSON()
	return string(x) == string(y)
}

// TestUnfitCreation: what the server stores may not be what was planned.
func TestUnfitCreation(t *testing.T) {
	t.Parallel()
	s := installed("one")
	o := everywhere([]*guideline.Guideline{wantsQuota("a", makes("a")), failsWith("x", "b")})
	p := plan.Make(s, o)
	for _, tt := range []struct{ stored, want string }{
		{"a", ""},
		{"other", "it would not close the finding: no a"},
		{"b", "it would open another finding: x, b is there"},
	} {
		object := p.Creations[0].Content.DeepCopy()
		object.SetName(tt.stored)
		after, err := plan.Made(s, []*unstructured.Unstructured{object})
		if err != nil {
			t.Fatal(err)
		}
		want := map[plan.Remedy]string{}
		if tt.want != "" {
			want[plan.Remedy{App: evaluate.ControlPlaneObject("one"), Guideline: "a"}] = tt.want
		}
		if got := p.Unfit(evaluate.Run(after, o.Guidelines, o.Evaluation)); !maps.Equal(got, want) {
			t.Errorf("%s: %v, want %v", tt.stored, got, want)
		}
	}
}
