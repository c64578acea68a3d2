// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

// Package overlay builds kustomizations as kubectl does, and writes a Component of
// patches into them.
package overlay

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/kustomize/api/konfig"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/collect"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/manifest"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// Overlay is a folder with a kustomization.
type Overlay struct {
	// Dir is the folder as it was given; kustomize takes URLs of repositories, too.
	Dir string
	// root is the folder without links in its path; empty for what is not on disk.
	root string
	// file is the kustomization's, and text what is in it.
	file string
	text []byte
}

// Open looks for the kustomization in a folder.
func Open(dir string) (*Overlay, error) {
	o := &Overlay{Dir: dir}
	info, err := os.Stat(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return o, nil // a repository, or else kustomize says what it is not
	case err != nil:
		return nil, err
	case !info.IsDir():
		return nil, fmt.Errorf("-k %s is no folder: name the one that the kustomization is in", dir)
	}
	if o.root, err = filepath.Abs(dir); err != nil {
		return nil, err
	}
	if o.root, err = filepath.EvalSymlinks(o.root); err != nil {
		return nil, err
	}
	for _, name := range konfig.RecognizedKustomizationFileNames() {
		text, err := os.ReadFile(filepath.Join(o.root, name))
		switch {
		case errors.Is(err, fs.ErrNotExist):
		case err != nil:
			return nil, err
		case o.file != "":
			return nil, fmt.Errorf("both %s and %s are in %s: kustomize wants one of them", o.file, name, dir)
		default:
			o.file, o.text = name, text
		}
	}
	if o.file == "" {
		return nil, fmt.Errorf("no kustomization.yaml is in %s: name a folder that has one", dir)
	}
	return o, nil
}

// Object is an object that was built.
type Object struct {
	*unstructured.Unstructured
	// Source is the file that it was read from, where kustomize tells; else the folder
	// that was built.
	Source string
	// text is the object in JSON.
	text []byte
}

// object names it, with the namespace that it would be applied to.
func (o *Object) object(namespace string) snapshot.Object {
	named := snapshot.Object{APIVersion: o.GetAPIVersion(), Kind: o.GetKind(), Namespace: o.GetNamespace(), Name: o.GetName()}
	if named.Namespace == "" {
		named.Namespace = namespace
	}
	return named
}

// Reader reads what a kustomization builds.
type Reader struct {
	collect.Manifests
	Overlay *Overlay
}

// Read builds the kustomization and fills a snapshot with it.
func (r Reader) Read(ctx context.Context) (*snapshot.Snapshot, error) {
	built, err := r.Overlay.Build(ctx, nil)
	if err != nil {
		return nil, err
	}
	return r.read(ctx, built)
}

// read fills a snapshot with what was built.
func (r Reader) read(ctx context.Context, built []Object) (*snapshot.Snapshot, error) {
	m := r.Manifests
	m.Made = nil
	for _, o := range built {
		m.Made = append(m.Made, manifest.Made{Name: o.Source, Data: o.text})
	}
	if len(built) == 0 {
		return nil, fmt.Errorf("the kustomization in %s %w: name one that has resources", manifest.Printable(r.Overlay.Dir), manifest.ErrNoObjects)
	}
	return m.Read(ctx)
}
