// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package collect

import (
	"context"
	"errors"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/labels"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/dapr"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/manifest"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// deployment is a Dapr app.
func deployment(name, namespace string) string {
	if namespace != "" {
		namespace = "\n  namespace: " + namespace
	}
	return "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: " + name + namespace + "\n  labels: {app: " + name + `}
spec:
  template:
    metadata:
      annotations:
        dapr.io/enabled: "true"
        dapr.io/app-id: ` + name + "\n    spec:\n      containers: [{name: app, image: app:1}]\n"
}

func read(t *testing.T, m Manifests) (*snapshot.Snapshot, []string) {
	t.Helper()
	s, err := m.Read(context.Background())
	if err == nil {
		return s, nil
	}
	return s, strings.Split(err.Error(), "\n")
}

func apps(s *snapshot.Snapshot) string {
	if s == nil {
		return ""
	}
	var all []string
	for _, a := range s.Apps {
		all = append(all, a.Object.String()+" "+a.Source.File)
	}
	return strings.Join(all, "; ")
}

func TestManifestsInput(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := os.MkdirAll("dir/sub", 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile("dir/sub/a.yaml", []byte(deployment("a", "")), 0o600); err != nil {
		t.Fatal(err)
	}
	s, errs := read(t, Manifests{Filenames: []string{"dir", "-", "x"}, Recursive: true, In: strings.NewReader(deployment("b", ""))})
	if got, want := apps(s), "Deployment default/a dir/sub/a.yaml; Deployment default/b -"; got != want || len(errs) != 1 {
		t.Errorf("got %q (%q), want %q and an error", got, errs, want)
	}
	s, err := Manifests{Filenames: []string{"-"}, In: strings.NewReader("---\n")}.Read(t.Context())
	if s != nil || !errors.Is(err, manifest.ErrNoObjects) {
		t.Errorf("got %v, %v", s, err)
	}
}

func TestManifestsLines(t *testing.T) {
	s, _ := read(t, Manifests{Filenames: []string{"-"}, In: strings.NewReader("---\n" + deployment("a", ""))})
	a := s.Apps[0]
	for path, want := range map[string]int{
		"": 2, "metadata.labels[app]": 6, a.Template.AnnotationPath("dapr.io/app-id"): 12, "spec.template.spec.containers[app].image": 14,
	} {
		if got := a.Source.LineOf(path); got != want {
			t.Errorf("%q: got line %d, want %d", path, got, want)
		}
	}
}

func TestManifestsNamespace(t *testing.T) {
	in := deployment("a", "shop") + "---\n" + deployment("b", "") + "---\napiVersion: v1\nkind: Namespace\nmetadata: {name: shop, namespace: x}\n"
	for _, test := range []struct {
		name, apps string
		m          Manifests
		errs       []string
	}{
		{name: "none", apps: "Deployment default/b -; Deployment shop/a -"},
		{name: "of the context", m: Manifests{Namespace: "dev"}, apps: "Deployment dev/b -; Deployment shop/a -"},
		{name: "enforced", m: Manifests{Namespace: "dev", Enforced: true}, apps: "Deployment dev/b -", errs: []string{`-:1: Deployment shop/a: its namespace "shop" is not "dev", the one that was asked for: pass --namespace=shop, or none`}},
		{name: "enforced, the same", m: Manifests{Namespace: "shop", Enforced: true}, apps: "Deployment shop/a -; Deployment shop/b -"},
	} {
		t.Run(test.name, func(t *testing.T) {
			test.m.Filenames, test.m.In = []string{"-"}, strings.NewReader(in)
			s, errs := read(t, test.m)
			if got := apps(s); got != test.apps {
				t.Errorf("apps: got %q, want %q", got, test.apps)
			}
			if !slices.Equal(errs, test.errs) {
				t.Errorf("errors: got %q, want %q", errs, test.errs)
			}
			if _, found := s.Namespaces["shop"]; !found || (s.Namespace != "") != test.m.Enforced {
				t.Errorf("namespaces: %v, asked for %q", s.Namespaces, s.Namespace)
			}
		})
	}
}

func TestManifestsSnapshot(t *testing.T) {
	version, _ := dapr.ParseVersion("1.16.2")
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	m := Manifests{Filenames: []string{"-"}, Version: version, Now: now}

	m.In = strings.NewReader(deployment("a", "") + "---\napiVersion: v1\nkind: Secret\nmetadata: {name: s}\n")
	s, errs := read(t, m)
	if errs != nil || s.Live || !s.TakenAt.Equal(now) {
		t.Errorf("got %v, %+v", errs, s)
	}
	if cp := s.ControlPlanes[0]; cp.Namespace != "dapr-system" || cp.Version != version || !cp.Assumed || len(cp.Workloads) > 0 {
		t.Errorf("control plane: %+v", cp)
	}
	for _, read := range []snapshot.Read{{Resource: snapshot.Pods, Place: snapshot.InApps}, {Resource: snapshot.Webhooks, Place: snapshot.InCluster}, {Resource: snapshot.Deployments, Place: snapshot.InControlPlane}} {
		if g := s.Gap(read.Place, read.Resource, "default"); g == nil || g.Reason != snapshot.NotInInput {
			t.Errorf("no gap for %v: %v", read, g)
		}
	}
	if g := s.Gap(snapshot.InApps, snapshot.Deployments, "default"); g != nil {
		t.Errorf("the apps' own deployments are hidden: %v", g)
	}

	m.In = strings.NewReader(`
apiVersion: apps/v1
kind: Deployment
metadata: {name: dapr-sidecar-injector, namespace: dapr, labels: {app: dapr-sidecar-injector}}
spec:
  template:
    metadata: {annotations: {dapr.io/control-plane: injector}}
    spec: {containers: [{name: dapr-sidecar-injector, image: "daprio/dapr:1.17.4"}]}
---
apiVersion: v1
kind: LimitRange
metadata: {name: l}
---
apiVersion: dapr.io/v1alpha1
kind: Configuration
metadata: {name: daprsystem, namespace: dapr}
spec: {mtls: {enabled: true}}
---
apiVersion: admissionregistration.k8s.io/v1
kind: MutatingWebhookConfiguration
metadata: {name: dapr-sidecar-injector}
webhooks: [{name: sidecar-injector.dapr.io, clientConfig: {service: {namespace: dapr, name: x}}}]
`)
	s, errs = read(t, m)
	if errs != nil || len(s.ControlPlanes) != 1 || s.ControlPlanes[0].Version.String() != "1.17.4" || s.ControlPlanes[0].Assumed {
		t.Errorf("got %v, %+v", errs, s.ControlPlanes)
	}
	if c := s.Configuration("dapr", "daprsystem"); c == nil || c.MTLS == nil || !*c.MTLS || c.Source.LineOf("spec.mtls.enabled") != 17 {
		t.Errorf("configuration: %+v", c)
	}
	if len(s.LimitRanges) != 1 || s.LimitRanges[0].Namespace != "default" || len(s.Webhooks) != 1 || s.Webhooks[0].ControlPlane != "dapr" {
		t.Errorf("limit ranges %+v, webhooks %+v", s.LimitRanges, s.Webhooks)
	}
	var hidden []string
	for _, g := range s.Gaps {
		hidden = append(hidden, g.Resource.Resource)
	}
	if got, want := strings.Join(hidden, " "), "components events httpendpoints mcpservers namespaces pods pods replicasets resiliencies rolebindings roles secrets serviceaccounts services subscriptions workflowaccesspolicies "+
		"clusterrolebindings clusterroles customresourcedefinitions nodes podmonitors pods priorityclasses rolebindings roles servicemonitors "+
		"configmaps endpointslices events ingresses namespaces persistentvolumeclaims poddisruptionbudgets pods releases resourcequotas rolebindings roles secrets services"; got != want {
		t.Errorf("gaps: got %q, want %q", got, want)
	}
}

func TestManifestsUnknownVersionIsAssumed(t *testing.T) {
	version, _ := dapr.ParseVersion("1.16.2")
	s, _ := read(t, Manifests{Filenames: []string{"-"}, Version: version, In: strings.NewReader(`
apiVersion: apps/v1
kind: Deployment
metadata: {name: dapr-sentry, namespace: dapr, labels: {app: dapr-sentry}}
spec: {template: {metadata: {annotations: {dapr.io/control-plane: sentry}}, spec: {containers: [{name: dapr-sentry, image: "daprio/dapr:edge"}]}}}
`)})
	if cp := s.ControlPlanes[0]; cp.Namespace != "dapr" || cp.Version != version || !cp.Assumed {
		t.Errorf("got %+v", cp)
	}
}

func TestManifestsSelector(t *testing.T) {
	pods := "---\napiVersion: v1\nkind: Pod\nmetadata:\n  name: b-1\n  uid: u\n  labels: {app: a}\n" +
		"  ownerReferences: [{apiVersion: apps/v1, kind: Deployment, name: b, uid: x, controller: true}]\nspec: {containers: [{name: daprd}]}\n" +
		"---\napiVersion: v1\nkind: Pod\nmetadata:\n  name: c-1\n  uid: v\n  labels: {app: a}\n" +
		"  ownerReferences: [{apiVersion: apps/v1, kind: StatefulSet, name: c, uid: w, controller: true}]\nspec: {containers: [{name: daprd}]}\n"
	selector, err := labels.Parse("app=a")
	if err != nil {
		t.Fatal(err)
	}
	s, errs := read(t, Manifests{Filenames: []string{"-"}, Selector: selector, In: strings.NewReader(deployment("a", "") + "---\n" + deployment("b", "") + pods)})
	if got, want := apps(s), "Deployment default/a -; StatefulSet default/c -"; got != want || errs != nil {
		t.Errorf("got %q (%q), want %q", got, errs, want)
	}
}

func TestManifestsLastOneCounts(t *testing.T) {
	second := strings.Replace(deployment("a", "default"), `"true"`, `"false"`, 1)
	s, errs := read(t, Manifests{Filenames: []string{"-"}, In: strings.NewReader(deployment("a", "") + "---\n" + second)})
	if len(s.Apps) != 0 || errs != nil {
		t.Errorf("got %q, %q", apps(s), errs)
	}
	old := strings.Replace(deployment("a", ""), "apps/v1", "extensions/v1beta1", 1)
	if s, _ = read(t, Manifests{Filenames: []string{"-"}, In: strings.NewReader(old + "---\n" + deployment("a", ""))}); len(s.Apps) != 1 {
		t.Errorf("got %q", apps(s))
	}
	generated := strings.Replace(deployment("a-", ""), "  name: a-", "  generateName: a-", 1)
	s, errs = read(t, Manifests{Filenames: []string{"-"}, In: strings.NewReader(generated + "---\n" + generated)})
	if got, want := apps(s), "Deployment default/a- -; Deployment default/a- -"; got != want || errs != nil {
		t.Errorf("got %q (%q), want %q", got, errs, want)
	}
}

// TestSelected: of what was narrowed by labels, the rest is not known.
func TestSelected(t *testing.T) {
	for _, selector := range []string{"", "app=a"} {
		narrowed, err := labels.Parse(selector)
		if err != nil {
			t.Fatal(err)
		}
		s, _ := read(t, Manifests{Filenames: []string{"-"}, In: strings.NewReader(deployment("a", "")), Selector: narrowed})
		c := &cluster{lists: map[string]string{deploymentsPath: listOf("apps/v1", "Deployment")}}
		live := c.read(t, Live{Selector: narrowed, Reads: []snapshot.Read{{Resource: snapshot.Deployments, Place: snapshot.InApps}}})
		if want := selector != ""; s.Selected != want || live.Selected != want {
			t.Errorf("%q: manifests %v, live %v", selector, s.Selected, live.Selected)
		}
	}
}
