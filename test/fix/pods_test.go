// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

//go:build cluster

package fix_test

import (
	"context"
	"fmt"
	"slices"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"

	"github.com/dapr-prod/kubectl-dapr-prod/test/cluster/kube"
)

// age gives running Pods the image of an older sidecar, which is all of a container
// that may be changed: so they stand after an upgrade of the control plane.
func age(t testing.TB, ns *kube.Namespace, app string) {
	t.Helper()
	patch := fmt.Sprintf(`{"spec":{"containers":[{"name":"daprd","image":%q}]}}`, older)
	pods := podsOf(t, ns, app)
	for _, p := range pods {
		if _, err := ns.Client.CoreV1().Pods(ns.Name).Patch(t.Context(), p.Name, types.StrategicMergePatchType, []byte(patch), metav1.PatchOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	kube.Eventually(t, "the older Pods of "+app, func(context.Context) (bool, string, error) {
		list := podsOf(t, ns, app)
		ready := !slices.ContainsFunc(list, func(p corev1.Pod) bool { return p.Status.Phase != corev1.PodRunning })
		return ready && len(list) == len(pods), fmt.Sprint(len(list)), nil
	})
}

// measured waits until metrics-server says of every Pod what its containers use.
func measured(t testing.TB, ns *kube.Namespace) {
	t.Helper()
	metrics := ns.Dynamic.Resource(schema.GroupVersionResource{Group: "metrics.k8s.io", Version: "v1beta1", Resource: "pods"}).Namespace(ns.Name)
	pods := ns.Pods(t)
	kube.Eventually(t, "the use of the Pods", func(ctx context.Context) (bool, string, error) {
		list, err := metrics.List(ctx, metav1.ListOptions{})
		if err != nil {
			return false, err.Error(), nil
		}
		told := map[string]int{}
		for _, item := range list.Items {
			containers, _, _ := unstructured.NestedSlice(item.Object, "containers")
			told[item.GetName()] = len(containers)
		}
		lacks := slices.DeleteFunc(slices.Clone(pods), func(p corev1.Pod) bool { return told[p.Name] >= len(p.Spec.Containers) })
		return len(lacks) == 0, fmt.Sprintf("%d of %d lack it", len(lacks), len(pods)), nil
	})
}
