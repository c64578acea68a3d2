// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package fix

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/apply"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/journal"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/plan"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// found are the Secrets of steps that are there already: those are used as they are, but
// for one that a run that was cut off has left, which a step takes over.
func (r *Runner) found(ctx context.Context, steps []plan.Step) ([]*corev1.Secret, error) {
	var all []*corev1.Secret
	var mutex sync.Mutex
	err := each(ctx, len(steps), func(ctx context.Context, i int) error {
		step := &steps[i]
		for i := range step.Secrets {
			s := &step.Secrets[i]
			if step.State == plan.Refused {
				return nil
			}
			secret, err := r.Core.CoreV1().Secrets(s.Object.Namespace).Get(ctx, s.Object.Name, metav1.GetOptions{})
			switch {
			case err == nil:
				switch s.Found, err = r.Client.FindLeft(ctx, *s); {
				case apierrors.IsNotFound(err): // by now
				case err != nil:
					return err
				case s.Found == nil:
					mutex.Lock()
					all = append(all, secret)
					mutex.Unlock()
				}
			case apierrors.IsNotFound(err):
			case answered(err):
				step.State, step.Why = plan.Refused, fmt.Sprintf("whether there is a %s could not be read: %s", s.Object, statusOf(err))
			default:
				return err
			}
		}
		return nil
	})
	return all, err
}

// trySecrets has the server try the Secrets that a step makes.
func (r *Runner) trySecrets(ctx context.Context, step *plan.Step) error {
	options := r.Write
	options.DryRun = true
	for _, s := range step.Secrets {
		_, err := r.makeSecret(ctx, nil, s, options)
		switch {
		case err == nil:
		case errors.Is(err, apply.ErrExists), apply.Moved(err):
			err = fmt.Errorf("%s: %w", s.Object, apply.ErrChanged)
			step.State, step.Why = plan.Refused, err.Error()
			return err
		case answered(err):
			step.State, step.Why = plan.Refused, fmt.Sprintf("the server refuses the %s: %s", s.Object, statusOf(err))
			if s.Found != nil {
				step.Why += "; it is left by a run that was cut off, and nothing uses it: delete it, or be allowed to patch it"
			}
			return nil
		default:
			return err
		}
	}
	return nil
}

// makeSecrets makes those of a step, and returns those that it made. has are those that it
// made before.
func (r *Runner) makeSecrets(ctx context.Context, step *plan.Step, j *journal.Journal, has []apply.Made) ([]apply.Made, error) {
	var all []apply.Made
	for _, s := range step.Secrets {
		if s.Found != nil && slices.ContainsFunc(has, func(m apply.Made) bool { return m.UID == s.Found.GetUID() }) {
			continue
		}
		made, err := r.makeSecret(ctx, j, s, r.Write)
		if made.UID != "" {
			all = append(all, made)
			how := "made, with a random token"
			if made.Adopted {
				how = "taken over from a run that was cut off"
			}
			r.Progress(fmt.Sprintf("%s: %s", s.Object, how))
		}
		var unknown *apply.UnknownError
		if errors.As(err, &unknown) {
			r.Progress(fmt.Sprintf("%s: whether it was made is not known", s.Object))
		}
		if err != nil {
			return all, fmt.Errorf("%s: %w", s.Object, err)
		}
	}
	return all, nil
}

// makeSecret makes a Secret, or goes on with that of a run that was cut off.
func (r *Runner) makeSecret(ctx context.Context, j *journal.Journal, s plan.Secret, o apply.Options) (apply.Made, error) {
	if s.Found != nil {
		return r.Client.Adopt(ctx, j, s.Content(), s.Found, o)
	}
	return r.Client.MakeSecret(ctx, j, s, o)
}

// takeBack deletes Secrets that were made for a write that did not come about, and says
// so.
func (r *Runner) takeBack(ctx context.Context, j *journal.Journal, made []apply.Made, why error) error {
	for _, m := range made {
		users, err := r.Client.TakeBack(ctx, j, m)
		switch {
		case err != nil:
			why = fmt.Errorf("%w; %s was made and is still there: %w", why, m.Object, err)
		case len(users) > 0:
			r.Progress(fmt.Sprintf("%s: it stays, since it is used by %s", m.Object, strings.Join(users, ", ")))
		case m.Adopted:
			r.Progress(fmt.Sprintf("%s: left as it was found", m.Object))
		default:
			r.Progress(fmt.Sprintf("%s: deleted again", m.Object))
		}
	}
	return why
}

// paused tells of a workload that makes its Pods of the old template still.
func paused(workload *unstructured.Unstructured) bool {
	is, _, _ := unstructured.NestedBool(workload.Object, "spec", "paused")
	return is
}

// leaveSecrets deletes the Secrets that a step leaves behind, where it may: not while
// Pods are made of the old template.
func (r *Runner) leaveSecrets(ctx context.Context, step *plan.Step, j *journal.Journal, old bool) error {
	for _, secret := range step.Leaves {
		if old {
			r.Progress(fmt.Sprintf("%s: it stays, since Pods may use it: delete it once none does", secret))
			continue
		}
		if err := r.leaveSecret(ctx, secret, j); err != nil {
			return err
		}
		// A rotation that was cut off has left the one before.
		for _, older := range olderThan(secret) {
			if live, err := r.Client.Get(ctx, older); err != nil || !apply.MadeByUs(live) {
				continue // not there, or nothing that can be told to be ours
			}
			if err := r.leaveSecret(ctx, older, j); err != nil {
				return err
			}
		}
	}
	return nil
}

// keepSecrets says which Secrets stay beside their successors, and until when, where the
// rollout was not seen to end.
func (r *Runner) keepSecrets(step *plan.Step) {
	for _, secret := range step.Leaves {
		r.Progress(fmt.Sprintf("%s: it stays beside the new one, since Pods may use it: the next --rotate deletes it once none does", secret))
	}
}

// leaveSecret deletes a Secret that nothing uses any more, or says why it stays.
func (r *Runner) leaveSecret(ctx context.Context, secret snapshot.Object, j *journal.Journal) error {
	err := r.Client.RemoveSecret(ctx, j, secret)
	switch {
	case err == nil:
		r.Progress(fmt.Sprintf("%s: deleted, since nothing uses it any more", secret))
	case errors.Is(err, apply.ErrInUse), errors.Is(err, apply.ErrForeign), answered(err):
		r.Progress(fmt.Sprintf("%s: it stays: %s", secret, err))
	default:
		return fmt.Errorf("it is written and holds, and %s could not be deleted: %w", secret, err)
	}
	return nil
}

// olderThan are the Secrets that a rotated one may have taken the place of, the newest
// first; few, since each is asked for.
func olderThan(secret snapshot.Object) []snapshot.Object {
	var all []snapshot.Object
	for name := guideline.NameBefore(secret.Name); name != "" && len(all) < 5; name = guideline.NameBefore(name) {
		older := secret
		older.Name = name
		all = append(all, older)
	}
	return all
}
