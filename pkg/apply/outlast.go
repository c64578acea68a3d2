// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package apply

import (
	"context"
	"errors"
	"time"
)

// moment is how long the answer to a write is waited for where a run is ended meanwhile:
// long enough for any server that is well, and short for somebody who wants to leave.
const moment = 2 * time.Second

// outlast is a context that ends a moment after another one.
func outlast(ctx context.Context) (context.Context, context.CancelFunc) {
	lasting, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() { time.AfterFunc(moment, cancel) })
	return lasting, func() {
		stop()
		cancel()
	}
}

// errNoAnswer says that the moment was over.
var errNoAnswer = errors.New("the server had not answered yet")

// inTime is an error of a request, in words where it was given up.
func inTime(lasting context.Context, err error) error {
	if err != nil && lasting.Err() != nil {
		return errNoAnswer
	}
	return err
}
