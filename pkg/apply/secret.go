// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package apply

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/journal"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/plan"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// Made is a Secret of this program, for an object that is written next. What it holds is
// known to the server alone.
type Made struct {
	Object snapshot.Object
	UID    types.UID
	// Adopted tells that a run that was cut off made it, and that this one goes on with it.
	Adopted bool

	// live has no data.
	live *unstructured.Unstructured
	id   int
}

// MakeSecret makes a Secret with new random tokens and keeps that in a journal, without
// them: it stands there before it is made. It is ErrExists if there is one of that name.
// As with Write, a dry run is not kept, and a context that ends meanwhile does not end it.
func (c *Client) MakeSecret(ctx context.Context, j *journal.Journal, s plan.Secret, o Options) (Made, error) {
	content := s.Content()
	if o.DryRun {
		_, err := c.createSecret(ctx, content, s.Keys, o)
		return Made{}, err
	}
	if err := ctx.Err(); err != nil {
		return Made{}, err
	}
	id, err := j.BeginCreation(s.Object, content.Object)
	if err != nil {
		return Made{}, err
	}
	fault("secret-journaled")
	lasting, end := outlast(ctx)
	defer end()
	live, err := c.createSecret(lasting, content, s.Keys, o)
	if err != nil {
		return Made{}, unwritten(j, id, inTime(lasting, err))
	}
	fault("secret-made")
	made := Made{Object: s.Object, UID: live.GetUID(), live: live, id: id}
	if err := j.Created(id, made.UID); err != nil {
		return made, err
	}
	fault("secret-written")
	return made, nil
}

// createSecret sends a Secret with new random tokens, and returns it without them.
func (c *Client) createSecret(ctx context.Context, content *unstructured.Unstructured, keys []string, o Options) (*unstructured.Unstructured, error) {
	data := map[string]any{}
	for _, key := range keys {
		data[key] = base64.StdEncoding.EncodeToString([]byte(NewToken()))
	}
	whole := content.DeepCopy()
	whole.Object["data"] = data
	result, err := c.Create(ctx, whole, o)
	if err != nil {
		return nil, discreet(err, data)
	}
	return withoutData(result.Object), nil
}

// NewToken is 32 random bytes as text that fits into a header.
func NewToken() string {
	random := make([]byte, 32)
	rand.Read(random)
	return base64.RawURLEncoding.EncodeToString(random)
}

// discreet is an error about a Secret, unless it repeats what that holds: a webhook may.
func discreet(err error, data map[string]any) error {
	if err == nil || Moved(err) || errors.Is(err, ErrExists) {
		return err
	}
	for v := range maps.Values(data) {
		encoded, _ := v.(string)
		text, _ := base64.StdEncoding.DecodeString(encoded)
		if slices.ContainsFunc(spellings(encoded, string(text)), func(s string) bool { return strings.Contains(err.Error(), s) }) {
			if refused(err) {
				return apierrors.NewBadRequest("refused, for a reason that is not printed: it holds what is secret")
			}
			return errors.New("a failure that is not printed: it holds what is secret")
		}
	}
	return err
}

// spellings are what a sentence may have in the place of a value.
func spellings(encoded, text string) []string {
	inJSON, _ := json.Marshal(text)
	quoted := strconv.Quote(text)
	return []string{encoded, text, strings.Trim(string(inJSON), `"`), quoted[1 : len(quoted)-1]}
}

// FindLeft is a Secret of random tokens that a run has made which was cut off before
// anything used it; nil where that of the name is none, or is not known to be. One that is
// gone is an error.
func (c *Client) FindLeft(ctx context.Context, s plan.Secret) (*unstructured.Unstructured, error) {
	live, err := c.Get(ctx, s.Object)
	switch {
	case err != nil:
		return nil, err
	case live.GetDeletionTimestamp() != nil || !ofTokens(live, s.Keys):
		return nil, nil
	}
	users, err := c.UsersOf(ctx, s.Object)
	switch {
	case apierrors.IsForbidden(err), err == nil && len(users) > 0:
		return nil, nil
	case err != nil:
		return nil, err
	default:
		return withoutData(live), nil
	}
}

// TakeBack deletes a Secret that was made, where it is as it was made and nothing uses
// it. It returns who does; the journal keeps it then. One that was adopted stays that of
// the run that made it.
func (c *Client) TakeBack(ctx context.Context, j *journal.Journal, made Made) (users []string, err error) {
	ctx, end := outlast(ctx)
	defer end()
	users, err = c.takeBack(ctx, j, made)
	return users, inTime(ctx, err)
}

func (c *Client) takeBack(ctx context.Context, j *journal.Journal, made Made) (users []string, err error) {
	if made.Adopted {
		return nil, j.Refused(made.id)
	}
	live, err := c.Get(ctx, made.Object)
	switch {
	case apierrors.IsNotFound(err):
		return nil, j.Refused(made.id)
	case err != nil:
		return nil, err
	case live.GetUID() != made.UID:
		return nil, fmt.Errorf("%s: %w", made.Object, ErrRecreated)
	}
	if users, err = c.UsersOf(ctx, made.Object); err != nil || len(users) > 0 {
		return users, err
	}
	if err := c.delete(ctx, made.live, false); err != nil { // unless somebody counts on it by now
		return nil, err
	}
	return nil, j.Refused(made.id)
}

// ErrInUse and ErrForeign say why a Secret is not deleted.
var (
	ErrInUse   = errors.New("it is still used")
	ErrForeign = errors.New("somebody else made it, or has written to it")
)

// RemoveSecret deletes a Secret that this program made and keeps that in a journal. It is
// ErrInUse or ErrForeign where it must stay. One that is gone is no error.
func (c *Client) RemoveSecret(ctx context.Context, j *journal.Journal, object snapshot.Object) error {
	ctx, end := outlast(ctx)
	defer end()
	live, err := c.Get(ctx, object)
	switch {
	case apierrors.IsNotFound(err):
		return nil
	case err != nil:
		return err
	case !MadeByUs(live):
		return ErrForeign
	}
	users, err := c.UsersOf(ctx, object)
	switch {
	case err != nil:
		return err
	case len(users) > 0:
		return fmt.Errorf("%w by %s", ErrInUse, strings.Join(users, ", "))
	}
	data, _, _ := unstructured.NestedMap(live.Object, "data")
	id, err := j.BeginRemoval(object, live.GetUID(), slices.Sorted(maps.Keys(data)))
	if err != nil {
		return err
	}
	fault("removal-journaled")
	if err := c.delete(ctx, live, false); err != nil {
		return unwritten(j, id, inTime(ctx, err))
	}
	fault("removed")
	return j.Written(id)
}

// MadeByUs tells whether nobody but this program has written to an object.
func MadeByUs(live *unstructured.Unstructured) bool {
	entries := live.GetManagedFields()
	for i := range entries {
		if entries[i].Manager != Manager {
			return false
		}
	}
	return len(entries) > 0
}
