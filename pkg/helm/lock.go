// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package helm

import (
	"errors"
	"fmt"
	"net/http"
	"sync"

	ri "helm.sh/helm/v4/pkg/release"
	"helm.sh/helm/v4/pkg/release/common"
	release "helm.sh/helm/v4/pkg/release/v1"
	"helm.sh/helm/v4/pkg/storage/driver"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
)

// lock keeps the records of a release. Helm's own lock is the record of the next
// revision, which can be made once; it does not hold between planning and upgrading.
type lock struct {
	driver.Driver
	// revision was planned from, with these values.
	revision int
	values   map[string]any
	// ended tells that nobody waits any more: nothing is begun then.
	ended func() error
	// first is done once the next revision is there.
	first func() error
	// old are records that Helm wants to be gone before it makes the next one.
	old []string

	mutex sync.Mutex
	is    begun
}

// begun is how far an upgrade is.
type begun int

// How far an upgrade is.
const (
	notBegun begun = iota
	// sent: the record of the next revision was sent, and is there or not.
	sent
	// locked: it is there.
	locked
)

func (l *lock) state() begun {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	return l.is
}

func (l *lock) become(state begun) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	l.is = state
}

// send is an error where nobody waits any more.
func (l *lock) send() error {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	if err := l.ended(); err != nil {
		return err
	}
	l.is = sent
	return nil
}

// Create makes the record of the planned revision, and of no other.
func (l *lock) Create(key string, one ri.Releaser) error {
	next, known := one.(*release.Release)
	if !known || next.Version != l.revision+1 {
		return errMoved
	}
	if err := l.send(); err != nil {
		return err
	}
	if err := l.make(key, next); err != nil {
		return err
	}
	l.become(locked)
	for _, record := range l.old {
		_, _ = l.Driver.Delete(record) // one more is no harm: the next upgrade deletes it
	}
	if err := l.first(); err != nil {
		next.SetStatus(common.StatusFailed, fmt.Sprintf("Upgrade %q failed: %s", next.Name, err))
		return errors.Join(err, l.Update(key, next))
	}
	return nil
}

// Delete waits until the next revision is there: before that, nothing is written.
func (l *lock) Delete(key string) (ri.Releaser, error) {
	if l.state() == locked {
		return l.Driver.Delete(key)
	}
	l.old = append(l.old, key)
	return nil, nil
}

// make sends the record. Where no clear answer comes, it looks for what became of it: a
// record that was made is a lock, which nobody else would ever take away.
func (l *lock) make(key string, next *release.Release) error {
	err := l.Driver.Create(key, next)
	if err == nil {
		return nil
	}
	if refused(err) {
		l.become(notBegun)
		return err
	}
	found, unseen := l.Get(key)
	there, known := found.(*release.Release)
	switch {
	case errors.Is(unseen, driver.ErrReleaseNotFound):
		l.become(notBegun)
		return err
	case unseen != nil:
		return err
	case known && there.Info != nil && there.Info.LastDeployed.Equal(next.Info.LastDeployed) && there.Manifest == next.Manifest:
		return nil
	default:
		l.become(notBegun)
		return errMoved
	}
}

// refused tells whether a server said clearly that it did not do a thing.
func refused(err error) bool {
	var status apierrors.APIStatus
	if !errors.As(err, &status) {
		return false
	}
	code := status.Status().Code
	return code >= http.StatusBadRequest && code < http.StatusInternalServerError && code != http.StatusRequestTimeout
}

// Update keeps the values of the former revision: merging changes them in memory where
// an addition takes a value away (helm.sh/helm/v4/pkg/chart/common/util,
// coalesceTablesFullKey), and Helm would write that down. What was written is written,
// though the answer was lost.
func (l *lock) Update(key string, one ri.Releaser) error {
	record, known := one.(*release.Release)
	if known && record.Version == l.revision {
		keep := *record
		keep.Config = l.values
		one = &keep
	}
	err := l.Driver.Update(key, one)
	if err == nil || !known || refused(err) {
		return err
	}
	if found, unseen := l.Get(key); unseen == nil {
		if there, known := found.(*release.Release); known && there.Info != nil && there.Info.Status == record.Info.Status {
			return nil
		}
	}
	return err
}
