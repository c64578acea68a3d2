// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package helm

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"helm.sh/helm/v4/pkg/action"
	"helm.sh/helm/v4/pkg/kube"
	ri "helm.sh/helm/v4/pkg/release"
	"helm.sh/helm/v4/pkg/release/common"
	release "helm.sh/helm/v4/pkg/release/v1"
	"helm.sh/helm/v4/pkg/storage/driver"

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
	// WayBack are the commands that bring the release back.
	WayBack []string
	// Err says why, without any value.
	Err error
}

func (e *UpgradeError) Error() string {
	return fmt.Sprintf("revision %d of release %s failed: %v; back to revision %d with: %s",
		e.Revision, e.Name, e.Err, e.RollbackTo, strings.Join(e.WayBack, " && "))
}

func (e *UpgradeError) Unwrap() error { return e.Err }

// Result is an upgrade that was done.
type Result struct {
	// Revision is the new one.
	Revision int
	// WayBack are the commands that bring the release back.
	WayBack []string
}

// Upgrade does what was planned, as helm upgrade --reset-then-reuse-values --wait, and
// waits until all is ready. It is a *RefusedError if the server will not take it, and a
// *UpgradeError if it was begun and did not succeed; all other errors wrote nothing. A
// context that ends makes the revision a failed one.
func (p *Plan) Upgrade(ctx context.Context) (Result, error) {
	r := p.Release
	if refused := p.Refused(); len(refused) > 0 {
		return Result{}, &RefusedError{Answers: refused}
	}
	getter := writing(r.getter)
	config, err := configuration(getter, r.Namespace)
	if err != nil {
		return Result{}, err
	}
	history, err := historyOf(config.Releases, r.Name)
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
	lock := &lock{Driver: config.Releases.Driver, revision: r.Revision, values: r.record.Config, begun: p.begin(ctx, getter)}
	config.Releases.Driver = lock
	done, err := p.action(ctx, config).RunWithContext(ctx, r.Name, fresh, additions)
	if err != nil && !lock.created {
		return Result{}, r.mask.error(err)
	}
	if err != nil {
		return Result{}, &UpgradeError{
			Namespace: r.Namespace, Name: r.Name, Revision: r.Revision + 1, RollbackTo: r.Revision, WayBack: p.WayBack(), Err: r.mask.error(brief(err)),
		}
	}
	next, err := ri.NewAccessor(done)
	if err != nil {
		return Result{}, err
	}
	return Result{Revision: next.Version(), WayBack: p.WayBack()}, nil
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

// lock keeps the records of a release. Helm's own lock is the record of the next
// revision, which can be made once; it does not hold between planning and upgrading.
type lock struct {
	driver.Driver
	// revision was planned from, with these values.
	revision int
	values   map[string]any
	// begun is called once the next revision is there.
	begun   func() error
	created bool
}

// Create makes the record of the planned revision, and of no other.
func (l *lock) Create(key string, one ri.Releaser) error {
	next, known := one.(*release.Release)
	if !known || next.Version != l.revision+1 {
		return errMoved
	}
	if err := l.Driver.Create(key, one); err != nil {
		if errors.Is(err, driver.ErrReleaseExists) {
			return errMoved
		}
		return err
	}
	l.created = true
	if err := l.begun(); err != nil {
		next.SetStatus(common.StatusFailed, fmt.Sprintf("Upgrade %q failed: %s", next.Name, err))
		return errors.Join(err, l.Driver.Update(key, next))
	}
	return nil
}

// Update keeps the values of the former revision: merging changes them in memory where
// an addition takes a value away (helm.sh/helm/v4/pkg/chart/common/util,
// coalesceTablesFullKey), and Helm would write that down.
func (l *lock) Update(key string, one ri.Releaser) error {
	if former, known := one.(*release.Release); known && former.Version == l.revision {
		keep := *former
		keep.Config = l.values
		one = &keep
	}
	return l.Driver.Update(key, one)
}
