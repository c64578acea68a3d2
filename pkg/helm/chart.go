// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package helm

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"strings"

	"helm.sh/helm/v4/pkg/action"
	ci "helm.sh/helm/v4/pkg/chart"
	"helm.sh/helm/v4/pkg/chart/loader/archive"
	chart "helm.sh/helm/v4/pkg/chart/v2"
	"helm.sh/helm/v4/pkg/chart/v2/loader"
	"helm.sh/helm/v4/pkg/registry"
)

// OfficialRepository is where Dapr's charts are.
const OfficialRepository = "https://dapr.github.io/helm-charts"

// Source says where a chart comes from.
type Source struct {
	// Ref is a folder, an archive or the URL of one, an oci:// reference, the URL of a
	// chart repository, or NAME/CHART of one that helm repo add knows; the official
	// repository where it is empty.
	Ref string
	// Version must be that of the release; its version is meant where it is empty.
	Version string
}

// Chart is a chart of the release's name and version. Whether it is the very chart
// that the release was made of, Plan proves.
type Chart struct {
	// From is where it came from, without credentials.
	From  string
	files []*archive.BufferedFile
}

// VersionError says that a chart is not the release's.
type VersionError struct {
	From, Name, Version   string
	WantName, WantVersion string
}

func (e *VersionError) Error() string {
	return fmt.Sprintf("%s has chart %s %s, but the release is of chart %s %s: another version is an upgrade of Dapr, and not a fix",
		e.From, e.Name, e.Version, e.WantName, e.WantVersion)
}

// Load fetches and reads the chart of the release. Repositories and registries get the
// credentials that Helm has for them. It is never taken from the release's record,
// which holds no subcharts. It is a *VersionError if it is another chart.
func (r *Release) Load(ctx context.Context, source Source) (*Chart, error) {
	if source.Version != "" && source.Version != r.ChartVersion {
		return nil, &VersionError{From: "--version", Name: r.Chart, Version: source.Version, WantName: r.Chart, WantVersion: r.ChartVersion}
	}
	from, path, err := r.locate(ctx, source.Ref)
	if err != nil {
		return nil, err
	}
	files, err := filesOf(path)
	if err != nil {
		return nil, fmt.Errorf("chart %s: %w", from, r.mask.error(err))
	}
	loaded := &Chart{From: from, files: files}
	read, err := loaded.fresh()
	if err != nil {
		return nil, fmt.Errorf("chart %s: %w", from, err)
	}
	if read.Metadata.Name != r.Chart || read.Metadata.Version != r.ChartVersion {
		return nil, &VersionError{From: from, Name: read.Metadata.Name, Version: read.Metadata.Version, WantName: r.Chart, WantVersion: r.ChartVersion}
	}
	return loaded, nil
}

// filesOf reads a chart, an archive or a folder. It is read once: what was proven is
// what is installed, whatever becomes of the files.
func filesOf(path string) ([]*archive.BufferedFile, error) {
	read, err := loader.Load(path)
	if err != nil {
		return nil, err
	}
	files := make([]*archive.BufferedFile, len(read.Raw))
	for i, file := range read.Raw {
		files[i] = &archive.BufferedFile{Name: file.Name, ModTime: file.ModTime, Data: file.Data}
	}
	return files, nil
}

// fresh is the chart as it was read: rendering one changes it.
func (c *Chart) fresh() (*chart.Chart, error) {
	files := make([]*archive.BufferedFile, len(c.files))
	for i, file := range c.files {
		one := *file
		files[i] = &one
	}
	read, err := loader.LoadFiles(files)
	if err != nil {
		return nil, err
	}
	var wanted []ci.Dependency
	for _, dependency := range read.Metadata.Dependencies {
		wanted = append(wanted, dependency)
	}
	return read, action.CheckDependencies(read, wanted)
}

// locate brings a chart onto the disk, and says where it came from.
func (r *Release) locate(ctx context.Context, ref string) (from, path string, err error) {
	if ref == "" {
		ref = OfficialRepository
	}
	address, parseErr := url.Parse(ref)
	switch {
	case registry.IsOCI(ref):
		path, err = within(ctx, func() (string, error) { return fetchOCI(ref, r.ChartVersion) })
	case parseErr == nil && (address.Scheme == "https" || address.Scheme == "http"):
		path, err = r.fetch(ctx, ref)
		ref = address.Redacted()
	default:
		if _, missing := os.Stat(ref); missing == nil {
			return ref, ref, nil
		}
		path, err = r.fetchNamed(ctx, ref)
	}
	if err != nil && ctx.Err() == nil {
		err = fmt.Errorf("chart %s: %w", ref, r.mask.error(err))
	}
	return ref, path, err
}

// fetchNamed fetches NAME/CHART from a repository that Helm knows.
func (r *Release) fetchNamed(ctx context.Context, ref string) (string, error) {
	name, chartName, named := strings.Cut(ref, "/")
	if !named || name == "" || strings.HasPrefix(name, ".") {
		return "", errors.New("there is no such folder or archive")
	}
	entry := entryNamed(name)
	if entry == nil {
		return "", fmt.Errorf("there is no such folder or archive, and helm knows no repository %s (helm repo add)", name)
	}
	r.mask.add(entry.Password)
	return within(ctx, func() (string, error) { return fetchFrom(entry, chartName, r.ChartVersion) })
}

// fetch fetches the URL of an archive or of a repository.
func (r *Release) fetch(ctx context.Context, ref string) (string, error) {
	entry := entryFor(ref)
	r.mask.add(entry.Password)
	if address, err := url.Parse(ref); err == nil {
		password, _ := address.User.Password()
		r.mask.add(password)
	}
	return within(ctx, func() (string, error) {
		if strings.HasSuffix(ref, ".tgz") || strings.HasSuffix(ref, ".tar.gz") {
			return download(entry, ref)
		}
		return fetchFrom(entry, r.Chart, r.ChartVersion)
	})
}

// within waits for a download no longer than the context lasts: Helm's own code takes
// none.
func within(ctx context.Context, do func() (string, error)) (string, error) {
	type answer struct {
		path string
		err  error
	}
	done := make(chan answer, 1)
	go func() {
		path, err := do()
		done <- answer{path, err}
	}()
	select {
	case a := <-done:
		return a.path, a.err
	case <-ctx.Done():
		return "", ctx.Err()
	}
}
