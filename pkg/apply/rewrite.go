// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package apply

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/daprobject"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/field"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/journal"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/plan"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// Rewrite writes a change of an object of dapr.io to the object that live is what was
// read of, and keeps it in a journal: what is written stands there before it is written,
// and no value that moves. All of it is one server-side apply, with the lists whole,
// since the server takes them so; but for a value that stands alone, which is made empty
// by that one and taken out by a second. Its errors are those of Write, and a dry run is
// not kept either.
func (c *Client) Rewrite(ctx context.Context, j *journal.Journal, live *unstructured.Unstructured, r daprobject.Rewrite, o Options) (Result, error) {
	next, err := rewritten(live, r, o)
	if err != nil {
		return Result{}, err
	}
	if o.DryRun {
		return c.rewrite(ctx, live, next, r, o)
	}
	if err := ctx.Err(); err != nil {
		return Result{}, err
	}
	kept, values := keptOf(live, r)
	id, err := j.BeginRewrite(objectOf(live), live.GetUID(), kept, values)
	if err != nil {
		return Result{}, err
	}
	fault("journaled")
	result, err := c.rewrite(context.WithoutCancel(ctx), live, next, r, o)
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

// rewritten is the object with a change, where that may be written.
func rewritten(live *unstructured.Unstructured, r daprobject.Rewrite, o Options) (*unstructured.Unstructured, error) {
	object := objectOf(live)
	if live.GetDeletionTimestamp() != nil {
		return nil, fmt.Errorf("%s: %w", object, ErrGone)
	}
	if owner := OwnerOf(live); owner != nil && !o.IncludeManaged {
		return nil, &OwnedError{Object: object, Owner: *owner}
	}
	next, err := r.Set(live)
	if errors.Is(err, daprobject.ErrChanged) {
		err = ErrChanged
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", object, err)
	}
	return next, nil
}

// rewrite applies, and once more where a value that stands alone has to go.
func (c *Client) rewrite(ctx context.Context, live, next *unstructured.Unstructured, r daprobject.Rewrite, o Options) (Result, error) {
	ctx, warned := withWarnings(ctx)
	stored, taken, err := c.applyPaths(ctx, live, next, r.Written(), true, o)
	if err != nil {
		return Result{}, discreetOf(err, r)
	}
	for _, path := range r.Written() {
		if daprobject.Alone(path) && !o.DryRun {
			fault("emptied")
			if stored, _, err = c.applyPaths(ctx, stored, next, [][]string{path}, false, o); err != nil {
				return Result{}, &UnknownError{Err: discreetOf(err, r)}
			}
		}
	}
	result := Result{Object: stored, TakenOver: taken, Warnings: warned.all}
	if lastApplied(live) != nil {
		for _, path := range r.Written() {
			result.PutBack = append(result.PutBack, daprobject.PathText(path))
		}
	}
	if !o.DryRun || !hasAlone(r) {
		result.Strays = strays(next, stored)
	}
	return result, nil
}

func hasAlone(r daprobject.Rewrite) bool {
	for _, path := range r.Written() {
		if daprobject.Alone(path) {
			return true
		}
	}
	return false
}

// applyPaths applies what stands at some paths of next, as the whole of each. Where a
// value that stands alone is to go it is written empty first: nobody can take away by
// server-side apply what somebody else has set.
func (c *Client) applyPaths(ctx context.Context, live, next *unstructured.Unstructured, paths [][]string, emptied bool, o Options) (*unstructured.Unstructured, []Conflict, error) {
	body, err := body(live, func(object map[string]any) error {
		for _, path := range paths {
			value := field.Get(next.Object, path)
			if content, isMap := value.(map[string]any); isMap && emptied && daprobject.Alone(path) && content["value"] == nil {
				value = map[string]any{"value": "", "secretKeyRef": content["secretKeyRef"]}
			}
			if value == nil {
				field.Remove(object, path)
				continue
			}
			if err := field.Set(object, path, value); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, nil, err
	}
	return c.patch(ctx, live, body, plan.Change{}, o)
}

// discreetOf is an error without the values that move: a server may repeat what it was
// sent, and it is sent the whole list.
func discreetOf(err error, r daprobject.Rewrite) error {
	move, moves := r.(*daprobject.Move)
	if !moves || err == nil {
		return err
	}
	data := map[string]any{}
	for i, v := range move.Hidden() {
		data[strconv.Itoa(i)] = base64.StdEncoding.EncodeToString([]byte(v.Text()))
	}
	return discreet(err, data)
}

// keptOf is a change as a journal takes it, and the values that move.
func keptOf(live *unstructured.Unstructured, r daprobject.Rewrite) (kept journal.Rewrite, values []snapshot.Concealed) {
	for _, path := range r.Written() {
		kept.Owners = append(kept.Owners, journal.Owners{Path: path, Managers: managersOf(live, ownedAs(ownedPath(path)))})
	}
	switch r := r.(type) {
	case *daprobject.Move:
		kept.Copy = r.Copy
		for _, v := range r.Values {
			kept.References = append(kept.References, journal.Reference{Path: v.Path, Secret: r.Secret, Key: v.Key, JSON: v.JSON})
			values = append(values, v.Bytes)
		}
	case *daprobject.Scoping:
		kept.Scopes = &journal.Scopes{Set: r.Apps, Was: r.Was}
	}
	return kept, values
}

// ownedPath is what of a path has an owner: the server knows the fields below one that
// is no list.
func ownedPath(path []string) field.Path {
	if daprobject.Alone(path) {
		return append(field.Path{}, append(path, "value")...)
	}
	return path
}
