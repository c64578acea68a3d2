// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package fix

import (
	"context"
	"fmt"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/apply"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/journal"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/rollout"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// What has no Pods: Components and what else sidecars load, by their API group, and
// namespaces.
const (
	daprGroup     = "dapr.io"
	namespaceKind = "Namespace"
)

// Revert takes back the writes of a journal, one object after the other, and waits for
// the Pods of each. The first that does not come back ends it; done again, it goes on
// with the rest. Of a Rollout whose template stands elsewhere a journal does not know,
// so that its Pods are not waited for.
func (r *Runner) Revert(ctx context.Context, record *journal.Record) ([]apply.Reverted, error) {
	done := 0
	return r.Client.Revert(ctx, record, apply.RevertOptions{Done: func(ctx context.Context, one apply.Reverted) error {
		r.begin(one.Object, done, len(record.Groups()))
		done++
		if !HasPods(one.Object) {
			return nil
		}
		pending, err := r.watch(ctx, one.Object, rollout.Write{App: one.Live})
		if pending != "" {
			r.Progress(fmt.Sprintf("%s: restored; %s", one.Object, pending))
		}
		return err
	}})
}

// HasPods tells whether Pods are made anew where an object that a run writes to changes.
func HasPods(o snapshot.Object) bool {
	return o.Group() != daprGroup && o.Kind != namespaceKind
}
