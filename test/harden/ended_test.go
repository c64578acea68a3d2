// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

//go:build cluster

package harden_test

import (
	"context"
	"fmt"
	"path/filepath"
	"testing"

	batchv1 "k8s.io/api/batch/v1"
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

// TestJobsThatAreOver: what the history of a CronJob shows uses no Secret any more; a Job
// that runs does.
func TestJobsThatAreOver(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name string
		ends batchv1.JobConditionType
		spec func(*batchv1.JobSpec)
	}{
		{"complete", batchv1.JobComplete, func(*batchv1.JobSpec) {}},
		{"failed", batchv1.JobFailed, func(s *batchv1.JobSpec) {
			s.ActiveDeadlineSeconds = new(int64(1))
			s.Template.Spec.NodeSelector = map[string]string{"no": "such-node"}
		}},
		{"waiting", batchv1.JobSuspended, func(s *batchv1.JobSpec) { s.Suspend = new(true) }},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			ns := cluster.Namespace(t)
			template := open("orders", 0).Spec.Template
			template.Spec.RestartPolicy = corev1.RestartPolicyNever
			job := batchv1.JobSpec{Template: template}
			test.spec(&job)
			apply(t, ns, &batchv1.CronJob{ObjectMeta: metav1.ObjectMeta{Name: "orders"}, Spec: batchv1.CronJobSpec{
				Schedule: "0 0 1 1 *", Suspend: new(true), JobTemplate: batchv1.JobTemplateSpec{Spec: job},
			}})
			folder := t.TempDir()
			first, second := filepath.Join(folder, "first"), filepath.Join(folder, "second")
			harden := []string{"harden", "api-token", "cronjob/orders", "-n", ns.Name, "--yes", "--journal"}
			ends(t, dapr(t, append(harden, first)...), 0)
			once(t, ns, "before", test.ends)
			if test.ends == batchv1.JobSuspended {
				ends(t, dapr(t, append(harden, second, "--rotate")...), 0, "orders-api-token: it stays: it is still used by Job before")
				names(t, ns, "orders-api-token", "orders-api-token-2")
				return
			}
			ends(t, dapr(t, append(harden, second, "--rotate")...), 0, "orders-api-token: deleted, since nothing uses it any more")
			names(t, ns, "orders-api-token-2")
			once(t, ns, "after", test.ends)
			ends(t, dapr(t, "harden", "--revert", second, "--yes"), 0, "orders-api-token-2: deleted")
			ends(t, dapr(t, "harden", "--revert", first, "--yes"), 0, "orders-api-token: deleted")
			names(t, ns)
		})
	}
}

// once runs the CronJob orders once, until its Job is as it ends.
func once(t testing.TB, ns *kube.Namespace, name string, until batchv1.JobConditionType) {
	t.Helper()
	ns.MustKubectl(t, "", "create", "job", "--from=cronjob/orders", name)
	kube.Eventually(t, "Job "+name, func(ctx context.Context) (bool, string, error) {
		job, err := ns.Client.BatchV1().Jobs(ns.Name).Get(ctx, name, metav1.GetOptions{})
		if err != nil {
			return false, "", err
		}
		for _, c := range job.Status.Conditions {
			if c.Type == until && c.Status == corev1.ConditionTrue {
				return true, "", nil
			}
		}
		return false, fmt.Sprint(job.Status), nil
	})
}
