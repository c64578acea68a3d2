// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package apply

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/journal"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/plan"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// remake makes a Secret again that a run deleted, with new tokens: what it held is gone.
// It does so for what goes back to it alone, since no journal would have a Secret that
// nothing uses.
func (c *Client) remake(ctx context.Context, record *journal.Record, group journal.Group, o RevertOptions) (Reverted, error) {
	done := Reverted{Object: group.Object, Remade: true}
	wanted, untried, err := c.wanted(ctx, record, group.Object)
	if err != nil {
		return done, err
	}
	why := ""
	if untried != nil {
		why = untried.Error()
	}
	if !wanted {
		done.Fields = []RevertedField{{State: Needless, Why: why}}
		return done, nil
	}
	state := RevertedField{State: AsItWas}
	s := plan.Secret{Object: group.Object, Keys: group.Removal().Removed}
	live, err := c.createSecret(ctx, s.Content(), s.Keys, Options{DryRun: o.DryRun})
	switch {
	case err == nil:
		state.State, state.Why = Restored, why
		if !o.DryRun {
			done.remade = live
		}
		fault("restored")
	case errors.Is(err, ErrExists):
		done.Err, err = c.unfit(ctx, s)
		if done.Err != nil || err != nil {
			return done, err
		}
	case refused(err):
		done.Err = err
		return done, nil
	default:
		return done, err
	}
	done.Fields = []RevertedField{state}
	return done, nil
}

// unfit says why a Secret that is there is none to go back to; nil where it is one,
// whoever made it. The error means that the cluster cannot be reached.
func (c *Client) unfit(ctx context.Context, s plan.Secret) (why, err error) {
	live, err := c.Get(ctx, s.Object)
	switch {
	case apierrors.IsNotFound(err):
		return fmt.Errorf("%s: %w: run the revert once more", s.Object, ErrChanged), nil
	case err != nil && refused(err):
		return fmt.Errorf("%w, and what it holds is not known: %w", ErrExists, err), nil
	case err != nil:
		return nil, err
	case live.GetDeletionTimestamp() != nil:
		return fmt.Errorf("%w, and is being deleted", ErrExists), nil
	}
	data, _, _ := unstructured.NestedMap(live.Object, "data")
	for _, key := range s.Keys {
		if value, _ := data[key].(string); value == "" {
			return fmt.Errorf("%w, without the key %s", ErrExists, key), nil
		}
	}
	return nil, nil
}

// giveUp deletes Secrets again that a revert made where the server did not let anything go
// back to them after all. One that may be used stays: the journal has it.
func (c *Client) giveUp(ctx context.Context, all []Reverted) error {
	for i := range all {
		one := &all[i]
		if one.remade == nil {
			continue
		}
		users, err := c.UsersOf(ctx, one.Object)
		if err == nil && len(users) == 0 {
			err = c.delete(ctx, one.remade, false) // unless somebody counts on it by now
		}
		switch {
		case err != nil && !refused(err):
			return err
		case err == nil && len(users) == 0:
			one.Fields = []RevertedField{{State: Needless, Why: one.Fields[0].Why}}
		}
	}
	return nil
}

// wanted tells whether an object of a journal refers to a Secret once it is taken back.
// untried is why the server did not say so itself.
func (c *Client) wanted(ctx context.Context, record *journal.Record, secret snapshot.Object) (is bool, untried, err error) {
	for _, group := range record.Groups() {
		if group.Object.Namespace != secret.Namespace || !mayGoBackTo(group, secret.Name) {
			continue
		}
		back, refusal, err := c.tryBack(ctx, group)
		if err != nil {
			return false, nil, err
		}
		if refusal != nil {
			untried = refusal
		}
		if back != nil && refers("", back.Object, secret.Name) {
			return true, refusal, nil
		}
	}
	return false, untried, nil
}

// tryBack is an object as the server would have it with its values taken back; nil where
// it is gone, or where who asks may not write it. Any other refusal may be for want of the
// Secret, or of the dry run alone: then it is the object as it would be sent.
func (c *Client) tryBack(ctx context.Context, group journal.Group) (back *unstructured.Unstructured, refusal, err error) {
	for range attempts {
		r, err := c.rewind(ctx, group)
		switch {
		case apierrors.IsForbidden(err):
			return nil, err, nil
		case err != nil:
			return nil, nil, err
		case !r.values():
			return r.live, nil, nil
		}
		back, err := c.restore(ctx, r, true)
		switch {
		case err == nil:
			return back, nil, nil
		case Moved(err):
		case !refused(err):
			return nil, nil, err
		case mayNotPatch(err):
			return nil, err, nil
		default:
			back = r.live.DeepCopy()
			return back, err, r.takeBack(back.Object)
		}
	}
	return nil, nil, fmt.Errorf("%s: %w again and again: run the revert once more", group.Object, ErrChanged)
}

// mayNotPatch tells a refusal of the server's authorizer from those of admission, many of
// which are Forbidden too, by the words that the server has for the former alone.
func mayNotPatch(err error) bool {
	return apierrors.IsForbidden(err) && strings.Contains(err.Error(), " cannot patch resource ")
}

// mayGoBackTo tells whether what an object had before may name a Secret, without a look at it.
func mayGoBackTo(group journal.Group, secret string) bool {
	return slices.ContainsFunc(group.Writes, func(w *journal.Write) bool {
		return slices.ContainsFunc(w.Fields, func(f journal.Field) bool {
			return f.Was != nil && f.Was.Text != nil && strings.Contains(*f.Was.Text, secret)
		})
	})
}
