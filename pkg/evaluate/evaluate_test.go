// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package evaluate_test

import (
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/catalogue"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/dapr"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/evaluate"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

func app(name string, pods ...snapshot.Pod) snapshot.App {
	o := snapshot.Object{APIVersion: "apps/v1", Kind: "Deployment", Namespace: "shop", Name: name}
	return snapshot.App{Object: o, Pods: pods, Template: &snapshot.Template{
		Object: o, Path: "spec.template", Spec: &corev1.PodSpec{}, Source: snapshot.Source{File: "shop.yaml", Line: 7},
		Annotations: map[string]string{"dapr.io/enabled": "true", "dapr.io/app-id": name},
	}}
}

// pod is one whose sidecar was started with these arguments.
func pod(args ...string) snapshot.Pod {
	return snapshot.Pod{Name: "a", Annotations: map[string]string{"dapr.io/enabled": "true"}, Sidecar: &snapshot.Sidecar{Container: corev1.Container{
		Name: "daprd", Args: args, Env: []corev1.EnvVar{{Name: "DAPR_CONTROLPLANE_NAMESPACE", Value: "dapr-system"}},
	}}}
}

func plane(t *testing.T, namespace, version string) snapshot.ControlPlane {
	t.Helper()
	cp := snapshot.ControlPlane{Namespace: namespace, Workloads: []snapshot.ControlPlaneWorkload{{Name: dapr.Injector, Desired: 1, Ready: 1, Container: &corev1.Container{}}}}
	if version != "" {
		v, err := dapr.ParseVersion(version)
		if err != nil {
			t.Fatal(err)
		}
		cp.Version = v
	}
	return cp
}

// about answers with what it sees.
func about(id string, see func(*guideline.App) []guideline.Result) *guideline.Guideline {
	return &guideline.Guideline{ID: id, Severity: guideline.Warning, Origin: guideline.Page, Fix: "mend it", App: see}
}

func named(t *testing.T, id string) *guideline.Guideline {
	t.Helper()
	for _, g := range catalogue.All() {
		if g.ID == id {
			return g
		}
	}
	t.Fatal(id)
	return nil
}

func outcomes(e *evaluate.Evaluation) string {
	var all []string
	for _, j := range e.Judgements {
		all = append(all, string(j.Outcome)+" "+j.Object.String())
	}
	return strings.Join(all, ", ")
}

func TestSorting(t *testing.T) {
	t.Parallel()
	results := map[string][]guideline.Result{
		"a": {guideline.Pass("1"), guideline.Fail("2").As(guideline.Info), guideline.Skip("3")},
		"b": {guideline.Fail("4"), guideline.Unknown("5"), guideline.Fail("6").As(guideline.Error)},
		"c": {guideline.Fail("7").At("z"), guideline.Fail("8").At("a"), guideline.Fail("9").In("x")},
	}
	see := func(id string) *guideline.Guideline {
		return about(id, func(a *guideline.App) []guideline.Result { return slices.Clone(results[a.Object.Name]) })
	}
	// Within one object: by guideline, then container (none comes first), then field.
	want := []string{"6 g", "6 h", "4 g", "4 h", "8 g", "7 g", "9 g", "8 h", "7 h", "9 h", "2 g", "2 h", "5 g", "5 h", "3 g", "3 h", "1 g", "1 h"}
	random := rand.New(rand.NewPCG(1, 2))
	for range 20 {
		s := &snapshot.Snapshot{Live: true, Apps: []snapshot.App{app("a"), app("b"), app("c")}, ControlPlanes: []snapshot.ControlPlane{plane(t, "dapr-system", "1.18.3")}}
		guidelines := []*guideline.Guideline{see("g"), see("h")}
		for _, list := range results {
			random.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
		}
		random.Shuffle(len(s.Apps), func(i, j int) { s.Apps[i], s.Apps[j] = s.Apps[j], s.Apps[i] })
		random.Shuffle(len(guidelines), func(i, j int) { guidelines[i], guidelines[j] = guidelines[j], guidelines[i] })
		var got []string
		for _, j := range evaluate.Run(s, guidelines, evaluate.Options{Scopes: []guideline.Scope{guideline.Apps}}).Judgements {
			got = append(got, j.Message+" "+j.Guideline.ID)
		}
		if !slices.Equal(got, want) {
			t.Fatalf("got  %v\nwant %v", got, want)
		}
	}
}

func TestWhatAResultDoesNotSay(t *testing.T) {
	t.Parallel()
	other := snapshot.Object{Kind: "Secret", Namespace: "shop", Name: "other"}
	g := about("g", func(*guideline.App) []guideline.Result {
		return []guideline.Result{
			guideline.Fail("a"),
			guideline.Fail("b").As(guideline.Info).From(guideline.Ours).Do("do that").On(other, snapshot.Source{Line: 3}),
			guideline.Pass("c"),
		}
	})
	s := &snapshot.Snapshot{Live: true, Apps: []snapshot.App{app("orders")}, ControlPlanes: []snapshot.ControlPlane{plane(t, "dapr-system", "1.18.3")}}
	all := evaluate.Run(s, []*guideline.Guideline{g}, evaluate.Options{Scopes: []guideline.Scope{guideline.Apps}}).Judgements
	if j := all[0]; j.Severity != guideline.Warning || j.Origin != guideline.Page || j.Remedy != "mend it" || j.Object != s.Apps[0].Object || j.Source.Line != 7 {
		t.Errorf("taken from the guideline and the app: %+v", j)
	}
	if j := all[1]; j.Severity != guideline.Info || j.Origin != guideline.Ours || j.Remedy != "do that" || j.Object != other || j.Source.Line != 3 {
		t.Errorf("its own: %+v", j)
	}
	if j := all[2]; j.Outcome != guideline.Passed || j.Remedy != "" {
		t.Errorf("a pass has nothing to do: %+v", j)
	}
}

func TestScopes(t *testing.T) {
	t.Parallel()
	s := &snapshot.Snapshot{Live: true, Apps: []snapshot.App{app("orders")}, ControlPlanes: []snapshot.ControlPlane{plane(t, "dapr-system", "1.18.3")}}
	says := func(text string) []guideline.Result { return []guideline.Result{guideline.Pass("%s", text)} }
	all := []*guideline.Guideline{{
		ID:           "everything",
		App:          func(a *guideline.App) []guideline.Result { return says(a.Object.Name) },
		Namespace:    func(n *guideline.Namespace) []guideline.Result { return says(n.Name) },
		ControlPlane: func(i *guideline.Install) []guideline.Result { return says(i.Version.String()) },
		Cluster:      func(p *guideline.Platform) []guideline.Result { return says(p.Installs[0].Namespace) },
	}}
	for _, tt := range []struct {
		scopes []guideline.Scope
		want   string
	}{
		{[]guideline.Scope{guideline.Apps}, "orders, shop"},
		{[]guideline.Scope{guideline.ControlPlane}, "1.18.3"},
		{[]guideline.Scope{guideline.Cluster}, "dapr-system"},
		{[]guideline.Scope{guideline.Apps, guideline.ControlPlane, guideline.Cluster}, "1.18.3, dapr-system, orders, shop"},
		{nil, ""},
	} {
		var got []string
		for _, j := range evaluate.Run(s, all, evaluate.Options{Scopes: tt.scopes}).Judgements {
			got = append(got, j.Message)
		}
		slices.Sort(got)
		if text := strings.Join(got, ", "); text != tt.want {
			t.Errorf("%v: %s, want %s", tt.scopes, text, tt.want)
		}
	}
}

// controlPlaneGuidelines counts the guidelines that judge installs.
func controlPlaneGuidelines() int {
	count := 0
	for _, g := range catalogue.All() {
		if g.ControlPlane != nil {
			count++
		}
	}
	return count
}

func TestNoControlPlane(t *testing.T) {
	t.Parallel()
	forbidden := snapshot.Gap{Resource: snapshot.Deployments, Place: snapshot.InControlPlane, Reason: snapshot.Forbidden}
	for _, tt := range []struct {
		snapshot snapshot.Snapshot
		want     string
	}{
		{snapshot.Snapshot{}, "the control plane is not in the input"},
		{snapshot.Snapshot{ControlPlanes: []snapshot.ControlPlane{{Namespace: "dapr-system", Assumed: true}}}, "the control plane is not in the input"},
		{snapshot.Snapshot{Live: true}, "no Dapr control plane was found in this cluster"},
		{snapshot.Snapshot{Live: true, Gaps: []snapshot.Gap{forbidden}}, "no control plane was seen: not allowed to list deployments.apps in all namespaces"},
	} {
		e := evaluate.Run(&tt.snapshot, catalogue.All(), evaluate.Options{Scopes: []guideline.Scope{guideline.ControlPlane}})
		if want := controlPlaneGuidelines(); len(e.Judgements) != want {
			t.Errorf("%d judgements, want %d: %s", len(e.Judgements), want, outcomes(e))
		}
		for _, j := range e.Judgements {
			if j.Outcome != guideline.Unjudged || j.Message != tt.want || j.Object != evaluate.ControlPlaneObject("") {
				t.Errorf("%s: %q, want %q", j.Outcome, j.Message, tt.want)
			}
		}
	}
}

func TestHiddenApps(t *testing.T) {
	t.Parallel()
	gap := func(r snapshot.Resource, ns string, reason snapshot.GapReason) snapshot.Gap {
		return snapshot.Gap{Resource: r, Place: snapshot.InApps, Namespace: ns, Reason: reason}
	}
	s := &snapshot.Snapshot{Live: true, Context: "prod", Gaps: []snapshot.Gap{
		gap(snapshot.Deployments, "", snapshot.Forbidden),
		gap(snapshot.Pods, "shop", snapshot.Forbidden),
		gap(snapshot.Jobs, "shop", snapshot.Failed),
		gap(snapshot.CronJobs, "market", snapshot.NotInInput),
		gap(snapshot.LimitRanges, "bank", snapshot.Forbidden),
		{Resource: snapshot.Deployments, Place: snapshot.InControlPlane, Reason: snapshot.Forbidden},
	}}
	e := evaluate.Run(s, []*guideline.Guideline{named(t, "sidecar-resources"), named(t, "control-plane-ha")}, evaluate.Options{Scopes: []guideline.Scope{guideline.Apps}})
	if got, want := outcomes(e), "unknown Cluster prod, unknown Namespace shop"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got := e.Judgements[1].Message; !strings.Contains(got, "pods (forbidden)") || !strings.Contains(got, "jobs.batch (failed)") {
		t.Errorf("message %q", got)
	}
}

func TestSameID(t *testing.T) {
	t.Parallel()
	canary, elsewhere := app("canary"), app("elsewhere")
	canary.Template.Annotations["dapr.io/app-id"] = "orders"
	elsewhere.Template.Annotations["dapr.io/app-id"] = "orders"
	elsewhere.Object.Namespace = "market"
	s := &snapshot.Snapshot{Apps: []snapshot.App{app("orders"), canary, elsewhere, {Object: snapshot.Object{Kind: "CloneSet"}}}}
	e := evaluate.Run(s, nil, evaluate.Options{Scopes: []guideline.Scope{guideline.Apps}})
	both := []snapshot.Object{s.Apps[0].Object, canary.Object}
	want := [][]snapshot.Object{both, both, {elsewhere.Object}, {}}
	for i, a := range e.Apps {
		if len(a.SameID) != len(want[i]) || len(want[i]) > 0 && !reflect.DeepEqual(a.SameID, want[i]) {
			t.Errorf("%s shares its app ID with %v", a.Object, a.SameID)
		}
	}
}
