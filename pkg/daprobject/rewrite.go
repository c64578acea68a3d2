// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package daprobject

import (
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// Rewrite is a change of an object of dapr.io itself: a Move or a Scoping.
type Rewrite interface {
	// Set is the object with the change; ErrChanged where it is not the one that was
	// planned for.
	Set(object *unstructured.Unstructured) (*unstructured.Unstructured, error)
	// Written are the paths of what is written, each as a whole.
	Written() [][]string
	// Patch is the change as kubectl patch --type=json takes it.
	Patch() []map[string]any
}

// Written are the lists that values move out of, the values that stand alone, and
// kubectl's copy.
func (m *Move) Written() [][]string {
	var all [][]string
	for _, v := range m.Values {
		if !slices.ContainsFunc(all, func(path []string) bool { return slices.Equal(path, v.Path) }) {
			all = append(all, v.Path)
		}
	}
	if m.Copy {
		all = append(all, CopyPath())
	}
	return all
}

// CopyPath leads to kubectl's copy of an object.
func CopyPath() []string { return []string{"metadata", "annotations", LastApplied} }

// Alone tells of a path that it leads to one value, which a reference stands beside, and
// to no list.
func Alone(path []string) bool { return slices.Equal(path, alonePath) }

var alonePath = []string{"spec", "clientTLS", "privateKey"}

// PathText is a path for people.
func PathText(path []string) string {
	if slices.Equal(path, CopyPath()) {
		return "metadata.annotations[" + LastApplied + "]"
	}
	return strings.Join(path, ".")
}
