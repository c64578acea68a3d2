// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package collect

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/txtar"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/dapr"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// folderOf writes the files of an archive into a folder of their own and goes there.
func folderOf(t *testing.T, archive string) {
	t.Helper()
	t.Chdir(t.TempDir())
	for _, f := range txtar.Parse([]byte(archive)).Files {
		if err := os.MkdirAll(filepath.Dir(f.Name), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(f.Name, f.Data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

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

func TestManifestsInputs(t *testing.T) {
	archive := "-- a.yaml --\n" + deployment("a", "") + "-- b.txt --\n" + deployment("b", "") +
		"-- dir/c.yml --\n" + deployment("c", "") + "-- dir/d.json --\n" +
		`{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"d"},"spec":{"template":{"metadata":{"annotations":{"dapr.io/enabled":"true"}}}}}` +
		"\n-- dir/e.txt --\nnot: read\n-- dir/sub/f.yaml --\n" + deployment("f", "") +
		"-- empty/readme.md --\n-- empty/sub/g.yaml --\n" + deployment("g", "") +
		"-- comments.yaml --\n# nothing\n---\n-- kustomized/kustomization.yaml --\nresources: [x]\n-- kustomized/h.yaml --\n" + deployment("h", "") +
		"-- only/kustomization.yaml --\napiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n"
	for _, test := range []struct {
		name      string
		filenames []string
		recursive bool
		apps      string
		errs      []string
	}{
		{name: "file", filenames: []string{"a.yaml"}, apps: "Deployment default/a a.yaml"},
		{name: "any extension", filenames: []string{"b.txt"}, apps: "Deployment default/b b.txt"},
		{name: "folder", filenames: []string{"dir"}, apps: "Deployment default/c dir/c.yml; Deployment default/d dir/d.json"},
		{name: "folders in it", filenames: []string{"./dir/"}, recursive: true, apps: "Deployment default/c dir/c.yml; Deployment default/d dir/d.json; Deployment default/f dir/sub/f.yaml"},
		{name: "pattern", filenames: []string{"[ab].*"}, apps: "Deployment default/a a.yaml; Deployment default/b b.txt"},
		{name: "stdin", filenames: []string{"-", "a.yaml"}, apps: "Deployment default/a a.yaml; Deployment default/in -"},
		{name: "twice", filenames: []string{"a.yaml", "./a.yaml"}, apps: "Deployment default/a ./a.yaml"},
		{name: "kustomization among manifests", filenames: []string{"kustomized"}, apps: "Deployment default/h kustomized/h.yaml"},
		{name: "kustomization", filenames: []string{"kustomized/kustomization.yaml"}, errs: []string{"kustomized/kustomization.yaml:1: a kustomization is not a manifest: read it with -k kustomized"}},
		{name: "nothing but a kustomization", filenames: []string{"only"}, errs: []string{"the input (only) holds no objects: read the kustomization in it with -k only"}},
		{name: "missing", filenames: []string{"x.yaml", "a.yaml"}, apps: "Deployment default/a a.yaml", errs: []string{"x.yaml: no such file or folder: check the path"}},
		{name: "bad pattern", filenames: []string{"[", "a.yaml"}, apps: "Deployment default/a a.yaml", errs: []string{`[: neither a file nor a pattern: close what [ or \ opens`}},
		{name: "empty folder", filenames: []string{"empty", "a.yaml"}, apps: "Deployment default/a a.yaml", errs: []string{"empty: no manifest (.json, .yaml, .yml) is in this folder: name another, or add -R to look into the folders in it"}},
		{name: "not empty with -R", filenames: []string{"empty"}, recursive: true, apps: "Deployment default/g empty/sub/g.yaml"},
		{name: "comments", filenames: []string{"comments.yaml"}, errs: []string{"the input (comments.yaml) holds no objects: name a file, folder or URL with Kubernetes manifests"}},
		{name: "comments and others", filenames: []string{"comments.yaml", "a.yaml"}, apps: "Deployment default/a a.yaml"},
		{name: "stdin twice", filenames: []string{"-", "-"}, errs: []string{"standard input (-) is named twice, and can be read once: name it once"}},
		{name: "nothing named", errs: []string{"no file is named: use -f"}},
		{name: "bad URL", filenames: []string{"http://me:secret@host:x/"}, errs: []string{`host:x/: not a URL: invalid port ":x" after host`}},
	} {
		t.Run(test.name, func(t *testing.T) {
			folderOf(t, archive)
			s, errs := read(t, Manifests{Filenames: test.filenames, Recursive: test.recursive, In: strings.NewReader(deployment("in", ""))})
			if got := apps(s); got != test.apps {
				t.Errorf("apps: got %q, want %q", got, test.apps)
			}
			if !slices.Equal(errs, test.errs) {
				t.Errorf("errors:\n got %q\nwant %q", errs, test.errs)
			}
		})
	}
}

func TestManifestsUnreadable(t *testing.T) {
	folderOf(t, "-- a.yaml --\n"+deployment("a", "")+"-- d/b.yaml --\n"+deployment("b", ""))
	if err := os.Symlink("d", "link"); err != nil {
		t.Skip(err)
	}
	if err := os.Symlink("nowhere", "d/c.yaml"); err != nil {
		t.Skip(err)
	}
	if err := os.Symlink("..", "d/e.yaml"); err != nil {
		t.Skip(err)
	}
	s, errs := read(t, Manifests{Filenames: []string{"link"}})
	if got, want := apps(s), "Deployment default/b link/b.yaml"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if want := []string{"link/c.yaml: cannot be read: no such file or directory", "link/e.yaml: cannot be read: is a directory"}; !slices.Equal(errs, want) {
		t.Errorf("got %q, want %q", errs, want)
	}
}

func TestManifestsURL(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/a.yaml" {
			http.NotFound(w, r)
			return
		}
		_, _ = io.WriteString(w, deployment("a", ""))
	}))
	defer server.Close()
	s, errs := read(t, Manifests{Filenames: []string{server.URL + "/a.yaml", strings.Replace(server.URL, "http://", "http://me:secret@", 1) + "/b.yaml", "http://127.0.0.1:1/c.yaml"}})
	if got, want := apps(s), "Deployment default/a "+server.URL+"/a.yaml"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	want := strings.Replace(server.URL, "http://", "http://me:xxxxx@", 1) + "/b.yaml: the server answers 404 Not Found: check the URL"
	if len(errs) != 2 || errs[0] != want || !strings.HasPrefix(errs[1], "http://127.0.0.1:1/c.yaml: cannot be fetched: ") {
		t.Errorf("got %q, want %q and one of port 1", errs, want)
	}
}

func TestManifestsStopsWhenCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	in, hold := io.Pipe()
	defer hold.Close()
	time.AfterFunc(20*time.Millisecond, cancel)
	done := make(chan error)
	go func() {
		_, err := Manifests{Filenames: []string{"-"}, In: in}.Read(ctx)
		done <- err
	}()
	select {
	case err := <-done:
		if !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
	case <-time.After(10 * time.Second):
		t.Fatal("it waits for standard input")
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
	objects := 0
	m := Manifests{Filenames: []string{"-"}, Version: version, Now: now, Objects: &objects}

	m.In = strings.NewReader(deployment("a", "") + "---\napiVersion: v1\nkind: Secret\nmetadata: {name: s}\n")
	s, errs := read(t, m)
	if errs != nil || s.Live || !s.TakenAt.Equal(now) || objects != 2 {
		t.Errorf("got %v, %d objects, %+v", errs, objects, s)
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
	if got, want := strings.Join(hidden, " "), "events namespaces pods replicasets pods"; got != want {
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
