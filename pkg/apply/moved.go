// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package apply

import (
	"context"
	"errors"
	"fmt"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/daprobject"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/journal"
)

// ErrUnlike says that a Secret does not hold what it was sent: something between here
// and there has changed it.
var ErrUnlike = errors.New("the server has not stored what it was sent")

// ErrRotated says that the Secret of an earlier run, to which somebody else has written
// since, holds another value: it may have been rotated, and what stands in the object
// again be out of date; or the value in the object is the newer one.
var ErrRotated = errors.New("it holds another value than the object")

// MakeMoved makes the Secret that values move to, with their bytes as they are, and keeps
// that in a journal without them. It is ErrExists if there is one of that name. A dry run
// is not kept, and a context that ends meanwhile ends nothing.
func (c *Client) MakeMoved(ctx context.Context, j *journal.Journal, m *daprobject.Move, o Options) (Made, error) {
	filled := m.Filled()
	data := filled.Object["data"].(map[string]any)
	if o.DryRun {
		_, err := c.Create(ctx, filled, o)
		return Made{}, discreet(err, data)
	}
	if err := ctx.Err(); err != nil {
		return Made{}, err
	}
	id, err := j.BeginCreation(m.SecretObject(), m.Skeleton().Object)
	if err != nil {
		return Made{}, err
	}
	fault("secret-journaled")
	result, err := c.Create(context.WithoutCancel(ctx), filled, o)
	if err != nil {
		return Made{}, unwritten(j, id, discreet(err, data))
	}
	fault("secret-made")
	made := Made{Object: m.SecretObject(), UID: result.Object.GetUID(), live: withoutData(result.Object), id: id}
	if err := j.Created(id, made.UID); err != nil {
		return made, err
	}
	fault("secret-written")
	if !m.Holds(result.Object) {
		return made, ErrUnlike
	}
	return made, nil
}

// FindMoved is the Secret where an earlier run has made it, with all that is to move, and
// was cut off before it wrote the object: nil where there is none of that name, ErrRotated
// where somebody has written to it since and it holds another value under a key that the
// object refers to nowhere, and ErrExists where it is any other.
func (c *Client) FindMoved(ctx context.Context, m *daprobject.Move) (*unstructured.Unstructured, error) {
	live, err := c.Get(ctx, m.SecretObject())
	switch {
	case apierrors.IsNotFound(err):
		return nil, nil
	case err != nil:
		return nil, err
	case live.GetDeletionTimestamp() != nil:
		return nil, ErrExists
	case MadeByUs(live) && m.Holds(live) && !m.InUse():
		return withoutData(live), nil
	}
	if keys := m.Rotated(live); len(keys) > 0 && !MadeByUs(live) {
		return nil, fmt.Errorf("%s, key %s: %w", m.SecretObject(), strings.Join(keys, ", "), ErrRotated)
	}
	return nil, ErrExists
}

// Withdraw takes a Secret back where the object that it is for was not written: it is
// deleted where this run made it and nobody has touched it since, and tells whether it
// was. One of an earlier run stays that one's.
func (c *Client) Withdraw(ctx context.Context, j *journal.Journal, s Made) (bool, error) {
	if s.Adopted {
		return false, j.Refused(s.id)
	}
	err := c.delete(context.WithoutCancel(ctx), s.live, false)
	switch {
	case errors.Is(err, ErrGone), errors.Is(err, ErrRecreated):
		return false, j.Refused(s.id)
	case errors.Is(err, ErrChanged):
		return false, nil // somebody counts on it, or wrote to it: a revert looks again
	case err != nil:
		return false, err
	}
	return true, j.Refused(s.id)
}
