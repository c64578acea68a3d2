// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

//go:build cluster

package fix_test

import (
	"path/filepath"
	"slices"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/dapr-prod/kubectl-dapr-prod/test/cluster/kube"
)

// TestRevertWaits: the way back waits for each workload, too, and stops at the first
// that does not come back; run again, it goes on with the rest.
func TestRevertWaits(t *testing.T) {
	t.Parallel()
	ns := cluster.Namespace(t)
	names := []string{"orders", "payments"}
	for _, name := range names {
		apply(t, ns, deployment(name, 1, flawed(name).Spec.Template.Annotations))
	}
	ns.Ready(t)
	journal := filepath.Join(t.TempDir(), "journal")
	ends(t, kube.Run(t, both("-n", ns.Name, "--yes", "--journal", journal)...), 0, "2 of 2 changes written")

	place(t, ns, "payments", `{"no":"such-node"}`)
	back := []string{"fix", "--revert", journal, "--yes"}
	ends(t, kube.Run(t, append(slices.Clone(back), "--timeout=15s")...), 2,
		"payments: dapr.io/env restored", "1 object not begun: run it again to go on.",
		"error: Deployment "+ns.Name+"/payments has not come up within 15s", "node affinity/selector")
	if d := get(t, ns, "payments"); d.Generation != 4 || d.Spec.Template.Annotations[env] != "LEVEL=debug" {
		t.Errorf("generation %d and %v", d.Generation, d.Spec.Template.Annotations)
	}
	written(t, ns, "orders")

	place(t, ns, "payments", "null")
	ends(t, kube.Run(t, back...), 0,
		"payments: dapr.io/env is as it was", "orders: dapr.io/env restored", "orders: successfully rolled out")
	for _, name := range names {
		if got, was := get(t, ns, name).Spec.Template.Annotations[env], flawed(name).Spec.Template.Annotations[env]; got != was {
			t.Errorf("%s of %s is %q, and was %q", env, name, got, was)
		}
	}
	ends(t, kube.Run(t, "fix", "--revert", journal, "--yes", "--max-parallel=2"), 2, "it goes with --dry-run, --yes and --timeout alone")
}

// place gives the Pods of a Deployment another node selector, as JSON.
func place(t testing.TB, ns *kube.Namespace, name, selector string) {
	t.Helper()
	body := `{"spec":{"template":{"spec":{"nodeSelector":` + selector + `}}}}`
	_, err := ns.Client.AppsV1().Deployments(ns.Name).Patch(t.Context(), name, types.StrategicMergePatchType, []byte(body), metav1.PatchOptions{FieldManager: "kubectl-patch"})
	if err != nil {
		t.Fatal(err)
	}
}
