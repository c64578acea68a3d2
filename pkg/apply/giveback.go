// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package apply

import (
	"encoding/json"
	"slices"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/structured-merge-diff/v6/fieldpath"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/journal"
)

// managedFields is the JSON patch that gives the fields back to whose they were. It
// replaces the resourceVersion by the same one, so that the server refuses it where
// somebody wrote in between.
func (r *rewound) managedFields() ([]byte, error) {
	entries := slices.Clone(r.live.GetManagedFields())
	for _, f := range r.fields {
		if !f.returns() {
			continue
		}
		path := ownedAs(f.path)
		given := fieldpath.NewSet(path)
		if err := edit(entries, ours(r.live.GetAPIVersion()), func(set *fieldpath.Set) *fieldpath.Set {
			given = given.Union(within(set, path))
			return without(set, path)
		}); err != nil {
			return nil, err
		}
		for _, m := range f.former {
			var err error
			if entries, err = give(entries, m, given); err != nil {
				return nil, err
			}
		}
	}
	entries = slices.DeleteFunc(entries, func(e metav1.ManagedFieldsEntry) bool {
		set, err := setOf(&e)
		return isOurs(&e) && err == nil && set.Empty()
	})
	return json.Marshal([]map[string]any{
		{"op": "replace", "path": "/metadata/managedFields", "value": entries},
		{"op": "replace", "path": "/metadata/resourceVersion", "value": r.live.GetResourceVersion()},
	})
}

// within are a field and those below it, as far as a set has them.
func within(set *fieldpath.Set, path fieldpath.Path) *fieldpath.Set {
	found := fieldpath.NewSet()
	set.Iterate(func(p fieldpath.Path) {
		if len(p) >= len(path) && p[:len(path)].Equals(path) {
			found.Insert(p.Copy())
		}
	})
	return found
}

// without is a set without a field, and without what is above it of which nothing is
// left: maps, which kinds that have no schema own, too, and elements of lists but for
// the name that tells them from others.
func without(set *fieldpath.Set, path fieldpath.Path) *fieldpath.Set {
	set = set.Difference(within(set, path))
	for path = path[:len(path)-1]; len(path) > 0; path = path[:len(path)-1] {
		below := set
		for _, step := range path {
			below = below.WithPrefix(step)
		}
		if path[len(path)-1].Key != nil {
			below = below.Difference(fieldpath.NewSet(fieldpath.MakePathOrDie("name")))
		}
		if !below.Empty() {
			break
		}
		set = set.Difference(within(set, path))
	}
	return set
}

// give adds fields to the entry of a manager, or the entry where it is gone because
// they were all that it had.
func give(entries []metav1.ManagedFieldsEntry, m journal.Manager, given *fieldpath.Set) ([]metav1.ManagedFieldsEntry, error) {
	if !slices.ContainsFunc(entries, func(e metav1.ManagedFieldsEntry) bool { return sameManager(managerOf(&e), m) }) {
		now := metav1.Now()
		entries = append(entries, metav1.ManagedFieldsEntry{
			Manager: m.Name, Operation: metav1.ManagedFieldsOperationType(m.Operation), APIVersion: m.APIVersion, Subresource: m.Subresource,
			Time: &now, FieldsType: "FieldsV1",
		})
	}
	return entries, edit(entries, m, func(set *fieldpath.Set) *fieldpath.Set { return set.Union(given) })
}

// edit changes the fields of the entry of a manager.
func edit(entries []metav1.ManagedFieldsEntry, m journal.Manager, change func(*fieldpath.Set) *fieldpath.Set) error {
	for i := range entries {
		if !sameManager(managerOf(&entries[i]), m) {
			continue
		}
		set, err := setOf(&entries[i])
		if err != nil {
			return err
		}
		raw, err := change(set).ToJSON()
		if err != nil {
			return err
		}
		entries[i].FieldsV1 = metav1.NewFieldsV1(string(raw))
	}
	return nil
}
