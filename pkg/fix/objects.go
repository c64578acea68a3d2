// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package fix

import (
	"context"
	"errors"
	"fmt"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/apply"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/daprobject"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/plan"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// Objects is how objects of dapr.io are planned for and written. Nothing is restarted.
type Objects struct {
	Client *apply.Client
	Write  apply.Options
	// ClientOnly asks the server for nothing but what is there.
	ClientOnly bool
	// Change works out what becomes of an object, as a step with its Move or its Scoping.
	Change func(live *unstructured.Unstructured) plan.ObjectStep
	// Progress is told what goes on, a sentence at a time.
	Progress func(string)
}

// Prepare reads objects and has the server try the change of each. One that has nothing
// to be written is left out.
func (r *Objects) Prepare(ctx context.Context, objects []snapshot.Object) ([]plan.ObjectStep, error) {
	var steps []plan.ObjectStep
	for _, o := range objects {
		step, err := r.prepare(ctx, o)
		if err != nil {
			return nil, err
		}
		if step != nil {
			steps = append(steps, *step)
		}
	}
	return steps, nil
}

// prepare is the step of one object; nil where there is nothing to do.
func (r *Objects) prepare(ctx context.Context, o snapshot.Object) (*plan.ObjectStep, error) {
	live, err := r.Client.Get(ctx, o)
	switch {
	case apierrors.IsNotFound(err):
		return nil, nil
	case err != nil:
		return nil, err
	}
	step := r.Change(live)
	step.Object, step.Live = o, live
	switch {
	case step.State != "":
		return &step, nil
	case step.Nothing():
		return nil, nil
	}
	step.State = plan.Ready
	if owner := apply.OwnerOf(live); owner != nil && !r.Write.IncludeManaged {
		step.State, step.Why = plan.Managed, fmt.Sprintf("it belongs to %s: %s, or write it all the same with --include-managed", owner.Name, owner.Commit)
		return &step, nil
	}
	if step.Move != nil && len(step.Move.Values) > 0 {
		if err := r.findSecret(ctx, &step); err != nil {
			return nil, err
		}
	}
	if step.State == plan.Ready && !r.ClientOnly {
		return &step, r.try(ctx, &step)
	}
	return &step, nil
}

// secretNames is how many names are looked at for one that is free.
const secretNames = 20

// rotated are the ways out where a Secret and an object hold two values. The object does
// not refer to the key; others may.
const rotated = "if the Secret is right, as after a rotation, write secretKeyRef in the place of the value, in the manifest of the object; " +
	"if the object is right, and nothing else reads that key, delete that key from the Secret, and run this again"

// findSecret finds the name of the Secret: the first that nobody has taken, or that a run
// that was cut off has made with the same values. None is ever written over. One in which
// somebody has changed a value is not passed over: the object may hold what counts no
// more. One that was deleted and made again, without the labels of the first, is like any
// Secret of somebody else, and passed over.
func (r *Objects) findSecret(ctx context.Context, step *plan.ObjectStep) error {
	for n := 1; n <= secretNames; n++ {
		step.Move.Secret = daprobject.SecretName(step.Object, n)
		found, err := r.Client.FindMoved(ctx, step.Move)
		switch {
		case errors.Is(err, apply.ErrExists):
			continue
		case errors.Is(err, apply.ErrRotated):
			step.State, step.Why = plan.Refused, err.Error()+": "+rotated
			return nil
		case apierrors.IsForbidden(err):
			step.State, step.Why = plan.Refused, "whether a Secret of that name is there already is not known: "+err.Error()
			return nil
		case err != nil:
			return err
		}
		step.Found = found
		return nil
	}
	step.State, step.Why = plan.Refused, fmt.Sprintf("Secrets of all names from %s on are there already", daprobject.SecretName(step.Object, 1))
	return nil
}

// try has the server try the Secret and the object without storing them.
func (r *Objects) try(ctx context.Context, step *plan.ObjectStep) error {
	options := r.Write
	options.DryRun = true
	if step.Move != nil && len(step.Move.Values) > 0 && step.Found == nil {
		if _, err := r.Client.MakeMoved(ctx, nil, step.Move, options); err != nil {
			return refuseObject(step, "Secret "+step.Move.Secret+": ", err)
		}
	}
	result, err := r.Client.Rewrite(ctx, nil, step.Live, step.Rewrite(), options)
	if err != nil {
		return refuseObject(step, "", err)
	}
	for _, c := range result.TakenOver {
		if !strings.Contains(c.Field, daprobject.LastApplied) {
			step.Notes = append(step.Notes, fmt.Sprintf("%s is taken over from %s", c.Field, c.Manager))
		}
	}
	if len(result.PutBack) > 0 {
		step.Notes = append(step.Notes, "kubectl apply was given it: the next one puts back what its manifest says, so change that as well")
	}
	if len(result.Strays) > 0 {
		step.State, step.Why = plan.Refused, fmt.Sprintf("the server, or a webhook, would change %v as well", result.Strays)
	}
	step.Notes = append(step.Notes, result.Warnings...)
	return nil
}

// refuseObject notes what the server answered; what was no answer is an error.
func refuseObject(s *plan.ObjectStep, of string, err error) error {
	var conflict *apply.ConflictError
	if !answered(err) && !apply.Moved(err) && !errors.Is(err, apply.ErrExists) && !errors.As(err, &conflict) {
		return err
	}
	s.State, s.Why = plan.Refused, of+err.Error()
	if apply.Moved(err) || errors.Is(err, apply.ErrExists) {
		s.Why += "; run it again"
	}
	return nil
}
