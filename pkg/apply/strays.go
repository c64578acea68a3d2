// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package apply

import (
	"maps"
	"reflect"
	"slices"
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// bookkeeping is what the server writes to every object, and to a DaemonSet beside its
// generation.
var bookkeeping = []string{
	"metadata.managedFields", "metadata.resourceVersion", "metadata.generation", "status",
	below("metadata.annotations", appsv1.DeprecatedTemplateGeneration),
}

// strays are the fields in which an object is not as a change of it makes it, sorted.
// Lists are looked at as a whole.
func strays(expected, after *unstructured.Unstructured) []string {
	var all []string
	differ("", expected.Object, after.Object, func(field string) {
		if !slices.Contains(bookkeeping, field) {
			all = append(all, field)
		}
	})
	return all
}

// differ names the fields in which two values differ.
func differ(field string, a, b any, note func(string)) {
	x, isMap := a.(map[string]any)
	y, both := b.(map[string]any)
	if (a == nil || isMap) && (b == nil || both) {
		keys := maps.Clone(x)
		if keys == nil {
			keys = map[string]any{}
		}
		maps.Copy(keys, y)
		for _, key := range slices.Sorted(maps.Keys(keys)) {
			differ(below(field, key), x[key], y[key], note)
		}
		return
	}
	if !reflect.DeepEqual(a, b) {
		note(field)
	}
}

// below is a field of a field, as messages name it.
func below(field, key string) string {
	switch {
	case field == "":
		return key
	case strings.HasSuffix(field, "annotations"), strings.HasSuffix(field, "labels"):
		return field + "[" + key + "]"
	default:
		return field + "." + key
	}
}
