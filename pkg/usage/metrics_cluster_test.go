// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

//go:build cluster

package usage_test

import (
	"context"
	"math"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/usage"
	"github.com/dapr-prod/kubectl-dapr-prod/test/cluster/kube"
)

// TestRealMetrics: what metrics-server says while it is watched, each measurement
// once, and what changes meanwhile.
func TestRealMetrics(t *testing.T) {
	t.Parallel()
	cluster, err := kube.Open()
	if err != nil {
		t.Fatal(err)
	}
	ns := cluster.Namespace(t)
	ns.Apply(t, &corev1.Pod{
		TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "Pod"},
		ObjectMeta: metav1.ObjectMeta{Name: "busy", Annotations: map[string]string{
			"kwok.x-k8s.io/usage-cpu.daprd": "250m", "kwok.x-k8s.io/usage-memory.daprd": "700Mi",
		}},
		Spec: corev1.PodSpec{Containers: []corev1.Container{{Name: "daprd", Image: "i"}, {Name: "app", Image: "i"}}},
	})
	m, err := usage.NewMetricsAPI(cluster.Config)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	told := 0
	all, err := m.Watch(ctx, usage.Selection{Namespaces: []string{ns.Name}, Containers: []string{"daprd"}}, 5*time.Minute,
		func(p usage.Progress) {
			if told++; p.Samples >= 2 {
				cancel() // what was read until then is the result
			}
		})
	if err != nil || len(all) != 2 || told < 2 {
		t.Fatalf("%v, %v, told %d times", all, err, told)
	}
	for i, want := range []float64{0.25, 700 << 20} {
		if len(all[i].Samples) < 2 {
			t.Errorf("%s: %v", all[i].Metric, all[i].Samples)
		}
		for j, s := range all[i].Samples {
			if math.Abs(s.Value-want) > want/2 || j > 0 && !s.At.After(all[i].Samples[j-1].At) {
				t.Errorf("%s: %v", all[i].Metric, all[i].Samples)
			}
		}
	}
}
