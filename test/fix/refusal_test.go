// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

//go:build cluster

package fix_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/dapr-prod/kubectl-dapr-prod/test/cluster/kube"
)

// settled waits until nobody has anything left to write to a Deployment, and returns it.
func settled(t *testing.T, ns *kube.Namespace, name string) *appsv1.Deployment {
	t.Helper()
	var d *appsv1.Deployment
	kube.Eventually(t, "the rollout of "+name, func(ctx context.Context) (_ bool, _ string, err error) {
		if d, err = ns.Client.AppsV1().Deployments(ns.Name).Get(ctx, name, metav1.GetOptions{}); err != nil {
			return false, "", err
		}
		for _, c := range d.Status.Conditions {
			if c.Type == appsv1.DeploymentProgressing && c.Reason == "NewReplicaSetAvailable" {
				return d.Status.ObservedGeneration == d.Generation && d.Status.AvailableReplicas == *d.Spec.Replicas && d.Status.Replicas == *d.Spec.Replicas, "", nil
			}
		}
		return false, fmt.Sprint(d.Status), nil
	})
	return d
}

// refused runs fix, which is to write nothing to a Deployment and to say why in these
// words, with an exit code.
func refused(t *testing.T, ns *kube.Namespace, name string, code int, why string, args ...string) {
	t.Helper()
	before := settled(t, ns, name)
	o := kube.Run(t, append([]string{"fix", "-n", ns.Name, "--yes", "--timeout=3m"}, args...)...)
	if o.Code != code || !strings.Contains(unwrapped(o.Stdout), why) {
		t.Errorf("exit code %d, want %d with %q\n%s%s", o.Code, code, why, o.Stdout, o.Stderr)
	}
	after, err := ns.Client.AppsV1().Deployments(ns.Name).Get(t.Context(), name, metav1.GetOptions{})
	if err != nil || after.ResourceVersion != before.ResourceVersion {
		t.Errorf("%v: it was written\n%v\n%v", err, before.Spec.Template.Annotations, after.Spec.Template.Annotations)
	}
}

// done runs fix, which is to write all that it plans.
func done(t *testing.T, args ...string) kube.Outcome {
	t.Helper()
	o := kube.Run(t, append([]string{"fix", "--yes", "--timeout=3m"}, args...)...)
	if o.Code != 0 || !strings.Contains(o.Stdout, "written and seen to hold") {
		t.Fatalf("%v: exit code %d\n%s%s", args, o.Code, o.Stdout, o.Stderr)
	}
	return o
}

// unwrapped is a text without its line breaks.
func unwrapped(text string) string { return strings.Join(strings.Fields(text), " ") }

// requesting is a Deployment whose own container requests 64Mi of memory.
func requesting(name string, replicas int32, set map[string]string) *appsv1.Deployment {
	d := deployment(name, replicas, set)
	d.Spec.Template.Spec.Containers[0].Resources.Requests = corev1.ResourceList{corev1.ResourceMemory: resource.MustParse("64Mi")}
	return d
}

// TestRefusalInPlainText: a webhook that repeats what it refuses, with what is secret
// in it, is not repeated.
func TestRefusalInPlainText(t *testing.T) {
	t.Parallel()
	ns := cluster.Namespace(t)
	apply(t, ns, flawed("orders"))
	ns.Ready(t)
	for name, refuses := range map[string]func(*http.Request) bool{
		"the object": tries,
		"its Pods": func(r *http.Request) bool {
			return r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, "/pods")
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			front := cluster.Front(t)
			front.With(func(w http.ResponseWriter, r *http.Request) bool {
				return refuses(r) && kube.Status(w, http.StatusForbidden, "Forbidden", "denied: ORDERS_DB=postgres://app:hunter2hunter2@db/orders")
			})
			o := kube.Run(t, both("-n", ns.Name, "--dry-run=server", "--kubeconfig", front.Kubeconfig)...)
			ends(t, o, 1, "Nothing to write", "1 refused", "(not printed: it may hold a secret)")
			if strings.Contains(o.Stdout+o.Stderr, "hunter2") {
				t.Errorf("a secret is printed:\n%s%s", o.Stdout, o.Stderr)
			}
		})
	}
}
