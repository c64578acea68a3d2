// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package apply

import (
	"context"
	"fmt"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/journal"
)

// Create makes an object, or lets the server try it in a dry run. It is ErrExists if
// there is one of that name: a server-side apply would write to that one. Who owns the
// namespace does not matter: the object is new, and comes from nobody else.
func (c *Client) Create(ctx context.Context, content *unstructured.Unstructured, o Options) (Result, error) {
	object := objectOf(content)
	resource, err := c.resource(ctx, object)
	if err != nil {
		return Result{}, err
	}
	options := metav1.CreateOptions{FieldManager: Manager, FieldValidation: metav1.FieldValidationStrict}
	if o.DryRun {
		options.DryRun = []string{metav1.DryRunAll}
	}
	ctx, warned := withWarnings(ctx)
	stored, err := resource.Create(ctx, content, options)
	if apierrors.IsAlreadyExists(err) {
		return Result{}, fmt.Errorf("%s: %w", object, ErrExists)
	}
	return Result{Object: stored, Warnings: warned.all}, err
}

// Make makes an object and keeps that in a journal: it stands there before it is made.
// As with Write, a dry run is not kept, and a context that ends meanwhile does not end it.
func (c *Client) Make(ctx context.Context, j *journal.Journal, content *unstructured.Unstructured, o Options) (Result, error) {
	if o.DryRun {
		return c.Create(ctx, content, o)
	}
	if err := ctx.Err(); err != nil {
		return Result{}, err
	}
	id, err := j.BeginCreation(objectOf(content), content.Object)
	if err != nil {
		return Result{}, err
	}
	fault("journaled")
	lasting, end := outlast(ctx)
	defer end()
	result, err := c.Create(lasting, content, o)
	if err != nil {
		return Result{}, unwritten(j, id, inTime(lasting, err))
	}
	fault("applied")
	if err := j.Created(id, result.Object.GetUID()); err != nil {
		return result, err
	}
	fault("written")
	return result, nil
}

// unwritten marks a write that the server refused: what is undone later must not take
// it for something that was written. Where nobody knows, it says so.
func unwritten(j *journal.Journal, id int, err error) error {
	if !refused(err) {
		return &UnknownError{Err: err}
	}
	if unmarked := j.Refused(id); unmarked != nil {
		return unmarked
	}
	return err
}
