// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package rollout

import (
	"cmp"
	"context"
	"errors"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/tools/cache"
	watchtools "k8s.io/client-go/tools/watch"
	"k8s.io/klog/v2"
)

// Write is a write to a Pod template, whose rollout is to be watched.
type Write struct {
	// App is the workload whose Pods are made anew, as the write returned it; as it was
	// read, where its template stands elsewhere.
	App *unstructured.Unstructured
	// Template is what an Argo Rollout takes its template from (workloadRef), as the
	// write returned it; nil where App has its own.
	Template *unstructured.Unstructured
}

// Watch waits until the rollout of a write has ended, as kubectl rollout status
// does; without a timeout where that is 0. It tells progress what it sees: one
// sentence a call and one call at a time, none twice in a row, and none after it has
// returned.
//
// With a nil error, pending says why not all Pods follow the new template although
// nothing went wrong: it is paused, or somebody else makes the Pods anew; it is empty
// where all Pods were made anew and are up. A Rollout that waits for promotion is
// pending; while it goes on by itself after some time, it is waited for.
//
// Errors are one sentence each: ErrDeadline, ErrDegraded, ErrTimeout, ErrGone,
// ErrStopped, or an API error where the server does not let the workload be watched. A
// server that does not answer is asked again until the time is up. Pods that the
// server refuses are no error as long as there is time: kubectl waits, too, and a
// quota may become free.
func (c *Client) Watch(ctx context.Context, w Write, timeout time.Duration, progress func(string)) (pending string, err error) {
	if why := idle(w.App); why != "" {
		return why, nil
	}
	objects, err := c.client(w.App)
	if err != nil {
		return "", err
	}
	timed, cancel := watchtools.ContextWithOptionalTimeout(ctx, timeout)
	defer cancel()
	limited, giveUp := context.WithCancelCause(timed)
	defer giveUp(nil)
	v := &vigil{Write: w, link: &link{say: progress, giveUp: giveUp}}
	source := &source{objects: objects, name: w.App.GetName(), log: klog.FromContext(ctx), answered: v.answered}
	// The informer logs what it tries again, which progress says already.
	quiet := klog.NewContext(limited, klog.Logger{})
	_, err = watchtools.UntilWithSync(quiet, source.listWatch(), &unstructured.Unstructured{}, v.present(limited, objects), v.event)
	var said *failure
	switch {
	case err == nil || errors.As(err, &said):
		return v.pending, err
	case ctx.Err() != nil:
		return "", fail(ErrStopped, "stopped waiting for %s: its rollout goes on in the cluster", name(w.App))
	case timed.Err() != nil && v.pending != "" && v.fault() == nil:
		return v.pending, nil
	case timed.Err() != nil:
		return "", fail(ErrTimeout, "%s has not come up within %s: %s", name(w.App), timeout, v.standstill())
	}
	if cause := context.Cause(limited); cause != nil {
		return "", fail(cause, "cannot tell whether %s comes up: %s", name(w.App), line(cause.Error()))
	}
	return "", err
}

// vigil is one run of Watch.
type vigil struct {
	Write
	*link
	// last is what was seen last, pending what is to be said of it.
	last    sight
	pending string
}

// present ends the wait at its beginning where there is nothing to wait for any more.
func (v *vigil) present(ctx context.Context, objects dynamic.ResourceInterface) watchtools.PreconditionFunc {
	return func(store cache.Store) (done bool, err error) {
		if len(store.ListKeys()) > 0 {
			return false, nil
		}
		// What the server keeps for watches may be behind; the object itself is not.
		if _, err := objects.Get(ctx, v.App.GetName(), metav1.GetOptions{}); apierrors.IsNotFound(err) {
			return false, v.gone()
		}
		return false, nil
	}
}

// event takes in a new state of the workload.
func (v *vigil) event(e watch.Event) (done bool, err error) {
	now, ok := e.Object.(*unstructured.Unstructured)
	if e.Type == watch.Deleted || !ok {
		return false, v.gone()
	}
	seen, err := v.look(now)
	if err != nil {
		return false, err
	}
	v.last, v.pending = seen, seen.pending
	v.tell(seen.words())
	return seen.done, nil
}

func (w Write) gone() error {
	return fail(ErrGone, "%s was deleted while it was rolled out", name(w.App))
}

// standstill is what keeps the rollout from its end.
func (v *vigil) standstill() string {
	if fault := v.fault(); fault != nil {
		return unseen + ", " + line(fault.Error())
	}
	return cmp.Or(v.last.words(), "it was not seen yet")
}
