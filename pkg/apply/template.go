// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package apply

import (
	"encoding/json"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/structured-merge-diff/v6/fieldpath"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/field"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/plan"
)

// isAnnotation tells whether a path leads from a template to an annotation of it.
func isAnnotation(path field.Path) bool {
	return len(path) == 3 && slices.Equal(path[:2], field.Path{"metadata", "annotations"})
}

// keyOf is how a field of the template is called: by its path, or as the annotation
// that it is.
func keyOf(path field.Path) string {
	if isAnnotation(path) {
		return path[2]
	}
	return path.String()
}

// atOf is the path as a journal has it: none for an annotation.
func atOf(path field.Path) field.Path {
	if isAnnotation(path) {
		return nil
	}
	return path
}

// inTemplate is the path in an object of what a journal calls so, in the template that
// stands at path.
func inTemplate(path, key string, at field.Path) field.Path {
	var whole field.Path
	if path != "" {
		whole = strings.Split(path, ".")
	}
	if len(at) == 0 {
		at = plan.AnnotationPath(key)
	}
	return whole.Below(at...)
}

// ownedAs is a path as managedFields has it.
func ownedAs(path field.Path) fieldpath.Path {
	var owned fieldpath.Path
	for _, step := range path {
		if name, element := field.Element(step); element {
			owned = append(owned, fieldpath.PathElement{Key: fieldpath.KeyByFields("name", name)})
		} else {
			owned = append(owned, fieldpath.FieldNameElement(step))
		}
	}
	return owned
}

// textOf is a value as a journal keeps it: the text of an annotation, and JSON of any
// other field; nil where there is none.
func textOf(v any, path field.Path) *string {
	if v == nil {
		return nil
	}
	if text, is := v.(string); is && isAnnotation(path) {
		return &text
	}
	text, err := json.Marshal(v)
	if err != nil {
		return nil // it came from JSON
	}
	json := string(text)
	return &json
}

// textAt is the value of a field of an object as textOf has it. Of an annotation only
// text counts.
func textAt(object map[string]any, path field.Path, annotation bool) *string {
	v := field.Get(object, path)
	if !annotation {
		return textOf(v, nil)
	}
	text, is := v.(string)
	if !is {
		return nil
	}
	return &text
}

// setText sets a field to what textAt says of it, or removes it, and what is left empty
// around it then, where that is nil.
func setText(object map[string]any, path field.Path, annotation bool, text *string) error {
	if text == nil {
		field.Remove(object, path)
		return nil
	}
	if annotation {
		return field.Set(object, path, *text)
	}
	var v any
	if err := json.Unmarshal([]byte(*text), &v); err != nil {
		return err
	}
	return field.Set(object, path, v)
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
