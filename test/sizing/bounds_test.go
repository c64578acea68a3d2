// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

//go:build cluster

package sizing_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/dapr-prod/kubectl-dapr-prod/test/cluster/kube"
)

// TestBounds: what the cluster allows is not gone over, and a recommendation that it
// does not allow is not made.
func TestBounds(t *testing.T) {
	t.Parallel()
	ns := cluster.Namespace(t)
	apply(t, ns, `---
apiVersion: v1
kind: LimitRange
metadata: {name: limits}
spec:
  limits:
    - type: Container
      max: {memory: 1400Mi}
      default: {cpu: "1", memory: 1Gi}
---
apiVersion: v1
kind: ResourceQuota
metadata: {name: team}
spec: {hard: {requests.cpu: 1770m}}
`, app("Deployment", "greedy", 1, uses("1200Mi", settings...)...), app("Deployment", "vast", 1, uses("1500Mi", settings...)...),
		app("Deployment", "tight", 1, uses("60Mi", append([]string{"dapr.io/sidecar-cpu-request: 50m"}, settings[1:]...)...)...))
	measured(t, ns, 3)
	d := sizing(t, "-n", ns.Name, "--source=metrics")
	equal(t, "greedy", d.of(t, "greedy").numbers(), "100m/300m 1400Mi/1400Mi 1260MiB")
	d.of(t, "greedy").says(t, "memory limit 1400Mi, less than it should have: LimitRange "+ns.Name+"/limits allows 1400Mi")
	vast := d.of(t, "vast")
	equal(t, "why nothing is recommended to vast", vast.Withheld, "the memory limit has to be at least 1500Mi, and LimitRange "+ns.Name+"/limits leaves 1400Mi")
	equal(t, "vast", len(vast.Recommended), 0)
	// Of 1770m, 600m, 600m and 550m are used.
	equal(t, "tight", d.of(t, "tight").numbers(), "70m/300m 250Mi/1000Mi 900MiB")
	d.of(t, "tight").says(t, "CPU request 70m, less than it should have: ResourceQuota "+ns.Name+"/team, shared by 1 Pod allows 70m")
}

// TestNode: a node that no Pod of this size fits on is no place for it.
func TestNode(t *testing.T) {
	t.Parallel()
	ns := cluster.Namespace(t)
	small := "small-" + ns.Name
	ns.MustKubectl(t, `---
apiVersion: v1
kind: Node
metadata: {name: `+small+`, labels: {size: `+small+`}, annotations: {kwok.x-k8s.io/node: fake}}
spec: {taints: [{key: size, value: `+small+`, effect: NoSchedule}]}
status:
  allocatable: {cpu: "8", memory: 700Mi, pods: "10"}
  capacity: {cpu: "8", memory: 700Mi, pods: "10"}
`, "create", "-f", "-")
	t.Cleanup(func() {
		if err := cluster.Client.CoreV1().Nodes().Delete(context.Background(), small, metav1.DeleteOptions{}); err != nil {
			t.Error(err)
		}
	})
	bound := strings.Replace(app("Deployment", "bound", 1), "    spec:\n      containers:", `    spec:
      nodeSelector: {size: `+small+`}
      tolerations: [{key: size, operator: Exists}]
      containers:`, 1)
	ns.MustKubectl(t, bound+app("Deployment", "free", 1), "apply", "-f", "-")
	kube.Eventually(t, "the node's readiness", func(ctx context.Context) (bool, string, error) {
		node, err := cluster.Client.CoreV1().Nodes().Get(ctx, small, metav1.GetOptions{})
		if err != nil {
			return false, "", err
		}
		return slices.ContainsFunc(node.Status.Conditions, func(c corev1.NodeCondition) bool {
			return c.Type == corev1.NodeReady && c.Status == corev1.ConditionTrue
		}), "", nil
	})
	d := sizing(t, "-n", ns.Name, "--source=guidelines")
	equal(t, "free", d.of(t, "free").numbers(), "100m/300m 250Mi/1000Mi 900MiB")
	// The app itself requests 512Mi of 700Mi.
	equal(t, "bound", d.of(t, "bound").numbers(), "100m/300m 188Mi/1000Mi 900MiB")
	d.of(t, "bound").says(t, "memory request 188Mi, less than it should have: the largest node, "+small+", allows 188Mi")
}

// TestRights: what may not be seen is said, and nothing is made up for it.
func TestRights(t *testing.T) {
	t.Parallel()
	ns := cluster.Namespace(t)
	apply(t, ns, app("Deployment", "orders", 1, settings...))
	nobody := cluster.User()
	o := kube.Run(t, "sizing", "-A", "--as", nobody.Name)
	if o.Code != 2 || o.Stdout != "" || !strings.HasPrefix(o.Stderr, "error: nothing could be judged: not allowed to list deployments.apps in all namespaces: ") {
		t.Errorf("exit code %d\n%s%s", o.Code, o.Stdout, o.Stderr)
	}
	some := cluster.User().MayList(t, ns.Name, schema.GroupResource{Resource: "pods"}, schema.GroupResource{Group: "apps", Resource: "deployments"},
		schema.GroupResource{Group: "apps", Resource: "replicasets"})
	d := sizing(t, "-n", ns.Name, "--as", some.Name)
	equal(t, "source", d.Source, "Usage: nothing was measured, these are the guidelines' numbers to start with.")
	for _, part := range []string{
		`no Prometheus can be looked for in the cluster: services is forbidden`,
		`metrics.k8s.io may not be read: pods.metrics.k8s.io is forbidden`,
		"not allowed to list limitranges in namespace " + ns.Name + ": the numbers do not take them into account",
		"not allowed to list resourcequotas in namespace " + ns.Name,
		"not allowed to list horizontalpodautoscalers.autoscaling in namespace " + ns.Name,
		"not allowed to list nodes at the cluster scope",
	} {
		d.warns(t, part)
	}
	equal(t, "orders", d.of(t, "orders").numbers(), "100m/300m 250Mi/1000Mi 900MiB")
	o = kube.Run(t, "sizing", "-n", ns.Name, "--as", some.Name, "--source=metrics")
	if o.Code != 2 || o.Stdout != "" || !strings.Contains(o.Stderr, "error: metrics.k8s.io may not be read: ") {
		t.Errorf("exit code %d\n%s%s", o.Code, o.Stdout, o.Stderr)
	}
}
