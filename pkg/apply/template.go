// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package apply

import (
	"encoding/json"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/structured-merge-diff/v6/fieldpath"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// steps lead from the object to the annotations of the template at path.
func steps(path string) []string {
	var all []string
	if path != "" {
		all = strings.Split(path, ".")
	}
	return append(all, "metadata", "annotations")
}

// fieldOf is the annotation key of the template at path, as managedFields has it.
func fieldOf(path, key string) fieldpath.Path {
	var field fieldpath.Path
	for _, step := range append(steps(path), key) {
		field = append(field, fieldpath.FieldNameElement(step))
	}
	return field
}

// fieldName is the same field as messages name it.
func fieldName(path, key string) string {
	return (&snapshot.Template{Path: path}).AnnotationPath(key)
}

// annotation is the value of one annotation of the template at path; nil where there
// is none.
func annotation(object map[string]any, path, key string) *string {
	all, _, err := unstructured.NestedMap(object, steps(path)...)
	if err != nil {
		return nil
	}
	value, set := all[key].(string)
	if !set {
		return nil
	}
	return &value
}

// setAnnotation sets one annotation of the template at path, or removes it where
// value is nil, and then the maps that are left empty.
func setAnnotation(object map[string]any, path, key string, value *string) error {
	if value != nil {
		return unstructured.SetNestedField(object, *value, append(steps(path), key)...)
	}
	unstructured.RemoveNestedField(object, append(steps(path), key)...)
	for end := steps(path); len(end) > 0; end = end[:len(end)-1] {
		if inner, found, err := unstructured.NestedMap(object, end...); err != nil || !found || len(inner) > 0 {
			break
		}
		unstructured.RemoveNestedField(object, end...)
	}
	return nil
}

// lastApplied is what client-side kubectl apply was last given; nil where it was not
// used.
func lastApplied(live *unstructured.Unstructured) map[string]any {
	text := live.GetAnnotations()[corev1.LastAppliedConfigAnnotation]
	var applied map[string]any
	if text == "" || json.Unmarshal([]byte(text), &applied) != nil {
		return nil
	}
	return applied
}

// equal compares values that may be missing.
func equal(a, b *string) bool {
	return a == nil && b == nil || a != nil && b != nil && *a == *b
}
