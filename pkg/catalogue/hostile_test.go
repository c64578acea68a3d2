// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package catalogue_test

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/catalogue"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/dapr"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/evaluate"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

var everything = []guideline.Scope{guideline.Apps, guideline.ControlPlane, guideline.Cluster}

// TestGuidelinesLeaveTheSnapshotAlone runs each guideline over the input of each of
// its cases, read twice: one of the two stays untouched, to be compared with.
func TestGuidelinesLeaveTheSnapshotAlone(t *testing.T) {
	t.Parallel()
	for _, g := range catalogue.All() {
		archive, err := txtar.ParseFile(casesFile(g))
		if err != nil {
			t.Fatal(err)
		}
		for i := 0; i < len(archive.Files); i += 2 {
			s, untouched := snapshotOf(t, string(archive.Files[i].Data)), snapshotOf(t, string(archive.Files[i].Data))
			evaluate.Run(s, []*guideline.Guideline{g}, evaluate.Options{Scopes: everything})
			if !reflect.DeepEqual(s, untouched) {
				t.Errorf("%s: the snapshot was changed", archive.Files[i].Name)
			}
		}
	}
}

// hostile makes a snapshot that nobody would write, new each time.
func hostile() *snapshot.Snapshot {
	many := map[string]string{"dapr.io/enabled": "true", "dapr.io/app-id": "many"}
	for i := range 10_000 {
		many[fmt.Sprintf("dapr.io/side-car-%d", i)] = strings.Repeat("x", 20)
	}
	odd := map[string]string{
		"dapr.io/enabled": "true", "dapr.io/\x1b[31mred": "\x1b]0;title\a", "dapr.io/app-id": "\x1b[2J\n\x00", "dapr.io/app-port": "\x1b[1m",
		"dapr.io/sidecar-cpu-limit": "\x1b[0m", "dapr.io/env": "GOMEMLIMIT=\x1b[31m\xff", "dapr.io/": "", "": "",
	}
	huge := map[string]string{
		"dapr.io/enabled": "true", "dapr.io/app-id": "huge", "dapr.io/env": strings.Repeat(",A=", 10_000),
		"dapr.io/sidecar-memory-limit": strings.Repeat("9", 10_000) + "Ei", "dapr.io/sidecar-cpu-request": "1e-9999999999",
	}
	empty := &corev1.PodSpec{}
	quantity := corev1.ResourceList{corev1.ResourceMemory: {}, "": resource.MustParse("-1")}
	injected := &snapshot.Sidecar{Container: corev1.Container{
		Name: "daprd", Args: []string{"", "--", "--enable-mtls", "--"},
		Env: []corev1.EnvVar{{}, {Name: "GOMEMLIMIT", ValueFrom: &corev1.EnvVarSource{}}}, Resources: corev1.ResourceRequirements{Limits: quantity},
	}}
	pods := []snapshot.Pod{{}, {Name: "a", Sidecar: injected}, {Name: "b", Sidecar: &snapshot.Sidecar{}}}
	app := func(kind, name string, t *snapshot.Template, pods ...snapshot.Pod) snapshot.App {
		return snapshot.App{
			Object: snapshot.Object{Kind: kind, Namespace: "x", Name: name}, Template: t, Pods: pods,
			Annotations: map[string]string{"dapr.io/enabled": "on"}, Denials: []snapshot.Denial{{}, {Message: "daprd"}},
		}
	}
	return &snapshot.Snapshot{
		Live: true,
		Apps: []snapshot.App{
			{},
			app("Deployment", "no-template", nil),
			app("CloneSet", "pods-alone", nil, pods...),
			app("Deployment", "no-spec", &snapshot.Template{Annotations: many}, pods...),
			app("Deployment", "no-annotations", &snapshot.Template{Spec: empty}, pods...),
			app("StatefulSet", "many", &snapshot.Template{Spec: empty, Annotations: many}),
			app("Pod", "odd", &snapshot.Template{Spec: empty, Annotations: odd}, pods...),
			app("CronJob", "huge", &snapshot.Template{Spec: empty, Annotations: huge}),
			app("\x1b[31mKind", "manual", &snapshot.Template{Annotations: odd, Spec: &corev1.PodSpec{Containers: []corev1.Container{{}, {Name: "daprd"}}}}),
		},
		ControlPlanes: []snapshot.ControlPlane{
			{},
			{Namespace: "y", Workloads: []snapshot.ControlPlaneWorkload{
				{Name: dapr.Injector, Desired: -1, Pods: []snapshot.ControlPlanePod{{}}},
				{Name: dapr.Placement, Desired: 3, Ready: 3, Container: &corev1.Container{}, Pods: []snapshot.ControlPlanePod{{}, {Container: &corev1.Container{}}}},
				{Name: "no such workload"},
			}},
		},
		Webhooks:          []snapshot.Webhook{{}, {ControlPlane: "nowhere"}},
		LimitRanges:       []snapshot.LimitRange{{Namespace: "x", Items: []corev1.LimitRangeItem{{}, {Type: corev1.LimitTypeContainer, Max: quantity, Min: quantity, MaxLimitRequestRatio: quantity}}}},
		Configurations:    []snapshot.Configuration{{}},
		Nodes:             []snapshot.Node{{}, {Taints: []corev1.Taint{{}}}},
		PriorityClasses:   []snapshot.PriorityClass{{}},
		DisruptionBudgets: []snapshot.DisruptionBudget{{Object: snapshot.Object{Namespace: "y"}}},
		ResourceQuotas:    []snapshot.ResourceQuota{{Object: snapshot.Object{Namespace: "y"}, Scopes: []corev1.ResourceQuotaScope{""}, Hard: quantity}},
		Services:          []snapshot.Service{{}, {Selector: map[string]string{"": "\n"}}},
		Ingresses:         []snapshot.Ingress{{}},
		Dashboards:        []snapshot.Dashboard{{}},
		RoleBindings:      []snapshot.RoleBinding{{}},
		Gaps:              []snapshot.Gap{{}, {Resource: snapshot.Deployments, Place: snapshot.InApps}},
	}
}

func TestGuidelinesTakeAnything(t *testing.T) {
	t.Parallel()
	for i, live := range []bool{true, false, true, false} {
		s, untouched := hostile(), hostile()
		s.Live, untouched.Live = live, live
		edition := guideline.Newer
		if i > 1 {
			edition = guideline.Older
		}
		e := evaluate.Run(s, catalogue.All(), evaluate.Options{Scopes: everything, Edition: edition})
		if !reflect.DeepEqual(s, untouched) {
			t.Error("the snapshot was changed")
		}
		// Every guideline says something of every app that it judges.
		for i := range s.Apps {
			for _, g := range catalogue.All() {
				if g.App != nil && !speaks(e, g, s.Apps[i].Object) {
					t.Errorf("%s says nothing of %v", g.ID, s.Apps[i].Object)
				}
			}
		}
	}
}

func TestRemediesTakeAnything(t *testing.T) {
	t.Parallel()
	var mendable []string
	for _, g := range catalogue.All() {
		if g.Mend != nil {
			mendable = append(mendable, g.ID)
		}
	}
	for _, named := range [][]string{nil, mendable} {
		s := hostile()
		p := planFor(s, named...)
		if !reflect.DeepEqual(s, hostile()) {
			t.Error("the snapshot was changed")
		}
		checkPlan(t, catalogue.All(), s, p, named...)
	}
}

func speaks(e *evaluate.Evaluation, g *guideline.Guideline, o snapshot.Object) bool {
	for _, j := range e.Judgements {
		if j.Guideline == g && j.Object == o && j.Message != "" {
			return true
		}
	}
	return false
}

// TestOwnersInARing: a Pod that owns itself, and two workloads that own each other.
func TestOwnersInARing(t *testing.T) {
	t.Parallel()
	s := snapshotOf(t, `# live
# with control-plane
apiVersion: v1
kind: Pod
metadata:
  name: self
  namespace: shop
  uid: self
  annotations: {dapr.io/enabled: "true"}
  ownerReferences: [{apiVersion: v1, kind: Pod, name: self, uid: self, controller: true}]
spec: {containers: [{name: daprd}]}
---
apiVersion: apps/v1
kind: ReplicaSet
metadata: {name: a, namespace: shop, uid: a, ownerReferences: [{apiVersion: apps/v1, kind: ReplicaSet, name: b, uid: b, controller: true}]}
---
apiVersion: apps/v1
kind: ReplicaSet
metadata: {name: b, namespace: shop, uid: b, ownerReferences: [{apiVersion: apps/v1, kind: ReplicaSet, name: a, uid: a, controller: true}]}
---
apiVersion: v1
kind: Pod
metadata:
  name: ring
  namespace: shop
  uid: ring
  annotations: {dapr.io/enabled: "true"}
  ownerReferences: [{apiVersion: apps/v1, kind: ReplicaSet, name: a, uid: a, controller: true}]
spec: {containers: [{name: daprd}]}
`)
	e := evaluate.Run(s, catalogue.All(), evaluate.Options{Scopes: []guideline.Scope{guideline.Apps}})
	if len(e.Apps) != 2 {
		t.Errorf("%d apps, want 2", len(e.Apps))
	}
}
