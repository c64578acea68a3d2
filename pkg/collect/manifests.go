// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package collect

import (
	"context"
	"errors"
	"io"
	"time"

	"k8s.io/apimachinery/pkg/labels"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/dapr"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/manifest"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// Manifests reads files, folders, URLs and standard input, and asks no server.
type Manifests struct {
	// Filenames are those of kubectl's -f: a file, a folder, a pattern, a URL, or
	// "-" for standard input.
	Filenames []string
	// Recursive reads the folders in folders too.
	Recursive bool
	// In is standard input.
	In io.Reader
	// Texts, if not nil, keeps what is read, or holds what is read in place of files.
	Texts *manifest.Texts
	// Made are manifests that a program has made.
	Made []manifest.Made
	// Namespace is that of objects that name none; empty means "default".
	Namespace string
	// Enforced refuses objects that name another namespace.
	Enforced bool
	// Selector restricts the workloads by their labels; nil selects all.
	Selector labels.Selector
	// Version is the release of Dapr where the input does not tell.
	Version dapr.Version
	Now     time.Time
}

// Read fills a snapshot with what the input holds. Where part of it could not
// be read, the snapshot of the rest comes with an error that joins a
// *manifest.Error for each such part.
func (m Manifests) Read(ctx context.Context) (*snapshot.Snapshot, error) {
	if m.Namespace == "" {
		m.Namespace = "default"
	}
	if m.Selector == nil {
		m.Selector = labels.Everything()
	}
	r := newManifestReading(m)
	input := manifest.Input{Filenames: m.Filenames, Recursive: m.Recursive, Stdin: m.In, Texts: m.Texts, Made: m.Made, Values: dapr.IsChartValues, Prepare: r.prepare}
	err := input.Read(ctx, r.object)
	var bad *manifest.Error
	if err != nil && !errors.As(err, &bad) {
		return nil, err
	}
	return r.snapshot(), err
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
	f.fill(s)
	s.Selected = !r.Selector.Empty()
	if r.Enforced {
		s.Namespace = r.Namespace
	}
	// An owner that is not in the input was not looked for.
	s.Apps = f.apps(r.Selector, func(snapshot.Object) bool { return true })
	s.Gaps = r.gaps(f, s.Apps)
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
