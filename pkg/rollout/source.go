// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package rollout

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"sync"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/tools/cache"
	"k8s.io/klog/v2"
)

// source lists and watches one object.
type source struct {
	objects dynamic.ResourceInterface
	name    string
	// log is the one that requests are logged to.
	log klog.Logger
	// answered is told how each request went.
	answered func(error)
}

func (s *source) listWatch() cache.ListerWatcher {
	only := fields.OneTermEqualSelector("metadata.name", s.name).String()
	return cache.ToListWatcherWithWatchListSemantics(&cache.ListWatch{
		ListWithContextFunc: func(ctx context.Context, o metav1.ListOptions) (runtime.Object, error) {
			o.FieldSelector = only
			list, err := s.objects.List(klog.NewContext(ctx, s.log), o)
			s.answered(err)
			return list, err
		},
		WatchFuncWithContext: func(ctx context.Context, o metav1.ListOptions) (watch.Interface, error) {
			o.FieldSelector = only
			w, err := s.objects.Watch(klog.NewContext(ctx, s.log), o)
			s.answered(err)
			return w, err
		},
	}, s.objects)
}

// link is the connection to the server, and to who is told what is seen over it.
type link struct {
	say    func(string)
	giveUp context.CancelCauseFunc

	mutex sync.Mutex
	// said is what was said last, failed how the last request failed.
	said   string
	failed error
	// reached tells that the server has answered before.
	reached bool
}

// tell says something, unless it was said last.
func (l *link) tell(sentence string) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	if sentence != "" && sentence != l.said {
		l.said = sentence
		l.say(sentence)
	}
}

// fault is how the last request failed; nil where it did not.
func (l *link) fault() error {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	return l.failed
}

// answered takes in how a request went. Who is refused the first one is refused for
// good; later it is a server that has just been started and does not know its rules yet.
func (l *link) answered(err error) {
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) || asksOtherwise(err) {
		return
	}
	l.mutex.Lock()
	reached := l.reached
	l.reached = reached || err == nil
	l.failed = err
	if request := (*url.Error)(nil); errors.As(err, &request) {
		l.failed = request.Err // without the long address
	}
	fault := l.failed
	l.mutex.Unlock()
	switch {
	case err == nil:
	case !reached && (apierrors.IsForbidden(err) || apierrors.IsUnauthorized(err)):
		l.giveUp(err)
	default:
		l.tell(fmt.Sprintf("%s, trying again: %s", unseen, line(fault.Error())))
	}
}

// unseen tells that nobody knows how the rollout goes.
const unseen = "cannot see how it goes"

// asksOtherwise tells whether the informer makes another request after an answer: the
// version is too old, or the server is and has no lists that are watched.
func asksOtherwise(err error) bool {
	return apierrors.IsResourceExpired(err) || apierrors.IsGone(err) || apierrors.IsInvalid(err)
}
