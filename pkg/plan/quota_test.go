// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package plan_test

import (
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/plan"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/sidecar"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// containerWith has a memory request, and none where that is empty.
func containerWith(name, memory string) corev1.Container {
	c := corev1.Container{Name: name}
	if memory != "" {
		c.Resources.Requests = corev1.ResourceList{corev1.ResourceMemory: resource.MustParse(memory)}
	}
	return c
}

// stepOf replaces two Pods of 100Mi and a sidecar by those with one of 250Mi.
func stepOf(kind string, surge int32, was string) *plan.Step {
	pods := int32(2)
	before := &guideline.App{App: &snapshot.App{Replicas: &pods}}
	before.Sidecar.Observed = []sidecar.Observed{{Sidecar: &snapshot.Sidecar{Container: containerWith("daprd", was)}, Pods: []string{"a"}}}
	return &plan.Step{
		Change: &plan.Change{App: snapshot.Object{APIVersion: "apps/v1", Kind: kind, Namespace: "shop", Name: "orders"}, Before: before},
		Surge:  surge,
		Pod:    &corev1.Pod{Spec: corev1.PodSpec{Containers: []corev1.Container{containerWith("app", "100Mi"), containerWith("daprd", "250Mi")}}},
	}
}

func quotaOf(resourceName corev1.ResourceName, hard, used string, scopes ...corev1.ResourceQuotaScope) corev1.ResourceQuota {
	return corev1.ResourceQuota{
		ObjectMeta: metav1.ObjectMeta{Name: "compute"},
		Spec:       corev1.ResourceQuotaSpec{Scopes: scopes},
		Status: corev1.ResourceQuotaStatus{
			Hard: corev1.ResourceList{resourceName: resource.MustParse(hard)},
			Used: corev1.ResourceList{resourceName: resource.MustParse(used)},
		},
	}
}

func TestOverQuota(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name  string
		step  *plan.Step
		quota corev1.ResourceQuota
		over  string
	}{
		// Two Pods of 100Mi become two of 350Mi, with one of the old ones beside them.
		{"fits to the last byte", stepOf("Deployment", 1, ""), quotaOf("requests.memory", "800Mi", "200Mi"), ""},
		{"the surge does not fit", stepOf("Deployment", 1, ""), quotaOf("requests.memory", "799Mi", "200Mi"), "takes 600Mi more"},
		{"without surge it fits", stepOf("StatefulSet", 0, ""), quotaOf("memory", "700Mi", "200Mi"), ""},
		{"nor do the Pods", stepOf("StatefulSet", 0, ""), quotaOf("memory", "699Mi", "200Mi"), "takes 500Mi more"},
		{"less than before", stepOf("Deployment", 1, "500Mi"), quotaOf("requests.memory", "1550Mi", "1200Mi"), ""},
		{"less, but for the surge", stepOf("Deployment", 1, "500Mi"), quotaOf("requests.memory", "1549Mi", "1200Mi"), "takes 350Mi more"},
		{"the number of Pods", stepOf("Deployment", 1, ""), quotaOf("pods", "2", "2"), "takes 1 more"},
		{"what does not change", stepOf("Deployment", 0, "250Mi"), quotaOf("pods", "2", "2"), ""},
		{"a scope that the Pods are not in", stepOf("Deployment", 1, ""), quotaOf("pods", "2", "2", corev1.ResourceQuotaScopeBestEffort), ""},
		{"one that they are in", stepOf("Deployment", 1, ""), quotaOf("pods", "2", "2", corev1.ResourceQuotaScopeNotBestEffort), "takes 1 more"},
		{"a CronJob's Pods come later", stepOf("CronJob", 1, ""), quotaOf("pods", "2", "2"), ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := tt.step.OverQuota([]corev1.ResourceQuota{tt.quota})
			if got == "" != (tt.over == "") || !strings.Contains(got, tt.over) {
				t.Errorf("%q, want %q", got, tt.over)
			}
		})
	}
}
