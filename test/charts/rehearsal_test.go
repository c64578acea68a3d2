// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

//go:build charts

package charts_test

import (
	"slices"
	"strings"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/report"
	"github.com/dapr-prod/kubectl-dapr-prod/test/cluster/kube"
)

// TestRehearsal: what an upgrade breaks is told before it, and what is only
// different because it has not happened yet is not.
func TestRehearsal(t *testing.T) {
	kubeconfig := start(t, []string{"--chart", "1.16.2"})
	config, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
	if err != nil {
		t.Fatal(err)
	}
	labels, none := map[string]string{"app": "orders"}, int32(0)
	app := &appsv1.Deployment{
		ObjectMeta: metav1.ObjectMeta{Name: "orders"},
		Spec: appsv1.DeploymentSpec{
			Replicas: &none,
			Selector: &metav1.LabelSelector{MatchLabels: labels},
			Template: corev1.PodTemplateSpec{
				ObjectMeta: metav1.ObjectMeta{Labels: labels, Annotations: map[string]string{"dapr.io/enabled": "yes", "dapr.io/app-id": "orders"}},
				Spec:       corev1.PodSpec{Containers: []corev1.Container{{Name: "app", Image: "app"}}},
			},
		},
	}
	if _, err := kubernetes.NewForConfigOrDie(config).AppsV1().Deployments("default").Create(t.Context(), app, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}

	now := kube.Check(t, "-A", "--kubeconfig", kubeconfig)
	then := kube.Check(t, "-A", "--kubeconfig", kubeconfig, "--dapr-version", "1.18.3")
	now.Expect(t, "sidecar-injected", "Deployment/orders", guideline.Passed, "")
	then.Expect(t, "sidecar-injected", "Deployment/orders", guideline.Failed, `dapr.io/enabled is "yes"`)
	for _, broken := range []string{"scheduler-storage", "crd-versions"} {
		if !fails(then, broken) {
			t.Errorf("the rehearsal says nothing of %s", broken)
		}
	}
	if fails(then, "sidecar-version") || fails(then, "supported-versions") && !fails(now, "supported-versions") {
		t.Error("what the upgrade itself brings is called a fault")
	}
	if cp := then.Cluster.ControlPlanes[0]; cp.Version != "1.18.3" || cp.Rehearsal == nil || cp.Rehearsal.From != "1.16.2" {
		t.Errorf("the report does not say that it is a rehearsal: %+v", cp)
	}
	if cp := now.Cluster.ControlPlanes[0]; cp.Version != "1.16.2" || cp.Rehearsal != nil {
		t.Errorf("the report says that it is a rehearsal: %+v", cp)
	}

	o := kube.Run(t, "check", "-A", "--kubeconfig", kubeconfig, "--dapr-version", "1.15.0")
	if o.Code != 2 || !strings.Contains(o.Stderr, "--dapr-version 1.15.0 is no upgrade") {
		t.Errorf("a downgrade: exit code %d, %s", o.Code, o.Stderr)
	}
}

// fails tells whether a guideline fails on any object.
func fails(c kube.Checked, id string) bool {
	return slices.ContainsFunc(c.Results, func(r report.Result) bool { return r.Guideline == id && r.Outcome == guideline.Failed })
}
