// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package fix

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/apply"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/evaluate"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/field"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/journal"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/plan"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/rollout"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// execute writes one step, waits for its Pods and judges them. Without an error,
// pending says why not all of them follow yet.
func (r *Runner) execute(ctx context.Context, step *plan.Step, j *journal.Journal) (pending string, err error) {
	if step.Creation != nil {
		return "", r.create(ctx, step, j)
	}
	app := step.App
	step, written, err := r.write(ctx, step, j)
	if errors.Is(err, ErrNothingLeft) {
		r.Progress(fmt.Sprintf("%s: %s", app, err))
	}
	if err != nil {
		return "", err
	}
	pending, err = r.wait(ctx, step, written)
	if err != nil {
		r.keepSecrets(step)
		return "", err
	}
	if pending != "" {
		r.Progress(fmt.Sprintf("%s: written; %s", app, pending))
	} else if err := r.judge(ctx, step); err != nil {
		return "", err
	}
	return pending, r.leaveSecrets(ctx, step, j, pending != "" && paused(step.Workload))
}

// write writes one step. Where the object was changed meanwhile it is planned and
// proven again, and written if that comes to the same change.
func (r *Runner) write(ctx context.Context, step *plan.Step, j *journal.Journal) (*plan.Step, *unstructured.Unstructured, error) {
	var made []apply.Made
	for attempt := 1; ; attempt++ {
		more, err := r.makeSecrets(ctx, step, j, made)
		made = append(without(made, more), more...)
		if err == nil {
			var result apply.Result
			if result, err = r.Client.Write(ctx, j, step.Live, *step.Change, r.Write); err == nil {
				return step, result.Object, nil
			}
			var unknown *apply.UnknownError
			if errors.As(err, &unknown) {
				return nil, nil, err // its Secrets stay: it may use them
			}
		}
		if again := apply.Moved(err) || errors.Is(err, apply.ErrExists); again && attempt < attempts {
			if step, err = r.again(ctx, step, err); err == nil {
				continue
			}
		}
		return nil, nil, r.takeBack(ctx, j, made, err)
	}
}

// without are the Secrets of earlier attempts but for those that had to be made again:
// somebody has deleted the ones before.
func without(made, more []apply.Made) []apply.Made {
	return slices.DeleteFunc(made, func(m apply.Made) bool {
		return slices.ContainsFunc(more, func(again apply.Made) bool { return again.Object == m.Object })
	})
}

// again plans and proves one step anew. why says what has become of its object.
func (r *Runner) again(ctx context.Context, step *plan.Step, why error) (*plan.Step, error) {
	once := *r
	once.Reader.Namespace = step.App.Namespace
	once.Plan.Wanted = func(o snapshot.Object) bool { return o == step.App }
	p, err := once.Prepare(ctx)
	if err != nil {
		return nil, err
	}
	done, err := r.done(ctx, step)
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(p.Steps, func(s plan.Step) bool { return s.App == step.App })
	switch {
	case done, i < 0 && open(p.Before, step) == nil:
		return nil, fmt.Errorf("%w: %w", meanwhile(why), ErrNothingLeft)
	case i < 0 || !sameStep(&p.Steps[i], step):
		return nil, fmt.Errorf("%w, and what is to be done is not what was shown: run it again", meanwhile(why))
	case !p.Steps[i].Writable(step.State == plan.Unproven):
		return nil, fmt.Errorf("%w: %s", meanwhile(why), p.Steps[i].Why)
	}
	return &p.Steps[i], nil
}

// meanwhile is what became of an object, without its name.
func meanwhile(err error) error {
	for _, known := range []error{apply.ErrGone, apply.ErrRecreated, apply.ErrExists} {
		if errors.Is(err, known) {
			return known
		}
	}
	return apply.ErrChanged
}

// done tells whether somebody else has made the change that a step was to make. The old
// Pods may be there for some time yet, with what it closes.
func (r *Runner) done(ctx context.Context, step *plan.Step) (bool, error) {
	if step.Creation != nil {
		return false, nil
	}
	live, err := r.Client.Get(ctx, step.Object)
	if apierrors.IsNotFound(err) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	if live.GetUID() != step.Live.GetUID() {
		return false, nil
	}
	for _, f := range step.Sets() {
		now := field.Get(live.Object, step.In(f.Path))
		is := reflect.DeepEqual(now, f.Value)
		if slices.Equal(f.Path, plan.AnnotationPath(plan.RestartedAt)) {
			is = now != nil && now != f.Was // at whatever time that was
		}
		if !is {
			return false, nil
		}
	}
	return true, nil
}

// open is a finding that a step closes and that is there; nil if there is none.
func open(e *evaluate.Evaluation, step *plan.Step) *evaluate.Judgement {
	for _, closed := range step.Closes {
		for i := range e.Judgements {
			j := &e.Judgements[i]
			if j.Object == closed.Object && j.Guideline == closed.Guideline && j.Field == closed.Field && j.Outcome == guideline.Failed && j.Severity >= closed.Severity {
				return j
			}
		}
	}
	return nil
}

func sameStep(a, b *plan.Step) bool {
	if a.Creation != nil && b.Creation != nil {
		return reflect.DeepEqual(a.Creation.Content, b.Creation.Content)
	}
	return slices.EqualFunc(a.Annotations, b.Annotations, func(x, y plan.Annotation) bool {
		return x.Key == y.Key && (x.Value == y.Value || x.Key == plan.RestartedAt)
	}) && slices.EqualFunc(a.Fields, b.Fields, func(x, y plan.Field) bool {
		return slices.Equal(x.Path, y.Path) && reflect.DeepEqual(x.Value, y.Value)
	})
}

// wait waits for the Pods of a step. Without an error, pending says why not all of
// them follow yet.
func (r *Runner) wait(ctx context.Context, step *plan.Step, written *unstructured.Unstructured) (pending string, err error) {
	w := rollout.Write{App: written}
	if step.App != step.Object {
		w.Template = written
		if w.App, err = r.Client.Get(ctx, step.App); err != nil {
			return "", err
		}
	}
	return r.watch(ctx, step.App, w)
}

// watch waits for the Pods of a write, and says why they do not come up.
func (r *Runner) watch(ctx context.Context, app snapshot.Object, w rollout.Write) (pending string, err error) {
	pending, err = r.Rollouts.Watch(ctx, w, r.Timeout, func(sentence string) {
		// kubectl's words name the workload by halves, or not at all.
		r.Progress(fmt.Sprintf("%s: %s", app, sentence))
	})
	if err == nil || ctx.Err() != nil {
		return pending, err
	}
	// Why is worth more than the time that it takes.
	if reasons := r.Rollouts.Reasons(ctx, w.App); len(reasons) > 0 {
		return "", fmt.Errorf("%w: %s", err, strings.Join(reasons, "; "))
	}
	return "", err
}

// judge holds an app that came back against the guidelines again.
func (r *Runner) judge(ctx context.Context, step *plan.Step) error {
	reader := r.Reader
	reader.Namespace = step.App.Namespace
	s, err := reader.Read(ctx)
	if err != nil {
		return fmt.Errorf("it is written and runs, and could not be judged again: %w", err)
	}
	e := evaluate.Run(s, r.Plan.Guidelines, r.Plan.Evaluation)
	if j := open(e, step); j != nil {
		return fmt.Errorf("it is written and runs, and %s still falls short: %s", j.Guideline.ID, j.Message)
	}
	r.Progress(fmt.Sprintf("%s: %s", step.App, "judged again, and holds"))
	return nil
}
