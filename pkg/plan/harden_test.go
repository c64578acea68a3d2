// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package plan_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/field"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/plan"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

var (
	automount = field.Path{"spec", "automountServiceAccountToken"}
	variable  = field.Path{"spec", "containers", field.Named("app"), "env", field.Named("TOKEN")}
	reference = map[string]any{"name": "TOKEN", "valueFrom": map[string]any{"secretKeyRef": map[string]any{"name": "made", "key": "token"}}}
)

// secure is a guideline of the security section that wants a Secret, a variable of it
// and a field of the Pod.
func secure() *guideline.Guideline {
	return &guideline.Guideline{
		ID: "secure", Severity: guideline.Warning, Fix: "secure it", Hardens: true,
		App: func(app *guideline.App) []guideline.Result {
			spec := app.Template.Spec
			env := spec.Containers[0].Env
			switch {
			case spec.AutomountServiceAccountToken == nil || *spec.AutomountServiceAccountToken:
				return []guideline.Result{guideline.Fail("mounted")}
			case len(env) == 0 || env[len(env)-1].ValueFrom.SecretKeyRef.Name != "made":
				return []guideline.Result{guideline.Fail("no variable")}
			case app.Snapshot.Secret("shop", "made") == nil:
				return []guideline.Result{guideline.Fail("no Secret")}
			}
			return []guideline.Result{guideline.Pass("secure")}
		},
		Mend: func(app *guideline.App) guideline.Remedy {
			if app.Said.Rotate {
				return guideline.Annotate("rotated", "true")
			}
			return guideline.Remedy{
				Fields:  []guideline.Field{{Path: variable, Value: reference}, {Path: automount, Value: false}},
				Secrets: []guideline.NewSecret{{Name: "made", Keys: []string{"token"}}},
				Leaves:  []string{"old"},
			}
		},
	}
}

func plain(kind string) *snapshot.Snapshot {
	o := snapshot.Object{APIVersion: "apps/v1", Kind: kind, Namespace: "shop", Name: "orders"}
	if kind == "Rollout" {
		o.APIVersion = "argoproj.io/v1alpha1"
	}
	spec := &corev1.PodSpec{Containers: []corev1.Container{{Name: "app", Env: []corev1.EnvVar{{Name: "A", Value: "b"}}}}}
	return of(snapshot.App{Object: o, Template: &snapshot.Template{Object: o, Path: "spec.template", Spec: spec}})
}

// TestParts: a change has its Secrets, its fields and what it leaves; the app is judged
// with all of them, and the snapshot stays as it was.
func TestParts(t *testing.T) {
	t.Parallel()
	s := plain("Deployment")
	o := options([]*guideline.Guideline{secure()})
	o.Hardens = true
	p := plan.Make(s, o)
	if len(p.Changes) != 1 || len(p.Changes[0].Closes) != 1 || len(p.Left) != 0 {
		t.Fatalf("%s", written(p))
	}
	c := p.Changes[0]
	want := []plan.Field{{Path: automount, Value: false}, {Path: variable, Value: reference}}
	if !reflect.DeepEqual(c.Fields, want) {
		t.Errorf("fields %v", c.Fields)
	}
	secret := plan.SecretNamed("shop", "made")
	if len(c.Secrets) != 1 || c.Secrets[0].Object != secret || !slices.Equal(c.Leaves, []snapshot.Object{plan.SecretNamed("shop", "old")}) {
		t.Errorf("makes %v, leaves %v", c.Secrets, c.Leaves)
	}
	if content := c.Secrets[0].Content().Object; content["data"] != nil || content["stringData"] != nil {
		t.Errorf("the plan holds what is secret: %v", content)
	}
	spec := s.Apps[0].Template.Spec
	if len(spec.Containers[0].Env) != 1 || spec.AutomountServiceAccountToken != nil || len(s.Secrets) != 0 {
		t.Errorf("the snapshot was changed: %v", spec)
	}
	if got := c.String(); got != "Deployment shop/orders: spec.automountServiceAccountToken, spec.containers[app].env[TOKEN]" {
		t.Errorf("it is called %q", got)
	}
}

// TestWhoHardens: which remedies of the security section are taken.
func TestWhoHardens(t *testing.T) {
	t.Parallel()
	type set = func(*guideline.Guideline, *plan.Options)
	byApp := func(g *guideline.Guideline, _ *plan.Options) {
		mend := g.Mend
		g.Mend = func(app *guideline.App) guideline.Remedy { r := mend(app); r.ByApp = "name it"; return r }
	}
	strict := func(g *guideline.Guideline, _ *plan.Options) { g.Restricted = true }
	for _, test := range []struct {
		name, kind string
		sets       []set
		want       string
	}{
		{"fix leaves it alone", "Deployment", []set{func(_ *guideline.Guideline, o *plan.Options) { o.Hardens = false }}, "left secure: secure it"},
		{"another is not for harden", "Deployment", []set{func(g *guideline.Guideline, _ *plan.Options) { g.Hardens = false }}, ""},
		{"no app is named", "Deployment", []set{byApp}, "left secure, if named: name it"},
		{"another app is named", "Deployment", []set{byApp, func(_ *guideline.Guideline, o *plan.Options) {
			o.Chosen = func(o snapshot.Object) bool { return o.Name != "orders" }
		}}, "left secure, if named: name it"},
		{"the app is named", "Deployment", []set{byApp, func(_ *guideline.Guideline, o *plan.Options) {
			o.Chosen = func(o snapshot.Object) bool { return o.Name == "orders" }
		}}, "change; for secure; closes secure"},
		{"of the profile restricted", "Deployment", []set{strict}, "left secure, if named: it is of the profile restricted"},
		{"in the profile restricted", "Deployment", []set{strict, func(_ *guideline.Guideline, o *plan.Options) { o.Restricted = true }}, "change; for secure; closes secure"},
		{"of the profile restricted, and named", "Deployment", []set{strict, func(_ *guideline.Guideline, o *plan.Options) { o.Named = []string{"secure"} }}, "change; for secure; closes secure"},
		{"lists of a Rollout", "Rollout", nil, "left secure: a Rollout's lists have no elements of their own to write: change its manifest, or let it refer to a Deployment with workloadRef"},
		{"asked for anew, and not named", "Deployment", []set{func(_ *guideline.Guideline, o *plan.Options) { o.Evaluation.Said.Rotate = true }}, "left secure: it would not close the finding: mounted"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			g := secure()
			o := options([]*guideline.Guideline{g})
			o.Hardens = true
			for _, set := range test.sets {
				set(g, &o)
			}
			if got := written(plan.Make(plain(test.kind), o)); got != test.want {
				t.Errorf("%s\nwant\n%s", got, test.want)
			}
		})
	}
}

// TestRotates: what is asked for anew is done once, though nothing falls short.
func TestRotates(t *testing.T) {
	t.Parallel()
	g := secure()
	g.App = func(*guideline.App) []guideline.Result { return []guideline.Result{guideline.Pass("secure")} }
	n := 0
	g.Mend = func(app *guideline.App) guideline.Remedy {
		n++
		return guideline.Annotate("token", app.Template.Annotations["token"]+"I")
	}
	o := options([]*guideline.Guideline{g}, "secure")
	o.Hardens, o.Evaluation.Said.Rotate = true, true
	if got := written(plan.Make(plain("Deployment"), o)); !strings.HasPrefix(got, "change token=I; for secure") || n != 1 {
		t.Errorf("asked %d times: %s", n, got)
	}
	o.Evaluation.Said.Rotate = false
	if got := written(plan.Make(plain("Deployment"), o)); got != "" {
		t.Errorf("unasked: %s", got)
	}
}
