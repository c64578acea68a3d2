// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

//go:build cluster

package harden_test

import (
	"context"
	"path/filepath"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/dapr-prod/kubectl-dapr-prod/test/cluster/kube"
)

// TestPodsThatAreToGo: a Pod that takes its time to end uses no Secret any more, neither
// for a rotation nor for its revert.
func TestPodsThatAreToGo(t *testing.T) {
	t.Parallel()
	ns := cluster.Namespace(t)
	d := open("orders", 1)
	d.Spec.Template.Finalizers = []string{"test.example.com/slow"}
	apply(t, ns, d)
	t.Cleanup(func() { letGo(t, ns) })
	ns.Ready(t)
	folder := t.TempDir()
	first, second := filepath.Join(folder, "first"), filepath.Join(folder, "second")
	ends(t, dapr(t, "harden", "api-token", "deployment/orders", "-n", ns.Name, "--yes", "--journal", first), 0)
	ends(t, dapr(t, rotating(ns, "--journal", second)...), 0, "orders-api-token: deleted, since nothing uses it any more")
	closed(t, ns, "orders", token("orders-api-token-2"))
	names(t, ns, "orders-api-token-2")
	going := 0
	for _, p := range podsOf(t.Context(), t, ns) {
		if p.DeletionTimestamp != nil && secretIn(containerOf(t, &p, "app"), apiEnv) == "orders-api-token" {
			going++
		}
	}
	if going != 1 {
		t.Errorf("%d Pods with the old token are on their way out: what they use was not asked", going)
	}
	ends(t, dapr(t, "harden", "--revert", second, "--yes"), 0, "orders-api-token-2: deleted")
	ends(t, dapr(t, "harden", "--revert", first, "--yes"), 0, "orders-api-token: deleted")
	names(t, ns)
}

// podsOf are the Pods of the namespace.
func podsOf(ctx context.Context, t testing.TB, ns *kube.Namespace) []corev1.Pod {
	t.Helper()
	list, err := ns.Client.CoreV1().Pods(ns.Name).List(ctx, metav1.ListOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return list.Items
}

// letGo takes the finalizers off the Pods, so that they end with their namespace.
func letGo(t testing.TB, ns *kube.Namespace) {
	t.Helper()
	ctx := context.WithoutCancel(t.Context())
	for _, p := range podsOf(ctx, t, ns) {
		patch := []byte(`{"metadata":{"finalizers":null}}`)
		if _, err := ns.Client.CoreV1().Pods(ns.Name).Patch(ctx, p.Name, types.MergePatchType, patch, metav1.PatchOptions{}); err != nil {
			t.Error(err)
		}
	}
}
