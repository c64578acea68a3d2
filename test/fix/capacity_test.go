// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

//go:build cluster

package fix_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/dapr-prod/kubectl-dapr-prod/test/cluster/kube"
)

// node makes a node of a namespace's own, which takes nobody else's Pods.
func node(t *testing.T, ns *kube.Namespace, memory string) {
	t.Helper()
	has := corev1.ResourceList{corev1.ResourceCPU: resource.MustParse("4"), corev1.ResourceMemory: resource.MustParse(memory), corev1.ResourcePods: resource.MustParse("20")}
	nodes := ns.Client.CoreV1().Nodes()
	_, err := nodes.Create(t.Context(), &corev1.Node{
		ObjectMeta: metav1.ObjectMeta{Name: ns.Name, Labels: map[string]string{corev1.LabelHostname: ns.Name}},
		Spec:       corev1.NodeSpec{Taints: []corev1.Taint{{Key: "only", Value: ns.Name, Effect: corev1.TaintEffectNoSchedule}}},
		Status:     corev1.NodeStatus{Allocatable: has, Capacity: has},
	}, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = nodes.Delete(context.Background(), ns.Name, metav1.DeleteOptions{}) })
	kube.Eventually(t, "the node", func(ctx context.Context) (bool, string, error) {
		n, err := nodes.Get(ctx, ns.Name, metav1.GetOptions{})
		if err != nil {
			return false, "", err
		}
		for _, c := range n.Status.Conditions {
			if c.Type == corev1.NodeReady && c.Status == corev1.ConditionTrue {
				return len(n.Spec.Taints) == 1, fmt.Sprint(n.Spec.Taints), nil
			}
		}
		return false, fmt.Sprint(n.Status.Conditions), nil
	})
}

// onNode puts a Deployment on the node of its namespace.
func onNode(ns *kube.Namespace, d *appsv1.Deployment) *appsv1.Deployment {
	d.Spec.Template.Spec.NodeSelector = map[string]string{corev1.LabelHostname: ns.Name}
	d.Spec.Template.Spec.Tolerations = []corev1.Toleration{{Key: "only", Operator: corev1.TolerationOpExists}}
	return d
}

// TestCapacity: two Pods of 64Mi each that take 250Mi more, one of the old ones beside
// them until the end: 692Mi.
func TestCapacity(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ memory, why string }{
		{"400Mi", "no node that takes its Pods has 100m CPU and 314Mi of memory free, which the first new one requests"},
		{"627Mi", "the nodes that take its Pods have no room for all of them: each requests 100m CPU and 250Mi of memory more"},
		{"691Mi", "the nodes that take its Pods have no room for the old and the new ones beside each other"},
		{"692Mi", ""},
	} {
		t.Run(tt.memory, func(t *testing.T) {
			t.Parallel()
			ns := cluster.Namespace(t)
			node(t, ns, tt.memory)
			apply(t, ns, onNode(ns, requesting("orders", 2, on("orders"))))
			settled(t, ns, "orders")
			if tt.why != "" {
				refused(t, ns, "orders", 1, tt.why, "sidecar-resources")
				return
			}
			o := done(t, "sidecar-resources", "-n", ns.Name)
			const costs = "1 change to write, which closes 1 finding; it adds 200m CPU and 500Mi of memory to the requests of 2 Pods; the nodes have "
			if first := unwrapped(o.Stdout); !strings.HasPrefix(first, costs) || !strings.Contains(first, "of memory free.") {
				t.Errorf("the plan begins with:\n%s", o.Stdout)
			}
		})
	}
}
