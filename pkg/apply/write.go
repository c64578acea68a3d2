// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package apply

import (
	"context"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/journal"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/plan"
)

// Write applies a change and keeps it in a journal: what is written stands there
// before it is written. A dry run is not kept. A context that ends while the object is
// being written ends nothing: the server's answer is waited for. It is an UnknownError
// if there was none.
func (c *Client) Write(ctx context.Context, j *journal.Journal, live *unstructured.Unstructured, change plan.Change, o Options) (Result, error) {
	if o.DryRun {
		return c.Apply(ctx, live, change, o)
	}
	if err := ctx.Err(); err != nil {
		return Result{}, err
	}
	if err := fits(live, change, o); err != nil {
		return Result{}, err
	}
	id, err := j.Begin(change.Object, live.GetUID(), change.Path, kept(live, change))
	if err != nil {
		return Result{}, err
	}
	fault("journaled")
	result, err := c.Apply(context.WithoutCancel(ctx), live, change, o)
	if err != nil {
		return Result{}, unwritten(j, id, err)
	}
	fault("applied")
	if err := j.Written(id); err != nil {
		return result, err
	}
	fault("written")
	return result, nil
}

// Undoable is a *journal.UndoError where a change of an object cannot be undone without
// keeping what may be secret.
func Undoable(live *unstructured.Unstructured, change plan.Change) error {
	for _, c := range kept(live, change) {
		if err := journal.Undoable(c); err != nil {
			return err
		}
	}
	return nil
}

// kept is a change as the journal takes it.
func kept(live *unstructured.Unstructured, change plan.Change) []journal.Change {
	var all []journal.Change
	for _, f := range change.Sets() {
		all = append(all, journal.Change{
			Key: keyOf(f.Path), At: atOf(f.Path), Set: *textOf(f.Value, f.Path), Was: textOf(f.Was, f.Path), Plain: f.Plain,
			Managers: managersOf(live, ownedAs(change.In(f.Path))),
		})
	}
	return all
}
