// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

//go:build cluster

package fix_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/dapr-prod/kubectl-dapr-prod/test/cluster/kube"
)

// TestComponent: a folder of patches for live objects does in their manifests what fix
// itself would do in the cluster, where it writes nothing.
func TestComponent(t *testing.T) {
	t.Parallel()
	defineRollouts(t)
	ns := cluster.Namespace(t)
	apply(t, ns, []runtime.Object{
		deployment("orders", 1, on("orders", "sidecar-cpu-request", "100m")), claiming("inventory", 1, on("inventory", "env", "GOMEMLIMIT=900Mi")),
		cronJob(on("report")), deployment("secretive", 1, on("secretive", "sidecar-memory-limit", "1000Mi", "env", "DB_PASSWORD="+marker)),
	}...)
	ns.MustKubectl(t, rolloutOf(t, deployment("canary", 1, on("canary"))), "apply", "-f", "-")
	playArgo(t, ns)
	ns.Ready(t)
	before := everything(t, ns)
	patches := documents(t, fixed(t, ns, 1, slices.Concat(sidecars, []string{"--dry-run=server", "-o", "yaml"})...).Stdout)

	overlay := t.TempDir()
	component := filepath.Join(overlay, "patches")
	toFolder := slices.Concat(sidecars, []string{"-o", "kustomize", "--output-dir", component})
	first := fixed(t, ns, 1, toFolder...)
	for _, want := range []string{"Deployment " + ns.Name + "/orders: ", filepath.Join(component, "rollout-canary.yaml") + " written\n"} {
		if !strings.Contains(first.Stdout, want) {
			t.Errorf("%q is not said:\n%s", want, first.Stdout)
		}
	}
	if !strings.Contains(first.Stderr, "secretive: dapr.io/env is not in the patch, since it holds values that may be secret") {
		t.Errorf("what is not in the folder is not said: %s", first.Stderr)
	}
	if again := fixed(t, ns, 1, toFolder...); !strings.HasSuffix(again.Stdout, component+" holds that already.\n") {
		t.Errorf("a second run writes:\n%s", again.Stdout)
	}
	sameVersions(t, "a folder of patches", before, everything(t, ns))
	entries, err := os.ReadDir(component)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		text, err := os.ReadFile(filepath.Join(component, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		concealed(t, e.Name(), string(text))
	}

	var manifests strings.Builder
	for _, p := range patches {
		fmt.Fprintf(&manifests, "---\n%s", manifest(t, ns, p, ns.Name))
	}
	write(t, overlay, "resources.yaml", manifests.String())
	write(t, overlay, "kustomization.yaml", "resources: [resources.yaml]\ncomponents: [patches]\n")
	built := documents(t, ns.MustKubectl(t, "", "kustomize", overlay))
	if len(built) != len(patches) || len(patches) != 5 {
		t.Errorf("%d objects are built of %d patches, want 5", len(built), len(patches))
	}
	for _, p := range patches {
		i := slices.IndexFunc(built, func(o *unstructured.Unstructured) bool {
			return o.GetKind() == p.GetKind() && o.GetName() == p.GetName()
		})
		for key, want := range annotationsOf(p) {
			if got := annotationsOf(built[i])[key]; got != want {
				t.Errorf("%s %s: %s is %q in what is built, want %q", p.GetKind(), p.GetName(), key, got, want)
			}
		}
	}

	// The overlay agrees with the cluster about what is left, but for what it holds no patch of.
	left := kube.Run(t, "fix", "sidecar-soft-memory-limit", "-k", overlay)
	if left.Code != 1 || !strings.Contains(left.Stdout, "secretive: dapr.io/env holds values that may be secret, which are not copied into a patch") || strings.Contains(left.Stdout, "ready; 0 findings") {
		t.Errorf("exit code %d\n%s%s", left.Code, left.Stdout, left.Stderr)
	}
	concealed(t, "fix -k", left.Stdout+left.Stderr)
}

// TestForeignFolder: what somebody else wrote is not written over, and nothing is asked
// of the cluster for it.
func TestForeignFolder(t *testing.T) {
	t.Parallel()
	ns := cluster.Namespace(t)
	folder := t.TempDir()
	write(t, folder, "kustomization.yaml", "kind: Component\n")
	o := fixed(t, ns, 2, "-o", "kustomize", "--output-dir", folder)
	if o.Stdout != "" || !strings.Contains(o.Stderr, "kustomization.yaml was not written by this tool") {
		t.Errorf("got %s%s", o.Stdout, o.Stderr)
	}
}
