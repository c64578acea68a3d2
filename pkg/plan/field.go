// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"maps"
	"reflect"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/field"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
)

// Field is one field of a Pod template.
type Field struct {
	// Path leads to it from the template.
	Path field.Path
	// Value is a tree of JSON, and so is Was, the value that it replaces; nil where there
	// was none.
	Value, Was any
	// Plain is as in an Annotation.
	Plain bool
}

// Sets is all that the change sets in the template: annotations first, as fields.
func (c *Change) Sets() []Field {
	var all []Field
	for _, a := range c.Annotations {
		f := Field{Path: AnnotationPath(a.Key), Value: a.Value, Plain: a.Plain}
		if a.Was != nil {
			f.Was = *a.Was
		}
		all = append(all, f)
	}
	return append(all, c.Fields...)
}

// AnnotationPath leads from a template to one of its annotations.
func AnnotationPath(key string) field.Path { return field.Path{"metadata", "annotations", key} }

// In is the path of a field of the template in the object that holds it.
func (c *Change) In(path field.Path) field.Path {
	return field.Path(strings.Split(c.Path, ".")).Below(path...)
}

// fieldsOf are the fields that an edit sets to another value than they have.
func fieldsOf(e *edit, spec *corev1.PodSpec) []Field {
	if len(e.fields) == 0 {
		return nil
	}
	template := treeOf(spec)
	var all []Field
	for _, key := range slices.Sorted(maps.Keys(e.fields)) {
		f := Field{Path: e.fields[key].Path, Value: e.fields[key].Value}
		if f.Was = field.Get(template, f.Path); !reflect.DeepEqual(f.Was, f.Value) {
			all = append(all, f)
		}
	}
	return all
}

// treeOf is a Pod template with this spec as a tree of JSON.
func treeOf(spec *corev1.PodSpec) map[string]any {
	tree, err := runtime.DefaultUnstructuredConverter.ToUnstructured(&corev1.PodTemplateSpec{Spec: *spec})
	if err != nil {
		panic(err) // the type is Kubernetes' own
	}
	return tree
}

// edited is a spec with fields set; unchanged where one of them does not fit, which the
// guidelines that judge it again then see.
func edited(spec *corev1.PodSpec, fields map[string]guideline.Field) *corev1.PodSpec {
	if spec == nil || len(fields) == 0 {
		return spec
	}
	tree := treeOf(spec)
	for _, key := range slices.Sorted(maps.Keys(fields)) {
		if field.Set(tree, fields[key].Path, fields[key].Value) != nil {
			return spec
		}
	}
	next := &corev1.PodTemplateSpec{}
	if runtime.DefaultUnstructuredConverter.FromUnstructured(tree, next) != nil {
		return spec
	}
	return &next.Spec
}
