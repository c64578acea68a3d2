// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package daprobject

import (
	"slices"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/json"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// Reference is one that a value was moved to: where in an object, and what of which
// Secret. The key alone tells it from others, so that no name of an entry is needed.
type Reference struct {
	Path        []string
	Secret, Key string
	// JSON tells that the value was no string.
	JSON bool
	// Value is what goes back into its place.
	Value snapshot.Concealed
}

// find is the entry that has the reference; nil if none has.
func (r *Reference) find(all []entry) *entry {
	for i := range all {
		if name, key := all[i].ref(); name == r.Secret && key == r.Key && slices.Equal(all[i].path, r.Path) {
			return &all[i]
		}
	}
	return nil
}

// In tells whether an object has the reference, and no value beside it.
func (r *Reference) In(object *unstructured.Unstructured) bool {
	e := r.find(entries(object.GetKind(), object.Object))
	return e != nil && taken(e.raw()) == ""
}

// Values are those of a list of an object, by which a value that is back is known: the
// caller has nothing but a hash of it.
func (r *Reference) Values(object *unstructured.Unstructured) []snapshot.Concealed {
	var all []snapshot.Concealed
	for _, e := range entries(object.GetKind(), object.Object) {
		if slices.Equal(e.path, r.Path) {
			all = append(all, e.setting().Value)
		}
	}
	return all
}

// PutBack is an object with values in the place of references and, if copied, kubectl's
// copy of it with them as well: the other way of Move.
func PutBack(object *unstructured.Unstructured, references []Reference, copied bool) (*unstructured.Unstructured, error) {
	next := object.DeepCopy()
	for _, r := range references {
		e := r.find(entries(object.GetKind(), next.Object))
		if e == nil {
			return nil, ErrChanged
		}
		if err := e.put(&r); err != nil {
			return nil, err
		}
	}
	if !copied {
		return next, nil
	}
	return next, putBackInCopy(next, references)
}

// putBackInCopy puts values back into kubectl's copy, as far as it has the references.
func putBackInCopy(object *unstructured.Unstructured, references []Reference) error {
	annotations := object.GetAnnotations()
	before, read := copied(annotations[LastApplied])
	if !read {
		return nil
	}
	for _, r := range references {
		if e := r.find(entries(object.GetKind(), before)); e != nil {
			if err := e.put(&r); err != nil {
				return err
			}
		}
	}
	text, err := copyText(before)
	if err != nil {
		return err
	}
	annotations[LastApplied] = text
	object.SetAnnotations(annotations)
	return nil
}

// put puts a value in the place of the reference.
func (e *entry) put(r *Reference) error {
	var value any = r.Value.Text()
	if r.JSON {
		if err := json.Unmarshal([]byte(r.Value.Text()), &value); err != nil {
			return ErrChanged
		}
	}
	delete(e.content, "secretKeyRef")
	e.content["value"] = value
	return nil
}
