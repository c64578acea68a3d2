// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package collect

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/labels"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/dapr"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// ErrNoObjects tells that there is nothing in the input that could be judged.
var ErrNoObjects = errors.New("holds no objects")

// Manifests reads files, folders, URLs and standard input, and asks no server.
type Manifests struct {
	// Filenames are those of kubectl's -f: a file, a folder, a pattern, a URL, or
	// "-" for standard input.
	Filenames []string
	// Recursive reads the folders in folders too.
	Recursive bool
	// In is standard input.
	In io.Reader
	// Namespace is that of objects that name none; empty means "default".
	Namespace string
	// Enforced refuses objects that name another namespace.
	Enforced bool
	// Selector restricts the workloads by their labels; nil selects all.
	Selector labels.Selector
	// Version is the release of Dapr where the input does not tell.
	Version dapr.Version
	Now     time.Time
	// Objects, if set, is given the number of objects read, Dapr's or not.
	Objects *int
}

// Read fills a snapshot with what the input holds. Where part of it could not
// be read, the snapshot of the rest comes with an error that joins a
// *DocumentError for each such part.
func (m Manifests) Read(ctx context.Context) (*snapshot.Snapshot, error) {
	if m.Namespace == "" {
		m.Namespace = "default"
	}
	if m.Selector == nil {
		m.Selector = labels.Everything()
	}
	if err := m.check(); err != nil {
		return nil, err
	}
	r := newManifestReading(m)
	for _, name := range m.Filenames {
		for _, in := range r.inputs(name) {
			if err := r.read(ctx, in); err != nil {
				r.fail(in.name, 0, err)
			}
			if err := ctx.Err(); err != nil {
				return nil, err
			}
		}
	}
	if m.Objects != nil {
		*m.Objects = r.objects
	}
	if r.objects == 0 && len(r.errs) == 0 {
		return nil, fmt.Errorf("the input (%s) %w: %s", strings.Join(m.Filenames, ", "), ErrNoObjects, r.remedy())
	}
	return r.snapshot(), errors.Join(r.errs...)
}

// check refuses what cannot be read at all.
func (m Manifests) check() error {
	if len(m.Filenames) == 0 {
		return errors.New("no file is named: use -f")
	}
	if i := slices.Index(m.Filenames, stdin); i >= 0 && slices.Contains(m.Filenames[i+1:], stdin) {
		return errors.New("standard input (-) is named twice, and can be read once: name it once")
	}
	return nil
}

// remedy is the way out where there are no objects.
func (r *manifestReading) remedy() string {
	if r.kustomized != "" {
		return "read the kustomization in it with -k " + r.kustomized
	}
	return "name a file, folder or URL with Kubernetes manifests"
}

// snapshot joins what was read.
func (r *manifestReading) snapshot() *snapshot.Snapshot {
	f := r.join()
	s := &snapshot.Snapshot{
		TakenAt:        r.Now,
		ControlPlanes:  f.controlPlanes(),
		Namespaces:     f.namespaces,
		LimitRanges:    f.limitRanges,
		Configurations: f.configurations,
		Webhooks:       f.webhooks,
	}
	if r.Enforced {
		s.Namespace = r.Namespace
	}
	// An owner that is not in the input was not looked for.
	s.Apps = f.apps(r.Selector, func(string, string) bool { return true })
	s.Apps = slices.DeleteFunc(s.Apps, func(a snapshot.App) bool { return r.deselected[a.Object] })
	s.Gaps = r.gaps(f)
	if len(s.ControlPlanes) == 0 {
		s.ControlPlanes = []snapshot.ControlPlane{{Namespace: "dapr-system"}}
	}
	for i := range s.ControlPlanes {
		if cp := &s.ControlPlanes[i]; !cp.Version.Known() {
			cp.Version, cp.Assumed = r.Version, true
		}
	}
	return s
}

// gaps are what the input does not hold, which does not mean that it is missing.
func (r *manifestReading) gaps(f *facts) []snapshot.Gap {
	var gaps []snapshot.Gap
	hidden := func(resource snapshot.Resource, places ...snapshot.Place) {
		for _, place := range places {
			gaps = append(gaps, snapshot.Gap{Resource: resource, Place: place, Reason: snapshot.NotInInput})
		}
	}
	if !r.seen["Pod"] {
		hidden(snapshot.Pods, snapshot.InApps, snapshot.InControlPlane)
	}
	if !r.seen["Event"] {
		hidden(snapshot.Events, snapshot.InApps)
	}
	if !r.seen["ReplicaSet"] {
		hidden(snapshot.ReplicaSets, snapshot.InApps)
	}
	if len(f.namespaces) == 0 {
		hidden(snapshot.Namespaces, snapshot.InApps)
	}
	if len(f.limitRanges) == 0 {
		hidden(snapshot.LimitRanges, snapshot.InApps, snapshot.InControlPlane)
	}
	if len(f.configurations) == 0 {
		hidden(snapshot.Configurations, snapshot.InApps, snapshot.InControlPlane)
	}
	if len(f.webhooks) == 0 {
		hidden(snapshot.Webhooks, snapshot.InCluster)
	}
	if len(f.controlPlane) == 0 {
		hidden(snapshot.Deployments, snapshot.InControlPlane)
		hidden(snapshot.StatefulSets, snapshot.InControlPlane)
	}
	slices.SortFunc(gaps, snapshot.Gap.Compare)
	return gaps
}
