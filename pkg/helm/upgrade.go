// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package helm

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"helm.sh/helm/v4/pkg/action"
	"helm.sh/helm/v4/pkg/kube"
	ri "helm.sh/helm/v4/pkg/release"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/dapr"
)

// errMoved says that the release is no longer what was planned from.
var errMoved = errors.New("the release has moved on since it was planned: plan again")

// defaultTimeout is that of helm upgrade.
const defaultTimeout = 5 * time.Minute

// RefusedError says that the server would not take the upgrade. Nothing was written.
type RefusedError struct{ Answers []Answer }

func (e *RefusedError) Error() string {
	var all []string
	for _, a := range e.Answers {
		text := fmt.Sprintf("%s: %s", a.Object, a.Refusal)
		if a.Immutable && isPlacement(a.Object) {
			text += " (" + dapr.PlacementLogInMemory + "=true leaves that as it is; --recreate-placement deletes the StatefulSet and makes it anew)"
		}
		if len(a.Conflicts) > 0 {
			text += " (put it into the values of the release, or take it over with --force-conflicts)"
		}
		all = append(all, text)
	}
	return "the server would refuse the upgrade: " + strings.Join(all, "; ")
}

// UpgradeError says that an upgrade was begun and did not succeed.
type UpgradeError struct {
	Namespace, Name string
	// Revision is the one that failed, RollbackTo the one before.
	Revision, RollbackTo int
	// Unknown tells that the server did not say whether that revision is there: nothing
	// else was written then.
	Unknown bool
	// WayBack are the commands that bring the release back.
	WayBack []string
	// Err says why, without any value.
	Err error
}

func (e *UpgradeError) Error() string {
	why := oneLine(e.Err.Error())
	back := fmt.Sprintf("back to revision %d with: %s", e.RollbackTo, strings.Join(e.WayBack, " && "))
	if e.Unknown {
		return fmt.Sprintf("whether revision %d of release %s was begun is not known: %s; where helm history %s -n %s has it, %s",
			e.Revision, e.Name, why, e.Name, e.Namespace, back)
	}
	return fmt.Sprintf("revision %d of release %s failed: %s; %s", e.Revision, e.Name, why, back)
}

// most is how many lines of an error are said. Where the server cannot be asked any more,
// Helm has one for each object of the release.
const most = 6

// oneLine is a text of some lines as one sentence.
func oneLine(text string) string {
	var lines []string
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(strings.TrimSpace(line), ", message:") // of an object that says nothing
		if line != "" {
			lines = append(lines, line)
		}
	}
	if more := len(lines) - most; more > 0 {
		// What ended the wait comes last.
		lines = slices.Concat(lines[:most-1], []string{fmt.Sprintf("%d more", more)}, lines[len(lines)-1:])
	}
	return strings.Join(lines, "; ")
}

func (e *UpgradeError) Unwrap() error { return e.Err }

// Result is an upgrade that was done.
type Result struct {
	// Revision is the new one.
	Revision int
	// WayBack are the commands that bring the release back.
	WayBack []string
}

// moment is how long Helm has, once nobody waits any more, to note that the upgrade failed.
const moment = 2 * time.Second

// Upgrade does what was planned, as helm upgrade --reset-then-reuse-values --wait, and
// waits until all is ready. It is a *RefusedError if the server will not take it, and a
// *UpgradeError if it was begun and did not succeed, or may have been begun; all other
// errors wrote nothing. A context that ends makes the revision a failed one, if the server
// still answers.
func (p *Plan) Upgrade(ctx context.Context) (Result, error) {
	if refused := p.Refused(); len(refused) > 0 {
		return Result{}, &RefusedError{Answers: refused}
	}
	type outcome struct {
		result Result
		err    error
	}
	lock := &lock{revision: p.Release.Revision, values: p.Release.record.Config}
	done := make(chan outcome, 1)
	go func() { // Helm waits for some answers whatever becomes of the context
		result, err := p.upgrade(ctx, lock)
		done <- outcome{result, err}
	}()
	select {
	case o := <-done:
		return o.result, o.err
	case <-ctx.Done():
	}
	if lock.state() == notBegun {
		return Result{}, ctx.Err()
	}
	select {
	case o := <-done:
		return o.result, o.err
	case <-time.After(moment):
		return Result{}, p.failed(lock, ctx.Err())
	}
}

// upgrade does it under a lock.
func (p *Plan) upgrade(ctx context.Context, lock *lock) (Result, error) {
	r := p.Release
	// What has failed is noted after the end of the context, when no object is written any more.
	records, err := configuration(writing(context.WithoutCancel(ctx), r.getter), r.Namespace)
	if err != nil {
		return Result{}, err
	}
	history, err := historyOf(records.Releases, r.Name)
	if err != nil {
		return Result{}, err
	}
	if err := stateOf(history); err != nil {
		return Result{}, err
	}
	if history[0].Version != r.Revision {
		return Result{}, errMoved
	}
	fresh, err := p.chart.fresh()
	if err != nil {
		return Result{}, err
	}
	additions, err := copied(p.additions)
	if err != nil {
		return Result{}, err
	}
	getter := writing(ctx, r.getter)
	config, err := configuration(getter, r.Namespace)
	if err != nil {
		return Result{}, err
	}
	client, isClient := config.KubeClient.(*kube.Client)
	if !isClient {
		return Result{}, fmt.Errorf("helm has no client for Kubernetes but %T", config.KubeClient)
	}
	config.KubeClient = thorough{client}
	config.Releases = records.Releases
	lock.Driver, lock.ended, lock.first = records.Releases.Driver, ctx.Err, p.begin(ctx, getter)
	config.Releases.Driver = lock
	done, err := p.action(ctx, config).RunWithContext(ctx, r.Name, fresh, additions)
	if err != nil {
		return Result{}, p.failed(lock, err)
	}
	next, err := ri.NewAccessor(done)
	if err != nil {
		return Result{}, p.failed(lock, err)
	}
	return Result{Revision: next.Version(), WayBack: p.WayBack()}, nil
}

// failed is why an upgrade did not succeed, with the way back where there may be need of it.
func (p *Plan) failed(lock *lock, err error) error {
	r, state := p.Release, lock.state()
	if state == notBegun {
		return r.mask.error(err)
	}
	return &UpgradeError{
		Namespace: r.Namespace, Name: r.Name, Revision: r.Revision + 1, RollbackTo: r.Revision, Unknown: state == sent,
		WayBack: p.WayBack(), Err: r.mask.error(brief(err)),
	}
}

// action is the upgrade with everything that is said about it.
func (p *Plan) action(ctx context.Context, config *action.Configuration) *action.Upgrade {
	upgrade := action.NewUpgrade(config)
	upgrade.Namespace = p.Release.Namespace
	upgrade.ResetThenReuseValues = true
	upgrade.WaitStrategy = kube.StatusWatcherStrategy
	upgrade.WaitOptions = []kube.WaitOption{kube.WithWaitContext(ctx)}
	upgrade.Timeout = cmp.Or(p.options.Timeout, defaultTimeout)
	upgrade.ForceConflicts = p.options.ForceConflicts && p.Release.serverSide()
	upgrade.Description = p.options.Description
	upgrade.MaxHistory = settings().MaxHistory
	return upgrade
}

// begin does what comes between Helm's lock and its first write.
func (p *Plan) begin(ctx context.Context, getter connection) func() error {
	return func() error {
		for _, a := range p.Answers {
			if a.Verb == Recreate {
				if err := recreate(ctx, getter, a, cmp.Or(p.options.Timeout, defaultTimeout)); err != nil {
					return err
				}
			}
		}
		return nil
	}
}

// brief is an error of the server without the values that it did not like.
func brief(err error) error {
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return errors.New(said(err))
}
