// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package apply

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// What became of an object between reading and writing it. Nothing is written then;
// reading and planning anew helps.
var (
	ErrChanged   = errors.New("it was changed since it was read")
	ErrRecreated = errors.New("it was deleted and made again since it was read")
	ErrGone      = errors.New("it was deleted since it was read")
	// ErrExists is of an object that was to be made.
	ErrExists = errors.New("it is there already")
)

// OwnedError says that an object belongs to somebody who would set it back.
type OwnedError struct {
	Object snapshot.Object
	Owner  Owner
}

func (e *OwnedError) Error() string {
	return fmt.Sprintf("%s belongs to %s: %s, or write it all the same with --include-managed", e.Object, e.Owner.Name, e.Owner.Commit)
}

// UnknownError says that nobody knows whether an object was written: the server's
// answer was lost, or was none.
type UnknownError struct {
	Err error
}

func (e *UnknownError) Error() string {
	return e.Err.Error() + "; whether it was written is not known"
}

func (e *UnknownError) Unwrap() error { return e.Err }

// ConflictError says that others own what was to be set.
type ConflictError struct {
	Object    snapshot.Object
	Conflicts []Conflict
}

// Conflict is one field that another manager owns.
type Conflict struct {
	Manager, Operation string
	// Key is the annotation, and Field its place in the object.
	Key, Field string
}

func (e *ConflictError) Error() string {
	var managers, fields []string
	for _, c := range e.Conflicts {
		if !slices.Contains(managers, c.Manager) {
			managers = append(managers, c.Manager)
		}
		fields = append(fields, fmt.Sprintf("%s belongs to the field manager %s", c.Field, c.Manager))
	}
	who := strings.Join(managers, " and ")
	return fmt.Sprintf("%s: %s: let %s write the change, or take the field over with --force-conflicts, or take the field out of what %s applies and run again",
		e.Object, strings.Join(fields, ", "), who, who)
}

// refined is what an error of a write means: whether the object is still the one that
// was read. The server says 409 both of an object that changed and of one that is
// gone, and 422 both of one that was made again and of a value that is not allowed.
func (c *Client) refined(ctx context.Context, live *unstructured.Unstructured, err error) error {
	if !apierrors.IsConflict(err) && !apierrors.IsInvalid(err) && !apierrors.IsNotFound(err) {
		return err
	}
	object := objectOf(live)
	now, lost := c.Get(ctx, object)
	switch {
	case apierrors.IsNotFound(lost):
		return fmt.Errorf("%s: %w", object, ErrGone)
	case lost != nil:
		return err
	case now.GetUID() != live.GetUID():
		return fmt.Errorf("%s: %w", object, ErrRecreated)
	case apierrors.IsConflict(err):
		return fmt.Errorf("%s: %w", object, ErrChanged)
	}
	return err
}

// Moved tells whether an error says that an object is no longer what was read: it is to
// be read again.
func Moved(err error) bool {
	return errors.Is(err, ErrChanged) || errors.Is(err, ErrRecreated) || errors.Is(err, ErrGone)
}

// refused tells whether an error says for certain that nothing was written. After a
// timeout, or a connection that broke, nobody knows.
func refused(err error) bool {
	if Moved(err) || errors.Is(err, ErrExists) {
		return true
	}
	var owned *OwnedError
	var conflict *ConflictError
	if errors.As(err, &owned) || errors.As(err, &conflict) {
		return true
	}
	var status apierrors.APIStatus
	return errors.As(err, &status) && status.Status().Code >= http.StatusBadRequest && status.Status().Code < http.StatusInternalServerError &&
		status.Status().Reason != metav1.StatusReasonTimeout
}
