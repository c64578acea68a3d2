// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package helm

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"helm.sh/helm/v4/pkg/release/common"
	release "helm.sh/helm/v4/pkg/release/v1"
	"helm.sh/helm/v4/pkg/storage"
	"helm.sh/helm/v4/pkg/storage/driver"
	"k8s.io/cli-runtime/pkg/genericclioptions"
)

// ErrNoRelease says that Helm keeps no record of a release.
var ErrNoRelease = errors.New("helm keeps no record of this release")

// Release is the newest revision of a release, ready to be upgraded.
type Release struct {
	Namespace, Name string
	// Chart and ChartVersion are those of the revision.
	Chart, ChartVersion string
	Revision            int

	getter genericclioptions.RESTClientGetter
	record *release.Release
	mask   *mask
}

// StateError says that a release is in a state in which it must not be upgraded, and
// the way out of it.
type StateError struct {
	Namespace, Name string
	Revision        int
	// Status is Helm's: "pending-upgrade", "failed" …
	Status string
	// RollbackTo is the newest revision that was deployed; 0 if there is none.
	RollbackTo int
	pending    bool
}

func (e *StateError) Error() string {
	what := fmt.Sprintf("release %s in namespace %s is %s at revision %d", e.Name, e.Namespace, e.Status, e.Revision)
	if e.pending {
		what += ": helm is at work there, or was ended in the middle; if nothing works on it any more"
	} else {
		what += ": first"
	}
	if e.RollbackTo == 0 {
		return what + fmt.Sprintf(" mend it by hand, since no revision of it was ever deployed (helm history %s -n %s tells what happened)", e.Name, e.Namespace)
	}
	return what + fmt.Sprintf(" go back to revision %d with: %s", e.RollbackTo, RollbackCommand(e.Namespace, e.Name, e.RollbackTo))
}

// RollbackCommand is what brings a release back to a revision.
func RollbackCommand(namespace, name string, revision int) string {
	return fmt.Sprintf("helm rollback %s %d -n %s --wait", name, revision, namespace)
}

// Open reads the newest revision of a release. It is an ErrNoRelease if there is none,
// and a *StateError if the release must not be upgraded now.
func Open(ctx context.Context, getter genericclioptions.RESTClientGetter, namespace, name string) (*Release, error) {
	config, err := configuration(rehearsing(ctx, getter, &heard{}), namespace)
	if err != nil {
		return nil, err
	}
	history, err := historyOf(config.Releases, name)
	if err != nil {
		return nil, err
	}
	newest := history[0]
	if newest.Info == nil || newest.Chart == nil || newest.Chart.Metadata == nil {
		return nil, fmt.Errorf("the record of release %s in namespace %s lacks its state or its chart", name, namespace)
	}
	if err := stateOf(history); err != nil {
		return nil, err
	}
	return &Release{
		Namespace: newest.Namespace, Name: newest.Name, Revision: newest.Version,
		Chart: newest.Chart.Metadata.Name, ChartVersion: newest.Chart.Metadata.Version,
		getter: getter, record: newest, mask: newMask(newest),
	}, nil
}

// historyOf are the revisions of a release, the newest first.
func historyOf(records *storage.Storage, name string) ([]*release.Release, error) {
	found, err := records.History(name)
	if errors.Is(err, driver.ErrReleaseNotFound) || err == nil && len(found) == 0 {
		return nil, ErrNoRelease
	}
	if err != nil {
		return nil, err
	}
	var all []*release.Release
	for _, one := range found {
		revision, known := one.(*release.Release)
		if !known {
			return nil, fmt.Errorf("release %s has a record of the unknown type %T", name, one)
		}
		all = append(all, revision)
	}
	slices.SortFunc(all, func(a, b *release.Release) int { return b.Version - a.Version })
	return all, nil
}

// stateOf is nil if the newest revision may be upgraded.
func stateOf(history []*release.Release) error {
	newest := history[0]
	if newest.Info.Status == common.StatusDeployed {
		return nil
	}
	return &StateError{
		Namespace: newest.Namespace, Name: newest.Name, Revision: newest.Version,
		Status: newest.Info.Status.String(), RollbackTo: deployedIn(history), pending: newest.Info.Status.IsPending(),
	}
}

// deployedIn is the newest revision that was deployed; 0 if there is none.
func deployedIn(history []*release.Release) int {
	for _, status := range []common.Status{common.StatusDeployed, common.StatusSuperseded} {
		for _, one := range history {
			if one.Info != nil && one.Info.Status == status {
				return one.Version
			}
		}
	}
	return 0
}

// serverSide tells whether Helm writes the release by server-side apply. Helm 3 did
// not, and Helm goes on as it began.
func (r *Release) serverSide() bool {
	return r.record.ApplyMethod == string(release.ApplyMethodServerSideApply)
}
