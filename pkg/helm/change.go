// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package helm

import (
	"errors"
	"io"
	"reflect"
	"slices"
	"strings"

	"github.com/rogpeppe/go-internal/diff"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	utilyaml "k8s.io/apimachinery/pkg/util/yaml"
	"sigs.k8s.io/yaml"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// Change is one object in two states. Both are masked and may be printed.
type Change struct {
	Object snapshot.Object
	// Before and After are nil where the object is not there.
	Before, After map[string]any
}

// Diff is a unified diff of the two states as YAML, without a head. It is empty where
// they differ in nothing that may be printed.
func (c Change) Diff() string {
	text := string(diff.Diff("before", asYAML(c.Before), "after", asYAML(c.After)))
	// The head names the two sides, which each caller calls otherwise.
	if at := strings.Index(text, "\n@@ "); at >= 0 {
		return text[at+1:]
	}
	return ""
}

func asYAML(o map[string]any) []byte {
	if o == nil {
		return nil
	}
	text, err := yaml.Marshal(o)
	if err != nil { // which what was read as JSON does not come to
		return []byte("# cannot be shown: " + err.Error() + "\n")
	}
	return text
}

// objectsIn are the objects of rendered manifests, in their order.
func objectsIn(manifest string) ([]*unstructured.Unstructured, error) {
	decoder := utilyaml.NewYAMLOrJSONDecoder(strings.NewReader(manifest), 4096)
	var all []*unstructured.Unstructured
	for {
		o := &unstructured.Unstructured{}
		err := decoder.Decode(o)
		switch {
		case errors.Is(err, io.EOF):
			return all, nil
		case err != nil:
			return nil, err
		case len(o.Object) > 0:
			all = append(all, o)
		}
	}
}

// changed are the objects of two renderings that are not the same in both, as data: a
// chart rendered by another release of Helm may be written otherwise.
func (m *mask) changed(before, after []*unstructured.Unstructured) []Change {
	then := map[snapshot.Object]*unstructured.Unstructured{}
	for _, o := range after {
		then[objectOf(o)] = o
	}
	var all []Change
	for _, o := range before {
		key := objectOf(o)
		next := then[key]
		delete(then, key)
		if next == nil || !reflect.DeepEqual(o.Object, next.Object) {
			all = append(all, m.change(key, o, next))
		}
	}
	for key, o := range then {
		all = append(all, m.change(key, nil, o))
	}
	slices.SortFunc(all, func(a, b Change) int { return a.Object.Compare(b.Object) })
	return all
}

func (m *mask) change(key snapshot.Object, before, after *unstructured.Unstructured) Change {
	return Change{Object: key, Before: m.object(before, after), After: m.object(after, before)}
}

func objectOf(o *unstructured.Unstructured) snapshot.Object {
	return snapshot.Object{APIVersion: o.GetAPIVersion(), Kind: o.GetKind(), Namespace: o.GetNamespace(), Name: o.GetName()}
}
