// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package helm

import (
	"context"
	"errors"
	"testing"
	"time"

	ri "helm.sh/helm/v4/pkg/release"
	"helm.sh/helm/v4/pkg/release/common"
	release "helm.sh/helm/v4/pkg/release/v1"
	"helm.sh/helm/v4/pkg/storage/driver"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// records keeps one record: what is written fails so, and what is read so.
type records struct {
	driver.Driver
	writes, reads error
	found         *release.Release
	deleted       []string
}

func (r *records) Create(string, ri.Releaser) error { return r.writes }
func (r *records) Update(string, ri.Releaser) error { return r.writes }
func (r *records) Delete(key string) (ri.Releaser, error) {
	r.deleted = append(r.deleted, key)
	return nil, nil
}
func (r *records) Get(string) (ri.Releaser, error) { return r.found, r.reads }

// revision is the second one of a release.
func revision(at time.Time) *release.Release {
	return &release.Release{Name: "dapr", Version: 2, Info: &release.Info{LastDeployed: at, Status: common.StatusPendingUpgrade}}
}

// TestLock: whether an upgrade has begun is told by the record, where the answer does not.
func TestLock(t *testing.T) {
	t.Parallel()
	broken, ended, now := errors.New("connection reset by peer"), context.Canceled, time.Now()
	refused := apierrors.NewForbidden(schema.GroupResource{Resource: "secrets"}, "dapr", errors.New("no more Secrets"))
	for name, c := range map[string]struct {
		records records
		ended   error
		state   begun
		err     error
	}{
		"made":                        {records{}, nil, locked, nil},
		"lost, and made":              {records{writes: broken, found: revision(now)}, nil, locked, nil},
		"lost, and not made":          {records{writes: broken, reads: driver.ErrReleaseNotFound}, nil, notBegun, broken},
		"lost, and made by another":   {records{writes: broken, found: revision(now.Add(time.Second))}, nil, notBegun, errMoved},
		"there, and made by another":  {records{writes: driver.ErrReleaseExists, found: revision(now.Add(time.Second))}, nil, notBegun, errMoved},
		"there, since it was retried": {records{writes: driver.ErrReleaseExists, found: revision(now)}, nil, locked, nil},
		"lost, and not to be seen":    {records{writes: broken, reads: broken}, nil, sent, broken},
		"refused":                     {records{writes: refused, found: revision(now)}, nil, notBegun, refused},
		"nobody waits":                {records{}, ended, notBegun, ended},
	} {
		l := &lock{Driver: &c.records, revision: 1, ended: func() error { return c.ended }, first: func() error { return nil }}
		if err := l.Create("dapr.v2", revision(now)); !errors.Is(err, c.err) || c.err == nil && err != nil || l.state() != c.state {
			t.Errorf("%s: state %d, %v", name, l.state(), err)
		}
	}
}

// TestLockDeletes: records of old are deleted once the next one is there, and not before.
func TestLockDeletes(t *testing.T) {
	t.Parallel()
	for _, refused := range []error{nil, apierrors.NewForbidden(schema.GroupResource{Resource: "secrets"}, "dapr", errors.New("no more Secrets"))} {
		r := &records{writes: refused}
		l := &lock{Driver: r, revision: 1, ended: func() error { return nil }, first: func() error { return nil }}
		if _, err := l.Delete("dapr.v1"); err != nil || len(r.deleted) > 0 {
			t.Errorf("before: %v, %q", err, r.deleted)
		}
		if err := l.Create("dapr.v2", revision(time.Now())); !errors.Is(err, refused) || (len(r.deleted) == 1) != (refused == nil) {
			t.Errorf("%v: %v, %q", refused, err, r.deleted)
		}
	}
}
