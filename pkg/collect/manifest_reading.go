// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package collect

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// identity is what two documents have in common that are the same object.
type identity struct {
	schema.GroupKind
	namespace, name string
}

// manifestReading is one run of Manifests.
type manifestReading struct {
	Manifests
	// shared is what facts of all objects have in common.
	shared *facts
	// kept are the facts of each object, in order; where tells which, so that an
	// object that comes twice counts as it came last.
	kept  []*facts
	where map[identity]int
	// seen are the kinds that the input holds.
	seen map[string]bool
	// deselected are the workloads that the selector leaves out.
	deselected map[snapshot.Object]bool
	objects    int
	// kustomized is a kustomization that was passed over.
	kustomized string
	errs       []error
}

func newManifestReading(m Manifests) *manifestReading {
	return &manifestReading{
		Manifests:  m,
		shared:     newFacts(),
		where:      map[identity]int{},
		seen:       map[string]bool{},
		deselected: map[snapshot.Object]bool{},
	}
}

// fail notes something that could not be read.
func (r *manifestReading) fail(file string, line int, err error) {
	r.errs = append(r.errs, &DocumentError{File: file, Line: line, Err: err})
}

// read takes in one input. Its error is one of reading.
func (r *manifestReading) read(ctx context.Context, in input) error {
	reader, err := in.open(ctx)
	if err != nil {
		return err
	}
	defer reader.Close()
	d := &documents{
		ctx: ctx,
		visit: func(doc document) error {
			if isKustomization(in.name, doc.header) {
				r.kustomization(in, doc)
				return nil
			}
			var broken *malformed
			err := r.object(in.name, doc)
			switch {
			case errors.As(err, &broken):
				return broken
			case err != nil:
				why := doc.explain(err)
				r.fail(in.name, why.line, titled(doc.title(), why.err))
			}
			return nil
		},
		bad: func(doc document, err error) {
			if errors.Is(err, errNotAnObject) && isKustomization(in.name, doc.header) {
				r.kustomization(in, doc)
				return
			}
			r.fail(in.name, doc.line, titled(doc.title(), err))
		},
	}
	if err := d.read(reader); err != nil {
		return unreadable(err)
	}
	return nil
}

// titled puts the name of the object before an error that does not bear it.
func titled(title string, err error) error {
	if title == "" || strings.HasPrefix(err.Error(), title) {
		return err
	}
	return fmt.Errorf("%s: %w", title, err)
}

// isKustomization tells whether a document is kustomize's, which needs neither
// apiVersion nor kind in a file of that name.
func isKustomization(file string, h header) bool {
	if h == (header{}) {
		return slices.Contains([]string{"kustomization.yaml", "kustomization.yml", "Kustomization"}, filepath.Base(file))
	}
	return strings.HasPrefix(h.apiVersion, "kustomize.config.k8s.io/")
}

// kustomization passes over a kustomization that lies among manifests; one that
// was named itself cannot be read this way.
func (r *manifestReading) kustomization(in input, doc document) {
	r.kustomized = filepath.Dir(in.name)
	if in.explicit {
		r.fail(in.name, doc.line, fmt.Errorf("a kustomization is not a manifest: read it with -k %s", r.kustomized))
	}
}

// object takes the facts of one object.
func (r *manifestReading) object(file string, doc document) error {
	o, err := doc.decode()
	if err != nil {
		return err
	}
	r.objects++
	if o == nil {
		return nil
	}
	if o.GetName() == "" {
		return errors.New("metadata.name is missing: name the object")
	}
	if err := r.place(doc.kind, o); err != nil {
		return err
	}
	src := snapshot.Source{File: file, Line: doc.line}
	if doc.exact {
		src.Fields = linesOf(doc.at)
	}
	f := &facts{links: r.shared.links, namespaces: r.shared.namespaces, sidecars: r.shared.sidecars}
	if err := f.add(o, src); err != nil {
		return err
	}
	r.seen[doc.kind] = true
	for _, w := range f.workloads {
		if r.Selector.Matches(labels.Set(w.labels)) {
			delete(r.deselected, w.app.Object)
		} else {
			r.deselected[w.app.Object] = true
		}
	}
	f.links, f.namespaces, f.sidecars = nil, nil, nil // they are in shared
	r.keep(doc, o, f)
	return nil
}

// keep replaces the facts of the same object, if it came before.
func (r *manifestReading) keep(doc document, o object, f *facts) {
	group, _, found := strings.Cut(doc.apiVersion, "/")
	if !found {
		group = ""
	}
	if group == "extensions" {
		group = "apps"
	}
	id := identity{schema.GroupKind{Group: group, Kind: doc.kind}, o.GetNamespace(), o.GetName()}
	i, found := r.where[id]
	if found && o.GetGenerateName() != o.GetName() {
		r.kept[i] = f
		return
	}
	r.where[id] = len(r.kept)
	r.kept = append(r.kept, f)
}

// place puts an object into the namespace that it would be applied to.
func (r *manifestReading) place(kind string, o object) error {
	ns := o.GetNamespace()
	switch {
	case clusterScoped(kind):
		o.SetNamespace("")
	case ns == "":
		o.SetNamespace(r.Namespace)
	case r.Enforced && ns != r.Namespace:
		return fmt.Errorf("its namespace %q is not %q, the one that was asked for: pass --namespace=%s, or none", ns, r.Namespace, ns)
	}
	return nil
}

// join puts the facts of all objects together.
func (r *manifestReading) join() *facts {
	all := r.shared
	for _, f := range r.kept {
		all.merge(f)
	}
	return all
}
