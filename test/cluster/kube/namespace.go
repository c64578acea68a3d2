// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package kube

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/yaml"
	"k8s.io/client-go/kubernetes/scheme"
)

// manager is the field manager of what tests apply.
const manager = "kubectl-dapr-prod-test"

// NamespacePrefix begins the name of every namespace that a test makes.
const NamespacePrefix = "dapr-prod-test-"

// Namespace is one of the test's own.
type Namespace struct {
	*Cluster
	Name string
}

// Namespace makes a namespace that is removed when the test ends. It returns
// when Pods can be made in it.
func (c *Cluster) Namespace(t testing.TB) *Namespace {
	t.Helper()
	name := NamespacePrefix + suffix()
	ns := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name}}
	if _, err := c.Client.CoreV1().Namespaces().Create(t.Context(), ns, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Client.CoreV1().Namespaces().Delete(context.Background(), name, metav1.DeleteOptions{}); err != nil {
			t.Errorf("the test's namespace stays behind: %v", err)
		}
	})
	Eventually(t, "the ServiceAccount default of "+name, func(ctx context.Context) (bool, string, error) {
		_, err := c.Client.CoreV1().ServiceAccounts(name).Get(ctx, "default", metav1.GetOptions{})
		return err == nil, fmt.Sprint(err), nil
	})
	return &Namespace{Cluster: c, Name: name}
}

// ApplyFolder applies the manifests of a folder to this namespace, whatever
// namespace they name.
func (n *Namespace) ApplyFolder(t testing.TB, folder string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(folder, "*.yaml"))
	if err != nil || len(files) == 0 {
		t.Fatalf("there are no manifests in %s: %v", folder, err)
	}
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		decoder := yaml.NewYAMLOrJSONDecoder(bytes.NewReader(content), 4096)
		for {
			object := &unstructured.Unstructured{}
			err := decoder.Decode(object)
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatalf("%s: %v", file, err)
			}
			n.apply(t, object)
		}
	}
}

// Apply applies objects to this namespace.
func (n *Namespace) Apply(t testing.TB, objects ...runtime.Object) {
	t.Helper()
	for _, object := range objects {
		kinds, _, err := scheme.Scheme.ObjectKinds(object)
		if err != nil {
			t.Fatal(err)
		}
		content, err := runtime.DefaultUnstructuredConverter.ToUnstructured(object)
		if err != nil {
			t.Fatal(err)
		}
		u := &unstructured.Unstructured{Object: content}
		u.SetGroupVersionKind(kinds[0])
		unstructured.RemoveNestedField(u.Object, "status")
		n.apply(t, u)
	}
}

func (n *Namespace) apply(t testing.TB, object *unstructured.Unstructured) {
	t.Helper()
	kind := object.GroupVersionKind()
	mapping, err := n.mapper.RESTMapping(kind.GroupKind(), kind.Version)
	if err != nil {
		t.Fatal(err)
	}
	if mapping.Scope.Name() != meta.RESTScopeNameNamespace {
		return // the namespace itself
	}
	object.SetNamespace(n.Name)
	options := metav1.ApplyOptions{FieldManager: manager, Force: true}
	if _, err := n.Dynamic.Resource(mapping.Resource).Namespace(n.Name).Apply(t.Context(), object.GetName(), object, options); err != nil {
		t.Fatalf("%s %s: %v", kind.Kind, object.GetName(), err)
	}
}

// Pods are the namespace's Pods.
func (n *Namespace) Pods(t testing.TB) []corev1.Pod {
	t.Helper()
	list, err := n.Client.CoreV1().Pods(n.Name).List(t.Context(), metav1.ListOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return list.Items
}
