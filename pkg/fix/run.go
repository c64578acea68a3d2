// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

// Package fix carries plans out: it has the server try them, writes them, waits for
// the Pods and judges the apps again.
package fix

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"
	"k8s.io/client-go/kubernetes"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/apply"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/collect"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/journal"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/plan"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/rollout"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// Runner is how a plan is made and written.
type Runner struct {
	Reader collect.Live
	Plan   plan.Options
	// Write says how objects are written.
	Write    apply.Options
	Core     kubernetes.Interface
	Client   *apply.Client
	Rollouts *rollout.Client

	// ClientOnly asks the server for nothing but what is there.
	ClientOnly bool
	// MaxParallel is how many workloads of a namespace are restarted at a time.
	MaxParallel int
	// Timeout is how long a rollout may take.
	Timeout time.Duration
	// Progress is told what goes on, a sentence at a time.
	Progress func(string)
	// Begin is told which object is begun, and how many of all are done, from several
	// goroutines; nil for nobody.
	Begin func(o snapshot.Object, done, all int)
}

// Written is what became of one step.
type Written struct {
	*plan.Step
	// Pending is why not all Pods follow it yet, where nothing went wrong.
	Pending string
	// Err is why it is not done, or not known to be.
	Err error
}

// attempts is how often a step is planned again that somebody changed meanwhile.
const attempts = 3

// What is no failure of a step.
var (
	// ErrNotBegun says that an earlier step did not come out well.
	ErrNotBegun = errors.New("not begun: the run was stopped before")
	// ErrNothingLeft says that somebody else has done it, or that the app is gone.
	ErrNothingLeft = errors.New("nothing is left to do for it")
)

// Execute writes steps: namespaces one after the other, in each as many workloads
// at a time as were allowed, every rollout waited for and judged again. The first
// that does not come out well stops the run; a step that was begun is ended. It
// returns one Written a step, in their order.
func (r *Runner) Execute(ctx context.Context, steps []*plan.Step, j *journal.Journal) []Written {
	run := *r
	run.Progress = inTurn(r.Progress)
	run.Reader.Progress = nil // what is begun is said, and not what is read for it
	done := make([]Written, len(steps))
	for i, step := range steps {
		done[i] = Written{Step: step, Err: ErrNotBegun}
	}
	var stopped atomic.Bool
	var ended atomic.Int32
	begin := 0
	for begin < len(steps) {
		end := begin
		for end < len(steps) && steps[end].Object.Namespace == steps[begin].Object.Namespace {
			end++
		}
		group := errgroup.Group{}
		group.SetLimit(max(r.MaxParallel, 1))
		for i := begin; i < end; i++ {
			group.Go(func() error {
				if stopped.Load() || ctx.Err() != nil {
					return nil
				}
				w := &done[i] // which nobody else writes
				r.begin(steps[i].Object, int(ended.Load()), len(steps))
				w.Pending, w.Err = run.execute(ctx, steps[i], j)
				ended.Add(1)
				if w.Err != nil && !errors.Is(w.Err, ErrNothingLeft) {
					stopped.Store(true)
				}
				return nil
			})
		}
		_ = group.Wait() // every error is in done
		begin = end
	}
	return done
}

func (r *Runner) begin(o snapshot.Object, done, all int) {
	if r.Begin != nil {
		r.Begin(o, done, all)
	}
}

// inTurn lets several goroutines tell something one after the other.
func inTurn(tell func(string)) func(string) {
	var mutex sync.Mutex
	return func(sentence string) {
		mutex.Lock()
		defer mutex.Unlock()
		tell(sentence)
	}
}
