// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package daprobject

import (
	"encoding/base64"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// For is the annotation of a Secret that says which object it was made for, as
// "Component/statestore".
const For = "dapr-prod.github.io/for"

// managedBy is the label of what this program makes, and its value.
const (
	managedBy = "app.kubernetes.io/managed-by"
	us        = "kubectl-dapr-prod"
)

// Skeleton is the Secret without its values: what may be shown, and kept in journals.
func (m *Move) Skeleton() *unstructured.Unstructured {
	return &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "v1", "kind": "Secret", "type": "Opaque",
		"metadata": map[string]any{
			"name": m.Secret, "namespace": m.Object.Namespace,
			"labels":      map[string]any{managedBy: us},
			"annotations": map[string]any{For: m.Object.Kind + "/" + m.Object.Name},
		},
	}}
}

// Filled is the Secret with its values, byte for byte: to be sent to the server or
// written to a file that the user named, and to nothing else.
func (m *Move) Filled() *unstructured.Unstructured {
	data := map[string]any{}
	for _, v := range m.Values {
		data[v.Key] = base64.StdEncoding.EncodeToString([]byte(v.Bytes.Text()))
	}
	secret := m.Skeleton()
	secret.Object["data"] = data
	return secret
}

// SecretObject names the Secret.
func (m *Move) SecretObject() snapshot.Object {
	return snapshot.Object{APIVersion: "v1", Kind: "Secret", Namespace: m.Object.Namespace, Name: m.Secret}
}

// Holds tells whether a Secret of the cluster is one that was made for the object and
// holds all that moves: a run that was cut off leaves it so.
func (m *Move) Holds(secret *unstructured.Unstructured) bool {
	data, _, _ := unstructured.NestedStringMap(secret.Object, "data")
	for _, v := range m.Values {
		if data[v.Key] != base64.StdEncoding.EncodeToString([]byte(v.Bytes.Text())) {
			return false
		}
	}
	return m.madeFor(secret)
}

// Rotated are the keys of a Secret of the cluster that was made for the object, under
// which it holds another value by now than would move there. The object refers to none
// of them.
func (m *Move) Rotated(secret *unstructured.Unstructured) []string {
	if !m.madeFor(secret) {
		return nil
	}
	var keys []string
	data, _, _ := unstructured.NestedStringMap(secret.Object, "data")
	for _, v := range m.Values {
		if now, there := data[v.Key]; there && now != base64.StdEncoding.EncodeToString([]byte(v.Bytes.Text())) {
			keys = append(keys, v.Key)
		}
	}
	return keys
}

// madeFor tells whether a Secret was made for the object, whoever wrote to it since.
func (m *Move) madeFor(secret *unstructured.Unstructured) bool {
	return secret.GetLabels()[managedBy] == us && secret.GetAnnotations()[For] == m.Object.Kind+"/"+m.Object.Name
}
