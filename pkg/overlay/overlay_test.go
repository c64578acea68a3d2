// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package overlay_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/catalogue"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/collect"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/dapr"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/evaluate"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/overlay"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/plan"
)

const orders = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: orders
spec:
  template:
    metadata:
      annotations:
        dapr.io/enabled: "true"
        dapr.io/app-id: orders
        dapr.io/sidecar-memory-limit: 500Mi
    spec:
      containers:
      - name: app
        image: orders
`

// folder writes files, by their paths, and returns where they are.
func folder(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o640); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func open(t *testing.T, dir string) *overlay.Overlay {
	t.Helper()
	o, err := overlay.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func runner(t *testing.T, dir string) *overlay.Runner {
	t.Helper()
	r := &overlay.Runner{Plan: plan.Options{
		Guidelines: catalogue.All(), Named: []string{"sidecar-soft-memory-limit"},
		Evaluation: evaluate.Options{Scopes: []guideline.Scope{guideline.Apps}},
	}}
	r.Reader = overlay.Reader{Overlay: open(t, dir), Manifests: collect.Manifests{Version: dapr.NewestVersion()}}
	return r
}

// TestRemoteBase: a base that never answers keeps nobody waiting who has had enough.
func TestRemoteBase(t *testing.T) {
	asked, release := make(chan struct{}), make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		close(asked)
		<-release
	}))
	defer server.Close()
	defer close(release)
	dir := folder(t, map[string]string{"kustomization.yaml": "resources: [" + server.URL + "/x.yaml]\n"})
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-asked
		cancel()
	}()
	if _, err := open(t, dir).Build(ctx, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	// Another build waits for its turn no longer than it is wanted.
	if _, err := open(t, dir).Build(ctx, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

// TestBuild: objects are as kustomize makes them, and know where they come from, however
// the folder is named.
func TestBuild(t *testing.T) {
	dir := folder(t, map[string]string{
		"base/kustomization.yaml": "resources: [orders.yaml]\n", "base/orders.yaml": orders,
		"prod/kustomization.yaml":    "resources: [../base]\nnamePrefix: a-\nbuildMetadata: [managedByLabel]\nconfigMapGenerator: [{name: x, literals: [a=b]}]\n",
		"origins/kustomization.yaml": "resources: [../base]\nbuildMetadata: [originAnnotations]\n",
	})
	link := filepath.Join(dir, "link")
	if err := os.Symlink(filepath.Join(dir, "prod"), link); err != nil {
		t.Fatal(err)
	}
	for _, named := range []string{filepath.Join(dir, "prod"), filepath.Join(dir, "base", "..", "prod"), link} {
		built, err := open(t, named).Build(t.Context(), nil)
		if err != nil || len(built) != 2 {
			t.Fatalf("%s: got %d objects and %v", named, len(built), err)
		}
		made := built[1]
		if made.GetName() != "a-orders" || made.GetAnnotations() != nil || made.GetLabels()["app.kubernetes.io/managed-by"] == "" {
			t.Errorf("got %v", made.Object["metadata"])
		}
		if want := filepath.Join(named, "../base/orders.yaml"); made.Source != want {
			t.Errorf("got %s, want %s", made.Source, want)
		}
	}
	built, err := open(t, filepath.Join(dir, "origins")).Build(t.Context(), nil)
	if err != nil || len(built) != 1 || built[0].GetAnnotations()["config.kubernetes.io/origin"] == "" {
		t.Errorf("what asks for its origins has lost them: %v", err)
	}
}

// TestWrite: the files that are there keep their modes, links stay links, and what was
// changed meanwhile is left.
func TestWrite(t *testing.T) {
	dir := folder(t, map[string]string{
		"elsewhere/k.yaml": "resources: [orders.yaml] # mine\n", "prod/orders.yaml": orders,
		"prod/dapr-prod/.dapr-prod-new-1": "half",
	})
	prod := filepath.Join(dir, "prod")
	file := filepath.Join(prod, "kustomization.yaml")
	if err := os.Symlink(filepath.Join(dir, "elsewhere/k.yaml"), file); err != nil {
		t.Fatal(err)
	}
	r := runner(t, prod)
	p, err := r.Prepare(t.Context())
	if err != nil || len(p.Steps) != 1 {
		t.Fatalf("got %v and %v", p, err)
	}
	if _, err := os.Stat(filepath.Join(prod, "dapr-prod", "kustomization.yaml")); !os.IsNotExist(err) {
		t.Errorf("planning has written: %v", err)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, append(text, "# changed\n"...), 0o600); err != nil {
		t.Fatal(err)
	}
	if written, err := r.Write(p); err == nil || len(written) > 0 || !strings.HasSuffix(err.Error(), "was changed since it was read: run it again") {
		t.Errorf("got %v and %v", written, err)
	}
	r = runner(t, prod)
	if p, err = r.Prepare(t.Context()); err != nil {
		t.Fatal(err)
	}
	if written, err := r.Write(p); err != nil || len(written) != 3 || written[2] != file {
		t.Fatalf("got %v and %v", written, err)
	}
	info, err := os.Lstat(file)
	if err != nil || info.Mode().Type() != os.ModeSymlink {
		t.Errorf("the link was replaced: %v", err)
	}
	if info, err = os.Stat(file); err != nil || info.Mode().Perm() != 0o640 {
		t.Errorf("got mode %v", info.Mode())
	}
	text, err = os.ReadFile(filepath.Join(dir, "elsewhere/k.yaml"))
	if want := "resources: [orders.yaml] # mine\n# changed\ncomponents: [dapr-prod]\n"; err != nil || string(text) != want {
		t.Errorf("got %q, want %q", text, want)
	}
	if p, err = runner(t, prod).Prepare(t.Context()); err != nil || len(p.Steps) > 0 || len(p.Left) > 0 {
		t.Errorf("a second run has %v to do, and %v", p.Steps, err)
	}
}
