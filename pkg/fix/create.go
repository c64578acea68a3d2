// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package fix

import (
	"context"
	"errors"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/apply"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/journal"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/plan"
)

// creations are those of a plan as steps.
func creations(p *plan.Plan) []plan.Step {
	steps := make([]plan.Step, len(p.Creations))
	for i := range p.Creations {
		steps[i] = p.Creations[i].Step()
	}
	return steps
}

// tryCreation has the server try a creation.
func (r *Runner) tryCreation(ctx context.Context, step *plan.Step) error {
	options := r.Write
	options.DryRun = true
	result, err := r.Client.Create(ctx, step.Creation.Content, options)
	switch {
	case err == nil:
		step.Next, step.Notes = result.Object, result.Warnings
	case errors.Is(err, apply.ErrExists), answered(err):
		step.State, step.Why = plan.Refused, err.Error()
	default:
		return err
	}
	return nil
}

// create makes the object of one step and judges the control plane again. Where
// somebody made it meanwhile it is planned and proven again.
func (r *Runner) create(ctx context.Context, step *plan.Step, j *journal.Journal) error {
	for attempt := 1; ; attempt++ {
		_, err := r.Client.Make(ctx, j, step.Creation.Content, r.Write)
		switch {
		case err == nil:
			return r.judge(ctx, step)
		case !errors.Is(err, apply.ErrExists) || attempt == attempts:
			return err
		}
		if step, err = r.again(ctx, step, err); err != nil {
			return err
		}
	}
}
