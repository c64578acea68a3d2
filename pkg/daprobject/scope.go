// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package daprobject

import (
	"slices"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// Scoping is how an object is kept to some apps.
type Scoping struct {
	Object snapshot.Object
	UID    types.UID
	// Apps are the app IDs that are to load it, sorted; Was are those that it is scoped
	// to now, as they stand there, nil where it is for every app.
	Apps, Was []string
	// Lose are the app IDs of the namespace that load it now and would not any more.
	Lose []string
	// Strange are those of Apps that are none of the namespace, as far as it was read.
	Strange []string
}

// NewScoping works out what becomes of an object that is to be for some apps alone.
// known are the app IDs of its namespace.
func NewScoping(object *unstructured.Unstructured, apps, known []string) *Scoping {
	s := &Scoping{Object: objectOf(object), UID: object.GetUID(), Apps: sorted(apps)}
	s.Was, _, _ = unstructured.NestedStringSlice(object.Object, "scopes")
	for _, id := range sorted(known) {
		if (len(s.Was) == 0 || slices.Contains(s.Was, id)) && !slices.Contains(s.Apps, id) {
			s.Lose = append(s.Lose, id)
		}
	}
	for _, id := range s.Apps {
		if !slices.Contains(known, id) {
			s.Strange = append(s.Strange, id)
		}
	}
	return s
}

// Nothing tells that the object is scoped so already.
func (s *Scoping) Nothing() bool { return slices.Equal(sorted(s.Was), s.Apps) }

// SameAs tells whether two come to the same.
func (s *Scoping) SameAs(other *Scoping) bool {
	return s.Object == other.Object && s.UID == other.UID && slices.Equal(s.Apps, other.Apps) && slices.Equal(s.Was, other.Was)
}

// Set is the object with the scopes.
func (s *Scoping) Set(object *unstructured.Unstructured) (*unstructured.Unstructured, error) {
	was, _, err := unstructured.NestedStringSlice(object.Object, "scopes")
	if err != nil || !slices.Equal(was, s.Was) {
		return nil, ErrChanged
	}
	next := object.DeepCopy()
	return next, unstructured.SetNestedStringSlice(next.Object, s.Apps, "scopes")
}

// Written is the list of scopes.
func (s *Scoping) Written() [][]string { return [][]string{{"scopes"}} }

func sorted(all []string) []string {
	all = slices.Clone(all)
	slices.Sort(all)
	return slices.Compact(all)
}
