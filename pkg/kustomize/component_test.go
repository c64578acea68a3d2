// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package kustomize_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/kustomize"
)

func object(apiVersion, kind, namespace, name string, more ...string) map[string]any {
	meta := map[string]any{"name": name}
	if namespace != "" {
		meta["namespace"] = namespace
	}
	annotations := map[string]any{}
	for _, key := range more {
		annotations[key] = "x"
	}
	return map[string]any{"apiVersion": apiVersion, "kind": kind, "metadata": meta, "spec": map[string]any{"annotations": annotations}}
}

// TestComponent: one file an object, whatever it is called, and a target for kinds that
// kustomize does not know.
func TestComponent(t *testing.T) {
	t.Parallel()
	c := kustomize.New()
	c.Patch(object("apps/v1", "Deployment", "", "orders", "a"), "one: why", "two:\nwhy")
	c.Patch(object("apps/v1", "Deployment", "shop", "orders", "a"))
	c.Patch(object("apps/v1", "Deployment", "", "orders", "b"), "one: why", "three: why")
	c.Patch(object("argoproj.io/v1alpha1", "Rollout", "shop", "pay.ments"))
	c.Patch(object("apps/v1", "Deployment", "", "../../x"))
	c.Resource(object("v1", "ResourceQuota", "dapr-system", "critical"))
	files, err := c.Files()
	if err != nil {
		t.Fatal(err)
	}
	names := slices.Sorted(maps.Keys(files))
	want := []string{"deployment-..-..-x.yaml", "deployment-orders.yaml", "deployment-shop-orders.yaml", "kustomization.yaml", "resourcequota-critical.yaml", "rollout-pay.ments.yaml"}
	if !slices.Equal(names, want) {
		t.Errorf("got files %q, want %q", names, want)
	}
	if got, want := string(files["kustomization.yaml"]), `# Written by kubectl dapr-prod fix, which adds to it: keep what is yours elsewhere.
apiVersion: kustomize.config.k8s.io/v1alpha1
kind: Component
patches:
- path: deployment-..-..-x.yaml
- path: deployment-orders.yaml
- path: deployment-shop-orders.yaml
- path: rollout-pay.ments.yaml
  target:
    group: argoproj.io
    kind: Rollout
    name: pay\.ments
    namespace: shop
    version: v1alpha1
resources:
- resourcequota-critical.yaml
`; got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if got, want := string(files["deployment-orders.yaml"]), `# Written by kubectl dapr-prod fix, which adds to it: keep what is yours elsewhere.
# one: why
# two: why
# three: why
apiVersion: apps/v1
kind: Deployment
metadata:
  name: orders
spec:
  annotations:
    a: x
    b: x
`; got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// TestParse: what was written is read again, and what anybody else wrote is refused.
func TestParse(t *testing.T) {
	t.Parallel()
	c := kustomize.New()
	c.Patch(object("apps/v1", "Deployment", "", "orders", "a"), "one: why")
	c.Resource(object("v1", "ResourceQuota", "dapr-system", "critical"))
	written, err := c.Files()
	if err != nil {
		t.Fatal(err)
	}
	const list, patch = "kustomization.yaml", "deployment-orders.yaml"
	for _, test := range []struct {
		name   string
		change func(files map[string][]byte)
		want   string
	}{
		{"as written", func(map[string][]byte) {}, ""},
		{"with the ends of lines of Windows", func(files map[string][]byte) {
			for name := range files {
				files[name] = []byte(strings.ReplaceAll(string(files[name]), "\n", "\r\n"))
			}
		}, ""},
		{"stopped before the list was written", func(files map[string][]byte) { delete(files, list) }, ""},
		{"a foreign file", func(files map[string][]byte) { files["README.md"] = []byte("mine") }, "README.md was not written by this tool"},
		{"a foreign component", func(files map[string][]byte) { files[list] = []byte("kind: Component\n") }, list + " was not written by this tool"},
		{"a comment", func(files map[string][]byte) { files[patch] = append(files[patch], "# mine\n"...) }, patch + " was changed"},
		{"a field", func(files map[string][]byte) { files[patch] = append(files[patch], "data: mine\n"...) }, patch + " was changed"},
		{"a patch in the list", func(files map[string][]byte) { files[list] = append(files[list], "images: []\n"...) }, list + " was changed"},
		{"a file that is gone", func(files map[string][]byte) { delete(files, patch) }, list + " was changed"},
		{"no YAML", func(files map[string][]byte) { files[patch] = append(files[patch], "{"...) }, patch + " was changed"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			files := maps.Clone(written)
			for name := range files {
				files[name] = slices.Clone(files[name])
			}
			test.change(files)
			c, err := kustomize.Parse(files)
			if test.want != "" {
				if err == nil || !strings.HasPrefix(err.Error(), test.want) {
					t.Errorf("got %v, want %q", err, test.want)
				}
				return
			}
			if err != nil || c.Empty() != (files[list] == nil) {
				t.Errorf("got %v, empty %t", err, c.Empty())
			}
		})
	}
}
