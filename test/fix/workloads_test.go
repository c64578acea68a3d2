// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

//go:build cluster

package fix_test

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

// on are annotations that ask for a sidecar: pairs of a name, without "dapr.io/", and
// a value.
func on(id string, pairs ...string) map[string]string {
	set := map[string]string{"dapr.io/enabled": "true", "dapr.io/app-id": id}
	for i := 0; i < len(pairs); i += 2 {
		set["dapr.io/"+pairs[i]] = pairs[i+1]
	}
	return set
}

func object(name string) metav1.ObjectMeta {
	return metav1.ObjectMeta{Name: name, Labels: map[string]string{"app": name}}
}

func template(name string, set map[string]string) corev1.PodTemplateSpec {
	return corev1.PodTemplateSpec{
		ObjectMeta: metav1.ObjectMeta{Labels: map[string]string{"app": name}, Annotations: set},
		Spec:       corev1.PodSpec{Containers: []corev1.Container{{Name: "app", Image: "registry.example.com/" + name + ":1"}}},
	}
}

func selector(name string) *metav1.LabelSelector {
	return &metav1.LabelSelector{MatchLabels: map[string]string{"app": name}}
}

func deployment(name string, replicas int32, set map[string]string) *appsv1.Deployment {
	return &appsv1.Deployment{
		ObjectMeta: object(name),
		Spec:       appsv1.DeploymentSpec{Replicas: &replicas, Selector: selector(name), Template: template(name, set)},
	}
}

// typed is an object that says what it is, as a manifest has to.
func typed(o runtime.Object) runtime.Object {
	kinds, _, err := scheme.Scheme.ObjectKinds(o)
	if err != nil {
		panic(err)
	}
	o.GetObjectKind().SetGroupVersionKind(kinds[0])
	return o
}

// apply writes objects as people do, with kubectl apply.
func apply(t testing.TB, ns *kube.Namespace, objects ...runtime.Object) {
	t.Helper()
	var text strings.Builder
	for _, o := range objects {
		raw, err := yaml.Marshal(typed(o))
		if err != nil {
			t.Fatal(err)
		}
		text.WriteString("---\n" + string(raw))
	}
	ns.MustKubectl(t, text.String(), "apply", "-f", "-")
}
