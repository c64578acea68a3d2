// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package apply

import (
	"slices"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/structured-merge-diff/v6/fieldpath"
	"sigs.k8s.io/structured-merge-diff/v6/value"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/journal"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// Manager is the field manager that this program writes as.
const Manager = snapshot.Manager

// setOf are the fields of an entry of managedFields.
func setOf(entry *metav1.ManagedFieldsEntry) (*fieldpath.Set, error) {
	set := fieldpath.NewSet()
	if entry.FieldsV1 == nil {
		return set, nil
	}
	return set, set.FromJSON(entry.FieldsV1.GetRawReader())
}

// isOurs tells whether an entry is what this program applied.
func isOurs(entry *metav1.ManagedFieldsEntry) bool {
	return entry.Manager == Manager && entry.Operation == metav1.ManagedFieldsOperationApply && entry.Subresource == ""
}

func managerOf(entry *metav1.ManagedFieldsEntry) journal.Manager {
	return journal.Manager{Name: entry.Manager, Operation: string(entry.Operation), APIVersion: entry.APIVersion, Subresource: entry.Subresource}
}

// ours is the manager that this program writes as, for an object of that version.
func ours(apiVersion string) journal.Manager {
	return journal.Manager{Name: Manager, Operation: string(metav1.ManagedFieldsOperationApply), APIVersion: apiVersion}
}

// sameManager tells whether two names are of one entry: what is applied has one,
// whatever the version.
func sameManager(a, b journal.Manager) bool {
	if a.Operation == string(metav1.ManagedFieldsOperationApply) {
		a.APIVersion, b.APIVersion = "", ""
	}
	return a == b
}

// managersOf are those that own a field, in the order of managedFields. Of a field with
// others below it those count that own a value there: who loses one to somebody else
// keeps the maps around it, and the name of an element.
func managersOf(live *unstructured.Unstructured, field fieldpath.Path) []journal.Manager {
	var all []journal.Manager
	entries := live.GetManagedFields()
	sets, union := make([]*fieldpath.Set, len(entries)), fieldpath.NewSet()
	for i := range entries {
		sets[i] = fieldpath.NewSet()
		if set, err := setOf(&entries[i]); err == nil {
			sets[i] = within(set, field)
		}
		union = union.Union(sets[i])
	}
	values := union.Leaves()
	if field[len(field)-1].Key != nil {
		name := append(field.Copy(), fieldpath.MakePathOrDie("name")...)
		if rest := values.Difference(fieldpath.NewSet(name)); !rest.Empty() {
			values = rest
		}
	}
	for i, set := range sets {
		if !set.Intersection(values).Empty() {
			all = append(all, managerOf(&entries[i]))
		}
	}
	return all
}

// applied is what this program has applied to an object so far, with the values that
// the object has now. Whoever applies less than that removes the rest.
func applied(live *unstructured.Unstructured) (map[string]any, error) {
	entries := live.GetManagedFields()
	for i := range entries {
		if !isOurs(&entries[i]) {
			continue
		}
		set, err := setOf(&entries[i])
		if err != nil {
			return nil, err
		}
		picked, _ := pick(set, live.Object).(map[string]any)
		return picked, nil
	}
	return map[string]any{}, nil
}

// pick is the part of an object that a set of fields names. The set itself says which
// lists have keys, so that no schema is needed: the elements of such a list are named
// by their keys, of a set by their values, and an atomic list is named as a whole.
func pick(set *fieldpath.Set, from any) any {
	switch from := from.(type) {
	case map[string]any:
		return pickFields(set, from)
	case []any:
		return pickElements(set, from)
	default:
		return from
	}
}

func pickFields(set *fieldpath.Set, from map[string]any) any {
	picked := map[string]any{}
	set.Members.Iterate(func(e fieldpath.PathElement) {
		if _, deeper := set.Children.Get(e); deeper || e.FieldName == nil || keysAlone(*e.FieldName) {
			return
		}
		if v, found := from[*e.FieldName]; found {
			picked[*e.FieldName] = runtime.DeepCopyJSONValue(v)
		}
	})
	set.Children.Iterate(func(e fieldpath.PathElement) {
		if e.FieldName == nil {
			return
		}
		child, _ := set.Children.Get(e)
		if v := pick(child, from[*e.FieldName]); !empty(v) {
			picked[*e.FieldName] = v
		}
	})
	return picked
}

// keysAlone tells of maps that are owned key by key. Where one stands in a set without
// keys, as it does for kinds without a schema after others took all of them, then the
// keys that it has now are theirs.
func keysAlone(name string) bool { return name == "annotations" || name == "labels" }

// empty is where nothing is left of what was applied: applying an empty map would
// claim the map itself.
func empty(v any) bool {
	switch v := v.(type) {
	case nil:
		return true
	case map[string]any:
		return len(v) == 0
	case []any:
		return len(v) == 0
	default:
		return false
	}
}

// pickElements keeps the order of the list.
func pickElements(set *fieldpath.Set, from []any) any {
	picked := []any{}
	for _, item := range from {
		if e := elementOf(set, item); e != nil {
			picked = append(picked, pickElement(set, *e, item))
		}
	}
	return picked
}

// pickElement is an element of a list with the keys that tell it from others. A key
// that the set does not have beside others was left to the server's default, such as
// the protocol of a port, and is left to it again.
func pickElement(set *fieldpath.Set, e fieldpath.PathElement, item any) any {
	fields, isMap := item.(map[string]any)
	if e.Key == nil || !isMap {
		return runtime.DeepCopyJSONValue(item)
	}
	picked := map[string]any{}
	if child, found := set.Children.Get(e); found {
		picked, _ = pick(child, fields).(map[string]any)
	}
	if slices.ContainsFunc(*e.Key, func(key value.Field) bool { return picked[key.Name] != nil }) {
		return picked
	}
	for _, key := range *e.Key {
		picked[key.Name] = runtime.DeepCopyJSONValue(fields[key.Name])
	}
	return picked
}

// elementOf is the element of the set that names an item of a list; nil if none does.
func elementOf(set *fieldpath.Set, item any) *fieldpath.PathElement {
	var found *fieldpath.PathElement
	look := func(e fieldpath.PathElement) {
		if names(e, item) {
			found = &e
		}
	}
	set.Members.Iterate(look)
	set.Children.Iterate(look)
	return found
}

func names(e fieldpath.PathElement, item any) bool {
	if e.Value != nil {
		return value.Equals(*e.Value, value.NewValueInterface(item))
	}
	fields, isMap := item.(map[string]any)
	if e.Key == nil || !isMap {
		return false
	}
	for _, key := range *e.Key {
		if v, found := fields[key.Name]; !found || !value.Equals(key.Value, value.NewValueInterface(v)) {
			return false
		}
	}
	return true
}
