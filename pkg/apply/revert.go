// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package apply

import (
	"context"
	"fmt"
	"slices"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/journal"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// RevertOptions say how a journal is undone.
type RevertOptions struct {
	// DryRun lets the server do everything but store it.
	DryRun bool
	// Done is told of each object that was written, before the next one is; its error
	// ends the revert. It may be nil.
	Done func(context.Context, Reverted) error
}

// Reverted is what became of one object.
type Reverted struct {
	Object snapshot.Object
	// Made tells that the run made the object, so that reverting deletes it. Fields has
	// one entry then, without a key, about all of it.
	Made bool
	// Remade tells that the run deleted the object, a Secret, so that reverting makes it
	// again, with new tokens. Fields is as with Made.
	Remade bool
	// Fields are what the journal has, in its order.
	Fields []RevertedField
	// Live is the object as it is then; nil where it is gone.
	Live *unstructured.Unstructured
	// Err is why the server did not let it be restored.
	Err error

	// remade is the Secret that was made again, without data.
	remade *unstructured.Unstructured
}

// Wrote tells whether anything of the object was restored.
func (r *Reverted) Wrote() bool {
	return slices.ContainsFunc(r.Fields, func(f RevertedField) bool { return f.State == Restored })
}

// RevertedField is what became of one annotation, or of another field.
type RevertedField struct {
	Key, Field string
	State      RevertState
	// Why says why it is Refused; of a Secret that was deleted, what the server said where
	// it was asked whether anything can go back to it.
	Why string
}

// RevertState is what became of a field.
type RevertState int

// The states of a field after a revert.
const (
	// AsItWas is a field that is as before already.
	AsItWas RevertState = iota
	// Restored is a field that was brought back, or is to be in a dry run.
	Restored
	// Refused is a field that is left as it is.
	Refused
	// Needless is a Secret that is not made again: nothing that goes back uses it.
	Needless
)

// attempts is how often an object is read: before each of the two writes, after them,
// and again where somebody, such as its controller, wrote to it in between.
const attempts = 10

// Revert undoes the writes of a journal, the newest first: values, and who owns them.
// Fields that somebody changed since are left, and said. It may be done again, and
// goes on where another one was cut off. It ends at a Secret that cannot be made again,
// which is the last one that it returns then: Pods would not start without it. The error,
// with what was done so far, means that the journal is of another cluster, that this one
// cannot be reached, or is that of Done.
func (c *Client) Revert(ctx context.Context, record *journal.Record, o RevertOptions) ([]Reverted, error) {
	if err := c.SameCluster(ctx, record); err != nil {
		return nil, err
	}
	var all []Reverted
	for _, group := range record.Groups() {
		if err := ctx.Err(); err != nil {
			return all, err
		}
		one, err := c.RevertObject(ctx, record, group, o)
		if err != nil {
			return all, err
		}
		all = append(all, one)
		if one.Remade && one.Err != nil {
			return all, c.giveUp(ctx, all) // what comes next may refer to it
		}
		if o.Done == nil || o.DryRun || one.Live == nil || !one.Wrote() {
			continue
		}
		if err := o.Done(ctx, one); err != nil {
			return all, err
		}
	}
	return all, c.giveUp(ctx, all)
}

// SameCluster is an error if a journal is of another cluster. Where one of the two
// cannot be told, the uids of the objects tell.
func (c *Client) SameCluster(ctx context.Context, record *journal.Record) error {
	now, err := c.Cluster(ctx)
	if err != nil {
		return err
	}
	if record.Cluster != "" && now != "" && record.Cluster != now {
		return fmt.Errorf("the journal is of another cluster (context %q then): name that one with --context", record.Context)
	}
	return nil
}

// RevertObject undoes the writes of a journal to one object. A context that ends while
// the object is being written does not end that, unless it takes longer than a moment.
func (c *Client) RevertObject(ctx context.Context, record *journal.Record, group journal.Group, o RevertOptions) (Reverted, error) {
	ctx, end := outlast(ctx)
	defer end()
	done, err := c.revertObject(ctx, record, group, o)
	return done, inTime(ctx, err)
}

func (c *Client) revertObject(ctx context.Context, record *journal.Record, group journal.Group, o RevertOptions) (Reverted, error) {
	done := Reverted{Object: group.Object}
	switch {
	case group.Removal() != nil:
		return c.remake(ctx, record, group, o)
	case group.Creation() != nil:
		return c.unmake(ctx, group, o)
	case group.Rewritten():
		return c.unrewrite(ctx, group, o)
	}
	restored := map[string]bool{}
	for range attempts {
		r, err := c.rewind(ctx, group)
		if apierrors.IsForbidden(err) {
			done.Err = err
			return done, nil
		}
		if err != nil {
			return done, err
		}
		done.Fields, done.Live = r.report(restored), r.live
		step := c.next(r)
		if step == nil {
			return done, nil
		}
		err = step(ctx, o.DryRun)
		switch {
		case Moved(err):
			continue
		case refused(err):
			done.Err = err
			return done, nil
		case err != nil:
			return done, err
		}
		for _, f := range r.fields {
			if f.moves() {
				restored[f.path.String()] = true
			}
		}
		done.Fields = r.report(restored)
		if o.DryRun {
			return done, nil
		}
		fault("restored")
	}
	done.Err = fmt.Errorf("%s: %w again and again: run the revert once more", group.Object, ErrChanged)
	return done, nil
}

// rewind reads an object and works out what is left to do.
func (c *Client) rewind(ctx context.Context, group journal.Group) (*rewound, error) {
	live, err := c.Get(ctx, group.Object)
	switch {
	case apierrors.IsNotFound(err):
		return lost(group, "the object was deleted since"), nil
	case meta.IsNoMatchError(err):
		return lost(group, "the server does not know its kind any more"), nil
	case err != nil:
		return nil, err
	case live.GetUID() != group.UID:
		return lost(group, "the object was deleted and made again since"), nil
	case live.GetDeletionTimestamp() != nil:
		return lost(group, "the object is being deleted"), nil
	}
	return rewind(group, live), nil
}

// next is the next write that an object needs; nil where it needs none. Values come
// back first, in one write, so that the Pods are made anew once; then, without
// touching a value, the fields go back to whose they were.
func (c *Client) next(r *rewound) func(context.Context, bool) error {
	switch {
	case r.values():
		return func(ctx context.Context, dryRun bool) error {
			_, err := c.restore(ctx, r, dryRun)
			return err
		}
	case r.owners():
		return func(ctx context.Context, dryRun bool) error { return c.giveBack(ctx, r, dryRun) }
	default:
		return nil
	}
}

// restore applies what was, and returns what the server has then: keys that were added are
// given up, so that the server removes them.
func (c *Client) restore(ctx context.Context, r *rewound, dryRun bool) (*unstructured.Unstructured, error) {
	body, err := body(r.live, r.takeBack)
	if err != nil {
		return nil, err
	}
	stored, err := c.send(ctx, r.live, types.ApplyPatchType, body, dryRun, false)
	return stored, c.refined(ctx, r.live, err)
}

// giveBack writes managedFields as they were, which the server lets those do who may
// patch the object; kubectl does so when it moves from client-side to server-side
// apply. Writing the values again in the name of their former managers would make the
// Pods anew more than once, and needs the schema of all that those have applied.
func (c *Client) giveBack(ctx context.Context, r *rewound, dryRun bool) error {
	body, err := r.managedFields()
	if err != nil {
		return fmt.Errorf("%s: its managedFields cannot be written: %w", objectOf(r.live), err)
	}
	_, err = c.send(ctx, r.live, types.JSONPatchType, body, dryRun, false)
	return c.refined(ctx, r.live, err)
}
