// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package fix

import (
	"context"
	"errors"
	"fmt"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/apply"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/journal"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/plan"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// WrittenObject is what became of one object.
type WrittenObject struct {
	Object snapshot.Object
	// Err is why it is not done, or not known to be.
	Err error
}

// Execute writes the steps that are ready, one after the other: the Secret first, so that
// there is no time at which an app could not read what it needs, then the object. The
// first that does not come out well stops the run. It returns one a step that was to be
// written, in their order.
func (r *Objects) Execute(ctx context.Context, steps []plan.ObjectStep, j *journal.Journal) []WrittenObject {
	var done []WrittenObject
	stopped := false
	for i := range steps {
		step := &steps[i]
		if step.State != plan.Ready {
			continue
		}
		w := WrittenObject{Object: step.Object, Err: ErrNotBegun}
		if !stopped && ctx.Err() == nil {
			w.Err = r.execute(ctx, step, j)
			stopped = w.Err != nil && !errors.Is(w.Err, ErrNothingLeft)
		}
		done = append(done, w)
	}
	return done
}

// execute writes one step. Where the object was changed meanwhile it is looked at again,
// and written if that comes to the same.
func (r *Objects) execute(ctx context.Context, step *plan.ObjectStep, j *journal.Journal) error {
	for attempt := 1; ; attempt++ {
		err := r.once(ctx, step, j)
		if err == nil {
			r.Progress(fmt.Sprintf("%s: written", step.Object))
			return nil
		}
		if !apply.Moved(err) && !errors.Is(err, apply.ErrExists) || attempt == attempts {
			return err
		}
		again, lost := r.prepare(ctx, step.Object)
		switch {
		case lost != nil:
			return lost
		case again == nil:
			r.Progress(fmt.Sprintf("%s: %s", step.Object, ErrNothingLeft))
			return fmt.Errorf("%w: %w", meanwhile(err), ErrNothingLeft)
		case again.State != plan.Ready:
			return fmt.Errorf("%w: %s", meanwhile(err), again.Why)
		case !sameObjectStep(again, step):
			return fmt.Errorf("%w, and what is to be done is not what was shown: run it again", meanwhile(err))
		}
		step = again
	}
}

// sameObjectStep tells whether two steps of one object come to the same. The Secret may
// have another name by now.
func sameObjectStep(a, b *plan.ObjectStep) bool {
	if a.Move != nil && b.Move != nil {
		renamed := *a.Move
		renamed.Secret = b.Move.Secret
		return renamed.SameAs(b.Move)
	}
	return a.Scoping != nil && b.Scoping != nil && a.Scoping.SameAs(b.Scoping)
}

// once makes the Secret and writes the object. Where the object is not written for
// certain the Secret is taken back.
func (r *Objects) once(ctx context.Context, step *plan.ObjectStep, j *journal.Journal) error {
	if step.Move == nil || len(step.Move.Values) == 0 {
		_, err := r.Client.Rewrite(ctx, j, step.Live, step.Rewrite(), r.Write)
		return err
	}
	secret, err := r.secret(ctx, step, j)
	if err == nil {
		_, err = r.Client.Rewrite(ctx, j, step.Live, step.Move, r.Write)
	}
	var unknown *apply.UnknownError
	if err == nil || errors.As(err, &unknown) || secret == nil {
		return err
	}
	gone, lost := r.Client.Withdraw(ctx, j, *secret)
	switch {
	case lost != nil:
		return fmt.Errorf("%w; Secret %s is left behind, and --revert removes it: %w", err, step.Move.Secret, lost)
	case gone:
		r.Progress(fmt.Sprintf("%s: Secret %s is removed again, since the object was not written", step.Object, step.Move.Secret))
	}
	return err
}

// secret makes the Secret, or goes on with that of a run that was cut off; nil with an
// error where there is none.
func (r *Objects) secret(ctx context.Context, step *plan.ObjectStep, j *journal.Journal) (*apply.Made, error) {
	if step.Found != nil {
		secret, err := r.Client.Adopt(ctx, j, step.Move.Skeleton(), step.Found, r.Write)
		if err != nil {
			return nil, err
		}
		return &secret, nil
	}
	secret, err := r.Client.MakeMoved(ctx, j, step.Move, r.Write)
	if errors.Is(err, apply.ErrUnlike) {
		return &secret, err
	}
	if err != nil {
		return nil, err
	}
	return &secret, nil
}
