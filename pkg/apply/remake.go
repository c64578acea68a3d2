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
	wanted, err := c.wanted(ctx, record, group.Object)
	if err != nil {
		return done, err
	}
	if !wanted {
		done.Fields = []RevertedField{{State: Needless}}
		return done, nil
	}
	state := RevertedField{State: AsItWas}
	s := plan.Secret{Object: group.Object, Keys: group.Removal().Removed}
	_, err = c.createSecret(ctx, s.Content(), s.Keys, Options{DryRun: o.DryRun})
	switch {
	case err == nil:
		state.State = Restored
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

// wanted tells whether an object of a journal refers to a Secret once it is taken back.
// Where the server does not let it, nothing goes back.
func (c *Client) wanted(ctx context.Context, record *journal.Record, secret snapshot.Object) (bool, error) {
	for _, group := range record.Groups() {
		if group.Object.Namespace != secret.Namespace || !mayGoBackTo(group, secret.Name) {
			continue
		}
		back, err := c.tryBack(ctx, group)
		switch {
		case err != nil && (Moved(err) || !refused(err)):
			return false, err
		case err == nil && back != nil && refers("", back.Object, secret.Name):
			return true, nil
		}
	}
	return false, nil
}

// tryBack is an object as the server would have it with its values taken back; nil where
// it is gone.
func (c *Client) tryBack(ctx context.Context, group journal.Group) (*unstructured.Unstructured, error) {
	for range attempts {
		r, err := c.rewind(ctx, group)
		if err != nil {
			return nil, err
		}
		if !r.values() {
			return r.live, nil
		}
		back, err := c.restore(ctx, r, true)
		if !Moved(err) {
			return back, err
		}
	}
	return nil, fmt.Errorf("%s: %w again and again: run the revert once more", group.Object, ErrChanged)
}

// mayGoBackTo tells whether what an object had before may name a Secret, without a look at it.
func mayGoBackTo(group journal.Group, secret string) bool {
	return slices.ContainsFunc(group.Writes, func(w *journal.Write) bool {
		return slices.ContainsFunc(w.Fields, func(f journal.Field) bool {
			return f.Was != nil && f.Was.Text != nil && strings.Contains(*f.Was.Text, secret)
		})
	})
}
