// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package apply

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/field"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/plan"
)

// Options say how a change is written.
type Options struct {
	// DryRun lets the server do everything but store it.
	DryRun bool
	// ForceConflicts takes fields over from any manager, not from kubectl's own alone.
	ForceConflicts bool
	// IncludeManaged writes to objects that have an Owner, too.
	IncludeManaged bool
}

// Result is what a write came to.
type Result struct {
	// Object is what the server stored, or would have.
	Object *unstructured.Unstructured
	// TakenOver are the fields that others owned before.
	TakenOver []Conflict
	// PutBack are the annotations, by their keys, and the other fields that client-side kubectl apply has with another
	// value: the next one of the user puts that back.
	PutBack []string
	// Strays are the fields that differ beside those of the change, by the doing of
	// the server or of a webhook; those of its bookkeeping and of the status are not
	// among them.
	Strays []string
	// Warnings are what the server said to it.
	Warnings []string
}

// Apply writes a change to the object that live is what was read of, in one
// server-side apply that holds all that this program applied to it before, too. It is
// ErrChanged, ErrRecreated or ErrGone if the object is not that any more, OwnedError
// if it belongs to somebody, and ConflictError if somebody else owns what is to be
// set; fields of kubectl's own managers are taken over.
func (c *Client) Apply(ctx context.Context, live *unstructured.Unstructured, change plan.Change, o Options) (Result, error) {
	if err := fits(live, change, o); err != nil {
		return Result{}, err
	}
	body, err := body(live, func(object map[string]any) error {
		for _, f := range change.Sets() {
			if err := field.Set(object, change.In(f.Path), f.Value); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return Result{}, err
	}
	ctx, warned := withWarnings(ctx)
	stored, taken, err := c.patch(ctx, live, body, change, o)
	if err != nil {
		return Result{}, err
	}
	expected, err := change.Set(live)
	if err != nil {
		return Result{}, err
	}
	return Result{
		Object:    stored,
		TakenOver: taken,
		PutBack:   putBack(live, change),
		Strays:    strays(expected, stored),
		Warnings:  warned.all,
	}, nil
}

// fits tells whether a change was planned from the object that was read, and may be
// written to it.
func fits(live *unstructured.Unstructured, change plan.Change, o Options) error {
	object := objectOf(live)
	switch {
	case live.GetDeletionTimestamp() != nil:
		return fmt.Errorf("%s: %w", object, ErrGone)
	case change.App == change.Object && change.UID != "" && change.UID != live.GetUID():
		return fmt.Errorf("%s: %w", object, ErrRecreated)
	}
	for _, f := range change.Sets() {
		if path := change.In(f.Path); !reflect.DeepEqual(field.Get(live.Object, path), f.Was) {
			return fmt.Errorf("%s: %s: %w", object, path, ErrChanged)
		}
	}
	if owner := OwnerOf(live); owner != nil && !o.IncludeManaged {
		return &OwnedError{Object: object, Owner: *owner}
	}
	return nil
}

// body is what is applied to an object: all that this program applied before, edited,
// for exactly the object that was read.
func body(live *unstructured.Unstructured, edit func(map[string]any) error) ([]byte, error) {
	object, err := applied(live)
	if err != nil {
		return nil, fmt.Errorf("%s: its managedFields cannot be read: %w", objectOf(live), err)
	}
	if err := edit(object); err != nil {
		return nil, fmt.Errorf("%s: %w", objectOf(live), err)
	}
	u := unstructured.Unstructured{Object: object}
	u.SetAPIVersion(live.GetAPIVersion())
	u.SetKind(live.GetKind())
	u.SetName(live.GetName())
	u.SetNamespace(live.GetNamespace())
	u.SetUID(live.GetUID())
	u.SetResourceVersion(live.GetResourceVersion())
	return json.Marshal(object)
}

// patch applies, and once more by force where all that is in the way may be taken
// over. Nobody else can come in between: the resourceVersion stays the same.
func (c *Client) patch(ctx context.Context, live *unstructured.Unstructured, body []byte, change plan.Change, o Options) (*unstructured.Unstructured, []Conflict, error) {
	stored, err := c.send(ctx, live, types.ApplyPatchType, body, o.DryRun, false)
	conflicts := conflictsOf(err, live, change)
	if len(conflicts) == 0 {
		return stored, nil, c.refined(ctx, live, err)
	}
	if foreign := foreign(conflicts); len(foreign) > 0 && !o.ForceConflicts {
		return nil, nil, &ConflictError{Object: objectOf(live), Conflicts: foreign}
	}
	stored, err = c.send(ctx, live, types.ApplyPatchType, body, o.DryRun, true)
	return stored, conflicts, c.refined(ctx, live, err)
}

// send is one patch of the object that was read.
func (c *Client) send(ctx context.Context, live *unstructured.Unstructured, kind types.PatchType, body []byte, dryRun, force bool) (*unstructured.Unstructured, error) {
	resource, err := c.resource(objectOf(live))
	if err != nil {
		return nil, err
	}
	options := metav1.PatchOptions{FieldManager: Manager, FieldValidation: metav1.FieldValidationStrict}
	if kind == types.ApplyPatchType {
		options.Force = &force
	}
	if dryRun {
		options.DryRun = []string{metav1.DryRunAll}
	}
	return resource.Patch(ctx, live.GetName(), kind, body, options)
}

// putBack are the fields that client-side kubectl apply has otherwise.
func putBack(live *unstructured.Unstructured, change plan.Change) []string {
	var keys []string
	last := lastApplied(live)
	for _, f := range change.Sets() {
		if v := field.Get(last, change.In(f.Path)); v != nil && !reflect.DeepEqual(v, f.Value) {
			keys = append(keys, keyOf(f.Path))
		}
	}
	return keys
}
