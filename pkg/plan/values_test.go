// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package plan_test

import (
	"os"
	"reflect"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/yaml"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/catalogue"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/dapr"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/evaluate"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/plan"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// TestNewValuesAreThoseOfTheExample: the values for a new install are those of
// examples/production, and each has somebody who asks for it.
func TestNewValuesAreThoseOfTheExample(t *testing.T) {
	t.Parallel()
	content, err := os.ReadFile("../../examples/production/dapr-values.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var want map[string]any
	if err := yaml.Unmarshal(content, &want); err != nil {
		t.Fatal(err)
	}
	v, left := plan.NewValues(snapshot.ControlPlane{Namespace: "dapr-system", Version: dapr.NewestVersion()}, catalogue.All())
	if got := v.Tree(); !reflect.DeepEqual(got, want) || len(left) > 0 {
		t.Errorf("got %v, left %v\nwant %v", got, left, want)
	}
	for _, a := range v.Additions {
		if len(a.For) == 0 {
			t.Errorf("nobody asks for %s", a.Path)
		}
	}
}

// asks is a guideline that fails on the control plane, and wants values.
func asks(id string, values guideline.Values) *guideline.Guideline {
	return &guideline.Guideline{
		ID: id, Severity: guideline.Warning, Origin: guideline.Page, Fix: "do it",
		ControlPlane: func(*guideline.Install) []guideline.Result {
			return []guideline.Result{guideline.Fail("%s falls short", id)}
		},
		Values: func(*guideline.Install) guideline.Values { return values },
	}
}

func TestValuesAreMerged(t *testing.T) {
	t.Parallel()
	set := func(path string, value any) guideline.Values {
		return guideline.Set(guideline.Value{Path: path, Value: value})
	}
	for _, tt := range []struct {
		name  string
		named []string
		all   []*guideline.Guideline
		tree  map[string]any
		left  string
	}{
		{"two ask for the same", nil, []*guideline.Guideline{asks("a", set("x.y", true)), asks("b", set("x.y", true))}, map[string]any{"x": map[string]any{"y": true}}, ""},
		{"two ask for different ones", nil, []*guideline.Guideline{asks("a", set("x.y", true)), asks("b", set("x.z", nil))}, map[string]any{"x": map[string]any{"y": true, "z": nil}}, ""},
		{"two contradict each other", nil, []*guideline.Guideline{asks("a", set("x.y", "1")), asks("b", set("x.y", "2"))}, nil, "a: it wants x.y=1, and b wants 2: name one of the two; b: it wants x.y=2, and a wants 1: name one of the two"},
		{"one is named", []string{"b"}, []*guideline.Guideline{asks("a", set("x.y", "1")), asks("b", set("x.y", "2"))}, map[string]any{"x": map[string]any{"y": "2"}}, ""},
		{"a value in another", nil, []*guideline.Guideline{asks("a", set("x", "1")), asks("b", set("x.y", "2"))}, nil, "a: it wants x, and b wants x.y: name one of the two; b: it wants x.y, and a wants x: name one of the two"},
		{"only where it is named", nil, []*guideline.Guideline{asks("a", set("x", "1").Only("it is dangerous"))}, nil, "a (named): it is dangerous"},
		{"named", []string{"a"}, []*guideline.Guideline{asks("a", set("x", "1").Only("it is dangerous"))}, map[string]any{"x": "1"}, ""},
		{"a person", nil, []*guideline.Guideline{asks("a", guideline.Values{Person: "ask somebody"})}, nil, "a: ask somebody"},
		{"nothing", nil, []*guideline.Guideline{asks("a", guideline.Values{})}, nil, "a: do it"},
		{"not what it closes", nil, []*guideline.Guideline{asks("a", set("x", "1").Closing(func(snapshot.Object, guideline.Result) bool { return false }))}, map[string]any{"x": "1"}, "a: do it"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := &snapshot.Snapshot{Live: true, ControlPlanes: []snapshot.ControlPlane{{Namespace: "dapr-system", Workloads: []snapshot.ControlPlaneWorkload{{Name: dapr.Operator}}}}}
			p := plan.MakeValues(s, plan.Options{
				Guidelines: tt.all, Named: tt.named,
				Evaluation: evaluate.Options{Scopes: []guideline.Scope{guideline.ControlPlane}},
			})
			var tree map[string]any
			if len(p.Installs) > 0 {
				tree = p.Installs[0].Tree()
			}
			var left []string
			for _, l := range p.Left {
				named := ""
				if l.By != nil {
					named = " (named)"
				}
				left = append(left, l.Guideline.ID+named+": "+l.Why)
			}
			if got := strings.Join(left, "; "); !reflect.DeepEqual(tree, tt.tree) || got != tt.left {
				t.Errorf("got %v, left %s\nwant %v, left %s", tree, got, tt.tree, tt.left)
			}
		})
	}
}

// TestWhoAddsValues: helm adds them to a release of Dapr's own chart that nobody else
// keeps; all others are told where to commit them.
func TestWhoAddsValues(t *testing.T) {
	t.Parallel()
	helm := snapshot.Annotations{"meta.helm.sh/release-name": "dapr"}
	release := &snapshot.Release{Name: "dapr", Chart: "dapr", Status: "deployed"}
	for _, tt := range []struct {
		name    string
		with    func(*snapshot.ControlPlaneWorkload)
		release *snapshot.Release
		helm    bool
		commit  string
	}{
		{"helm", func(*snapshot.ControlPlaneWorkload) {}, release, true, ""},
		{"helm, whose record was not read", func(*snapshot.ControlPlaneWorkload) {}, nil, false, "Helm's record of the release was not read"},
		{"a part of another chart", func(*snapshot.ControlPlaneWorkload) {}, &snapshot.Release{Chart: "platform"}, false, "a part of the chart platform"},
		{"argo", func(w *snapshot.ControlPlaneWorkload) {
			w.Annotations = snapshot.Annotations{"argocd.argoproj.io/tracking-id": "dapr"}
		}, nil, false, "Argo CD keeps it"},
		{"a helm release of flux", func(w *snapshot.ControlPlaneWorkload) {
			w.Labels = map[string]string{"helm.toolkit.fluxcd.io/name": "dapr"}
		}, release, false, "a Flux HelmRelease keeps it"},
		{"a kustomization of flux", func(w *snapshot.ControlPlaneWorkload) {
			w.Labels = map[string]string{"kustomize.toolkit.fluxcd.io/name": "dapr"}
		}, nil, false, "a Flux Kustomization keeps it"},
		{"an operator", func(w *snapshot.ControlPlaneWorkload) { w.Owned = true }, release, false, "an operator keeps it"},
		{"the AKS extension", func(w *snapshot.ControlPlaneWorkload) { w.Container.Image = "mcr.microsoft.com/daprio/operator:1.14.4" }, release, false, "the AKS extension keeps it"},
		{"manifests", func(w *snapshot.ControlPlaneWorkload) { w.Annotations = nil }, nil, false, "it was applied as manifests"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := snapshot.ControlPlaneWorkload{Name: dapr.Operator, Annotations: helm, Container: &corev1.Container{Image: "ghcr.io/dapr/operator:1.18.3"}}
			tt.with(&w)
			cp := &snapshot.ControlPlane{Workloads: []snapshot.ControlPlaneWorkload{w}, Release: tt.release}
			v := plan.Values{ControlPlane: cp, Keeper: cp.Keeper()}
			if v.Helm() != tt.helm || (v.Commit() == "") != tt.helm || !strings.Contains(v.Commit(), tt.commit) {
				t.Errorf("helm %t, %q", v.Helm(), v.Commit())
			}
			if tt.commit == "it was applied as manifests" {
				return
			}
			// One workload that bears the mark is enough, wherever it stands.
			plain := snapshot.ControlPlaneWorkload{Name: dapr.Sentry, Annotations: helm, Container: &corev1.Container{Image: "ghcr.io/dapr/sentry:1.18.3"}}
			cp.Workloads = []snapshot.ControlPlaneWorkload{plain, w, plain}
			if among := (&plan.Values{ControlPlane: cp, Keeper: cp.Keeper()}).Commit(); among != v.Commit() {
				t.Errorf("among others: %q", among)
			}
		})
	}
}
