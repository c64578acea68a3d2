// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package rollout

import (
	"errors"
	"fmt"
)

// What errors.Is finds in an error of Watch.
var (
	// ErrDeadline: the Deployment's own progressDeadlineSeconds have passed.
	ErrDeadline = errors.New("the progress deadline has passed")
	// ErrDegraded: the controller of an Argo Rollout has given it up.
	ErrDegraded = errors.New("the rollout is degraded")
	// ErrTimeout: it has not ended within the time that was given.
	ErrTimeout = errors.New("the time is up")
	// ErrGone: the workload was deleted, or deleted and made anew.
	ErrGone = errors.New("the workload is gone")
	// ErrStopped: the caller wanted to wait no longer.
	ErrStopped = errors.New("stopped waiting")
)

// failure is one sentence about an error of a known kind.
type failure struct {
	kind     error
	sentence string
}

func (f *failure) Error() string { return f.sentence }
func (f *failure) Unwrap() error { return f.kind }

func fail(kind error, format string, args ...any) error {
	return &failure{kind: kind, sentence: fmt.Sprintf(format, args...)}
}
