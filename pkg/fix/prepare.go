// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package fix

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"sync/atomic"

	"golang.org/x/sync/errgroup"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/apply"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/collect"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/evaluate"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/field"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/plan"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/rollout"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// parallel is how many objects the server is asked about at a time.
const parallel = 8

// Prepared is a plan of which the server has said what it thinks.
type Prepared struct {
	*plan.Plan
	// Steps are the plan's creations, then its changes, in its order.
	Steps []plan.Step
	// Dropped are the remedies that the proof took back, and why.
	Dropped map[plan.Remedy]string
}

// Prepare reads, plans, and has the server try every change without writing it. What
// the server's answer shows not to close its finding is taken out of the plan.
func (r *Runner) Prepare(ctx context.Context) (*Prepared, error) {
	for attempt := 1; ; attempt++ {
		p, behind, err := r.prepare(ctx)
		if err != nil || !behind || attempt == attempts {
			return p, err
		}
	}
}

// prepare tells, too, whether objects were changed while the server was asked: those
// are planned from what is not there any more.
func (r *Runner) prepare(ctx context.Context) (p *Prepared, behind bool, err error) {
	s, err := r.Reader.Read(ctx)
	if err != nil {
		return nil, false, err
	}
	options := r.Plan
	options.Refused = maps.Clone(options.Refused)
	if options.Refused == nil {
		options.Refused = map[plan.Remedy]string{}
	}
	dropped := map[plan.Remedy]string{}
	for {
		p := plan.Make(s, options)
		steps, now, err := r.read(ctx, s, p)
		if err != nil {
			return nil, false, err
		}
		if now != nil {
			s = now // changed since it was read: plan from what is there now
			continue
		}
		if r.ClientOnly {
			r.leave(steps)
			return &Prepared{Plan: p, Steps: steps}, behind, nil
		}
		if behind, err = r.try(ctx, steps); err != nil {
			return nil, false, err
		}
		bad, err := r.prove(s, p, steps)
		if err != nil {
			return nil, false, err
		}
		if len(bad) == 0 {
			plan.Place(s, steps)
			return &Prepared{Plan: p, Steps: steps, Dropped: dropped}, behind, nil
		}
		maps.Copy(options.Refused, bad)
		maps.Copy(dropped, bad)
	}
}

// read gets the objects that a plan would write. Where one is not as the plan took
// it to be, it returns a snapshot with what is there instead.
func (r *Runner) read(ctx context.Context, s *snapshot.Snapshot, p *plan.Plan) ([]plan.Step, *snapshot.Snapshot, error) {
	made := creations(p)
	steps := make([]plan.Step, len(p.Changes))
	err := each(ctx, len(steps), func(ctx context.Context, i int) error {
		c := &p.Changes[i]
		steps[i] = plan.Step{Change: c, State: plan.Ready}
		live, err := r.Client.Get(ctx, c.Object)
		switch {
		case err != nil && answered(err):
			steps[i].State, steps[i].Why = plan.Refused, statusOf(err)
			return nil
		case err != nil:
			return err
		}
		steps[i].Live, steps[i].Workload = live, live
		if c.App != c.Object {
			if steps[i].Workload, err = r.Client.Get(ctx, c.App); err != nil {
				return err
			}
		}
		steps[i].Idle = rollout.Idle(steps[i].Workload)
		steps[i].Next, err = c.Set(live)
		return err
	})
	if err != nil {
		return nil, nil, err
	}
	var changed []collect.Revision
	for i := range steps {
		if steps[i].Live != nil && differs(&steps[i]) {
			changed = append(changed, collect.Revision{App: steps[i].App, Workload: steps[i].Live})
		}
	}
	secrets, err := r.found(ctx, steps)
	if err != nil {
		return nil, nil, err
	}
	if len(changed)+len(secrets) == 0 {
		return append(made, steps...), nil, nil
	}
	now, err := collect.Revised(s, changed)
	if err != nil {
		return nil, nil, err
	}
	return nil, collect.WithSecrets(now, secrets), nil
}

// differs tells whether an object's template is another than the one planned from.
func differs(step *plan.Step) bool {
	if _, err := collect.TemplateOf(step.Live, step.Path); err != nil {
		return false // which the server says better when it is asked
	}
	return slices.ContainsFunc(step.Sets(), func(f plan.Field) bool {
		return !reflect.DeepEqual(field.Get(step.Live.Object, step.In(f.Path)), f.Was)
	})
}

// try has the server try every step, and tells whether the object of one was changed
// since it was read.
func (r *Runner) try(ctx context.Context, steps []plan.Step) (behind bool, err error) {
	around, err := r.surroundings(ctx, steps)
	if err != nil {
		return false, err
	}
	var changed atomic.Bool
	err = each(ctx, len(steps), func(ctx context.Context, i int) error {
		err := r.tryStep(ctx, &steps[i], around[steps[i].App.Namespace])
		if apply.Moved(err) {
			changed.Store(true)
			return nil
		}
		return err
	})
	if err != nil {
		return false, err
	}
	for i := range steps {
		if step := &steps[i]; step.Creation == nil { // which costs nothing
			around[step.App.Namespace].charge(step)
		}
	}
	return changed.Load(), nil
}

func (r *Runner) tryStep(ctx context.Context, step *plan.Step, around *surroundings) error {
	switch {
	case step.Creation != nil:
		return r.tryCreation(ctx, step)
	case step.State == plan.Refused:
		return nil
	}
	if err := apply.Undoable(step.Live, *step.Change); err != nil {
		step.State, step.Why = plan.Refused, err.Error()
		return nil
	}
	if err := r.trySecrets(ctx, step); err != nil || step.State == plan.Refused {
		return err
	}
	options := r.Write
	options.DryRun = true
	result, err := r.Client.Apply(ctx, step.Live, *step.Change, options)
	var owned *apply.OwnedError
	var conflict *apply.ConflictError
	switch {
	case errors.As(err, &owned):
		managed(step, &owned.Owner)
		return nil
	case apply.Moved(err):
		step.State, step.Why = plan.Refused, err.Error()
		return err
	case errors.As(err, &conflict):
		step.State, step.Why = plan.Refused, err.Error()
		return nil
	case err != nil && answered(err):
		step.State, step.Why = plan.Refused, statusOf(err)
		return nil
	case err != nil:
		return err
	}
	step.Next = result.Object
	step.Surge = rollout.Surge(step.Workload)
	step.Risks = append(slices.Clip(step.Risks), torn(step.Change, result.PutBack)...)
	step.Notes = slices.Concat(belongs(step.Live), notes(result), rollout.Standing(step.Workload), around.scaling(step))
	return tryPod(ctx, r.Core, step)
}

// leave marks what somebody else writes, which needs no answer of the server.
func (r *Runner) leave(steps []plan.Step) {
	for i := range steps {
		if step := &steps[i]; step.Live != nil && !r.Write.IncludeManaged {
			if owner := apply.OwnerOf(step.Live); owner != nil {
				managed(step, owner)
			}
		}
	}
}

func managed(step *plan.Step, owner *apply.Owner) {
	step.State, step.Why = plan.Managed, fmt.Sprintf("it belongs to %s: %s", owner.Name, owner.Commit)
}

// belongs says whose an object is that is written all the same.
func belongs(live *unstructured.Unstructured) []string {
	owner := apply.OwnerOf(live)
	if owner == nil {
		return nil
	}
	return []string{fmt.Sprintf("it belongs to %s, which may put it back: %s", owner.Name, owner.Commit)}
}

// notes are what is to be known of a write.
func notes(result apply.Result) []string {
	var all []string
	all = append(all, takenOver(result.TakenOver)...)
	switch keys := strings.Join(result.PutBack, ", "); len(result.PutBack) {
	case 0:
	case 1:
		all = append(all, fmt.Sprintf("your manifest has %s as it was: change it there, or the next kubectl apply puts it back", keys))
	default:
		all = append(all, fmt.Sprintf("your manifest has these as they were: %s: change them there, or the next kubectl apply puts them back", keys))
	}
	if len(result.Strays) > 0 {
		all = append(all, "the server changes with it: "+strings.Join(result.Strays, ", "))
	}
	for _, warning := range result.Warnings {
		all = append(all, discreet(warning))
	}
	return all
}

// takenOver says what is taken over from whom, in one sentence for each of them.
func takenOver(conflicts []apply.Conflict) []string {
	type owner struct{ manager, operation string }
	var owners []owner
	keys := map[owner][]string{}
	for _, c := range conflicts {
		o := owner{c.Manager, c.Operation}
		if keys[o] == nil {
			owners = append(owners, o)
		}
		if !slices.Contains(keys[o], c.Key) {
			keys[o] = append(keys[o], c.Key)
		}
	}
	var all []string
	for _, o := range owners {
		listed, them := strings.Join(keys[o], ", "), "it"
		if len(keys[o]) > 1 {
			them = "them"
		}
		all = append(all, fmt.Sprintf("takes %s over from %s", listed, o.manager))
		if o.operation == string(metav1.ManagedFieldsOperationApply) {
			all = append(all, fmt.Sprintf("the next server-side apply by %s meets a conflict over %s: change %s there, too", o.manager, listed, them))
		}
	}
	return all
}

// prove judges the apps and the control planes again as the server would have them, and tells which
// remedies do not keep what they promise.
func (r *Runner) prove(s *snapshot.Snapshot, p *plan.Plan, steps []plan.Step) (map[plan.Remedy]string, error) {
	var revisions []collect.Revision
	var made []*unstructured.Unstructured
	var changes []*plan.Change
	tried := map[snapshot.Object]bool{}
	for i := range steps {
		switch step := &steps[i]; {
		case step.State != plan.Ready:
		case step.Creation != nil:
			made = append(made, step.Next)
			tried[evaluate.ControlPlaneObject(step.Creation.ControlPlane)] = true
		case step.Pod != nil:
			pod := *step.Pod
			pod.DeletionTimestamp = nil
			revisions = append(revisions, collect.Revision{App: step.App, Workload: step.Next, Pods: []corev1.Pod{pod}})
			tried[step.App] = true
			changes = append(changes, step.Change)
		}
	}
	after, err := collect.Revised(s, revisions)
	if err != nil {
		return nil, err
	}
	if after, err = plan.Made(after, made); err != nil {
		return nil, err
	}
	bad := p.Unfit(evaluate.Run(plan.WithSecrets(after, changes...), r.Plan.Guidelines, r.Plan.Evaluation))
	maps.DeleteFunc(bad, func(remedy plan.Remedy, _ string) bool { return !tried[remedy.App] })
	return bad, nil
}

// each runs f for 0 to n-1, some side by side, until one fails.
func each(ctx context.Context, n int, f func(context.Context, int) error) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(parallel)
	for i := range n {
		group.Go(func() error { return f(ctx, i) })
	}
	return group.Wait()
}
