// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package overlay

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/kustomize"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/textfile"
)

// OpenComponent reads the Component in a folder, which may not be there yet. It
// refuses a folder with anything else in it.
func OpenComponent(dir string) (*kustomize.Component, error) {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return kustomize.New(), nil
	}
	if err != nil {
		return nil, err
	}
	files := map[string][]byte{}
	for _, e := range entries {
		path := filepath.Join(dir, e.Name())
		switch {
		case textfile.Unfinished(e.Name()): // of a run that was killed
		case !e.Type().IsRegular():
			return nil, fmt.Errorf("%s was not written by this tool, which writes into a folder of its own: name another, or take it out", path)
		default:
			if files[e.Name()], err = os.ReadFile(path); err != nil {
				return nil, err
			}
		}
	}
	c, err := kustomize.Parse(files)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", dir, err)
	}
	return c, nil
}

// there is the Component that was written before, empty where there is none.
func (r *Runner) there() (*kustomize.Component, error) {
	return OpenComponent(r.Target())
}

// Target is the folder that the Component is written to.
func (r *Runner) Target() string { return cmp.Or(r.Into, filepath.Join(r.Overlay.Dir, Folder)) }

// WriteComponent writes a Component into a folder that is empty or holds one, and
// returns the files that are not as they were.
func WriteComponent(dir string, c *kustomize.Component) ([]string, error) {
	files, err := c.Files()
	if err != nil {
		return nil, err
	}
	return write(dir, files, kustomize.ComponentFile)
}

// Write puts the Component into the overlay, or into the folder that was named alone,
// and returns the files that were written. It refuses a kustomization that was changed
// since it was read.
func (r *Runner) Write(p *Prepared) ([]string, error) {
	if r.Into != "" {
		return WriteComponent(r.Into, p.Component)
	}
	o := r.Overlay
	if now, err := os.ReadFile(filepath.Join(o.root, o.file)); err != nil || !bytes.Equal(now, o.text) {
		return nil, fmt.Errorf("%s was changed since it was read: run it again", filepath.Join(o.Dir, o.file))
	}
	// The kustomization comes last, so that it names what is there.
	return write(o.Dir, p.Files, o.file)
}

// write writes files below a folder, those of the names in last at the end. What is as
// it should be is left alone.
func write(dir string, files map[string][]byte, last string) ([]string, error) {
	names := slices.Sorted(maps.Keys(files))
	slices.SortStableFunc(names, func(a, b string) int { return rank(a, last) - rank(b, last) })
	var written []string
	for _, name := range names {
		path := filepath.Join(dir, name)
		now, err := os.ReadFile(path)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			if err = os.MkdirAll(filepath.Dir(path), 0o755); err != nil { //nolint:gosec // as readable as the manifests around it
				return written, err
			}
			err = textfile.Create(path, files[name])
		case err != nil:
			return written, err
		case bytes.Equal(now, files[name]):
			continue
		default:
			err = textfile.Replace(path, now, files[name])
		}
		if err != nil {
			return written, fmt.Errorf("%s: %w", path, err)
		}
		written = append(written, path)
	}
	return written, nil
}

// rank puts patches before the Component that names them, and that before the
// kustomization.
func rank(name, last string) int {
	switch {
	case name == last:
		return 2
	case filepath.Base(name) == kustomize.ComponentFile:
		return 1
	default:
		return 0
	}
}
