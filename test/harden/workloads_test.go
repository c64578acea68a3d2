// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

//go:build cluster

package harden_test

import (
	"strings"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/kubernetes/scheme"
	"sigs.k8s.io/yaml"

	"github.com/dapr-prod/kubectl-dapr-prod/test/cluster/kube"
)

// The annotations and the variables of the tokens.
const (
	apiSecret = "dapr.io/api-token-secret"
	appSecret = "dapr.io/app-token-secret"
	apiEnv    = "DAPR_API_TOKEN"
	appEnv    = "APP_API_TOKEN"
)

// open is a Deployment of two containers that has no token.
func open(name string, replicas int32) *appsv1.Deployment {
	labels := map[string]string{"app": name}
	return &appsv1.Deployment{
		ObjectMeta: metav1.ObjectMeta{Name: name, Labels: labels},
		Spec: appsv1.DeploymentSpec{
			Replicas: &replicas,
			Selector: &metav1.LabelSelector{MatchLabels: labels},
			Template: corev1.PodTemplateSpec{
				ObjectMeta: metav1.ObjectMeta{Labels: labels, Annotations: map[string]string{
					"dapr.io/enabled": "true", "dapr.io/app-id": name, "dapr.io/app-port": "8080",
				}},
				Spec: corev1.PodSpec{Containers: []corev1.Container{
					{Name: "app", Image: "registry.example.com/" + name + ":1", Env: []corev1.EnvVar{{Name: "LEVEL", Value: "debug"}}},
					{Name: "cache", Image: "registry.example.com/cache:1"},
				}},
			},
		},
	}
}

// using is open with the token of a Secret in one of its containers.
func using(name, secret string) *appsv1.Deployment {
	d := open(name, 0)
	d.Spec.Template.Spec.Containers[0].Env = append(d.Spec.Template.Spec.Containers[0].Env, corev1.EnvVar{Name: "TOKEN", ValueFrom: fromSecret(secret)})
	return d
}

func fromSecret(name string) *corev1.EnvVarSource {
	return &corev1.EnvVarSource{SecretKeyRef: &corev1.SecretKeySelector{LocalObjectReference: corev1.LocalObjectReference{Name: name}, Key: "token"}}
}

// secretOf is a Secret of somebody.
func secretOf(name, key, value string) *corev1.Secret {
	return &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Name: name}, Data: map[string][]byte{key: []byte(value)}}
}

// planted is what Secrets of the tests hold.
const planted = "hunter2-swordfish-0123456789"

func manifest(t testing.TB, objects ...runtime.Object) string {
	t.Helper()
	var text strings.Builder
	for _, o := range objects {
		kinds, _, err := scheme.Scheme.ObjectKinds(o)
		if err != nil {
			t.Fatal(err)
		}
		o.GetObjectKind().SetGroupVersionKind(kinds[0])
		raw, err := yaml.Marshal(o)
		if err != nil {
			t.Fatal(err)
		}
		text.WriteString("---\n" + string(raw))
	}
	return text.String()
}

// apply writes objects as people do, with kubectl apply.
func apply(t testing.TB, ns *kube.Namespace, objects ...runtime.Object) {
	t.Helper()
	ns.MustKubectl(t, manifest(t, objects...), "apply", "-f", "-")
}

func get(t testing.TB, ns *kube.Namespace, name string) *appsv1.Deployment {
	t.Helper()
	d, err := ns.Client.AppsV1().Deployments(ns.Name).Get(t.Context(), name, metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// secrets are those of the namespace, by name.
func secrets(t testing.TB, ns *kube.Namespace) map[string]corev1.Secret {
	t.Helper()
	list, err := ns.Client.CoreV1().Secrets(ns.Name).List(t.Context(), metav1.ListOptions{})
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]corev1.Secret{}
	for _, s := range list.Items {
		all[s.Name] = s
	}
	return all
}

// names holds the names of the Secrets of the namespace against what they should be.
func names(t testing.TB, ns *kube.Namespace, want ...string) {
	t.Helper()
	all := secrets(t, ns)
	for _, name := range want {
		if _, there := all[name]; !there {
			t.Errorf("there is no Secret %s", name)
		}
		delete(all, name)
	}
	for name := range all {
		t.Errorf("Secret %s is left", name)
	}
}

// closed holds the template of a Deployment against the tokens that it is to have, by
// annotation: each in its Secret, and in every container.
func closed(t testing.TB, ns *kube.Namespace, name string, want map[string]string) {
	t.Helper()
	template := get(t, ns, name).Spec.Template
	for annotation, env := range map[string]string{apiSecret: apiEnv, appSecret: appEnv} {
		if got := template.Annotations[annotation]; got != want[annotation] {
			t.Errorf("%s: %s is %q, want %q", name, annotation, got, want[annotation])
		}
		for i := range template.Spec.Containers {
			c := &template.Spec.Containers[i]
			if got := secretIn(c, env); got != want[annotation] {
				t.Errorf("%s: container %s has %s of Secret %q, want %q", name, c.Name, env, got, want[annotation])
			}
		}
	}
}

// secretIn is the Secret that a container has a variable from; empty for none.
func secretIn(c *corev1.Container, env string) string {
	for _, e := range c.Env {
		if e.Name == env && e.ValueFrom != nil && e.ValueFrom.SecretKeyRef != nil && e.ValueFrom.SecretKeyRef.Key == "token" {
			return e.ValueFrom.SecretKeyRef.Name
		}
	}
	return ""
}

// podOf is the only Pod of orders that runs.
func podOf(t testing.TB, ns *kube.Namespace) *corev1.Pod {
	t.Helper()
	ns.Ready(t)
	list, err := ns.Client.CoreV1().Pods(ns.Name).List(t.Context(), metav1.ListOptions{LabelSelector: "app=orders"})
	if err != nil || len(list.Items) != 1 {
		t.Fatalf("%d Pods, %v", len(list.Items), err)
	}
	return &list.Items[0]
}
