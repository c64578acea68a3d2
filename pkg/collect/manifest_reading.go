// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package collect

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/manifest"
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
}

func newManifestReading(m Manifests) *manifestReading {
	return &manifestReading{
		Manifests: m,
		shared:    newFacts(),
		where:     map[identity]int{},
		seen:      map[string]bool{},
	}
}

// prepared is an object of a document and where it stands, or what is wrong with it; it
// is nil for kinds that nobody looks at.
type prepared struct {
	object
	source snapshot.Source
	err    error
}

// prepare makes the object of a document.
func (r *manifestReading) prepare(doc *manifest.Document) any {
	o, err := decode(doc)
	switch {
	case err != nil || o == nil:
		return prepared{err: err}
	case o.GetName() == "":
		return prepared{err: errors.New("metadata.name is missing: name the object")}
	}
	if err := r.place(doc.Kind, o); err != nil {
		return prepared{err: err}
	}
	src := snapshot.Source{File: doc.File, Line: doc.Line(), Spot: doc.Spot}
	if doc.Mentions("dapr.io") && !ofTemplate(o) {
		// Only then can there be a finding that needs them.
		src.Fields = doc.Lines(objectFields)
	}
	return prepared{object: o, source: src}
}

// ofTemplate tells whether an object is a Pod that Kubernetes made of a template: nobody
// edits a line of it.
func ofTemplate(o object) bool {
	owner := metav1.GetControllerOfNoCopy(o)
	_, isPod := o.(*corev1.Pod)
	return isPod && owner != nil && slices.Contains([]string{"ReplicaSet", "StatefulSet", "DaemonSet", "Job"}, owner.Kind)
}

// object takes the facts of one object.
func (r *manifestReading) object(doc *manifest.Document) error {
	p := doc.Prepared.(prepared)
	if p.err != nil || p.object == nil {
		return p.err
	}
	f := &facts{links: r.shared.links, namespaces: r.shared.namespaces, sidecars: r.shared.sidecars}
	if err := f.add(p.object, p.source); err != nil {
		return err
	}
	r.seen[doc.Kind] = true
	f.links, f.namespaces, f.sidecars = nil, nil, nil // they are in shared
	r.keep(doc, p.object, f)
	return nil
}

// keep replaces the facts of the same object, if it came before.
func (r *manifestReading) keep(doc *manifest.Document, o object, f *facts) {
	group, _, found := strings.Cut(doc.APIVersion, "/")
	if !found {
		group = ""
	}
	if group == "extensions" {
		group = "apps"
	}
	id := identity{schema.GroupKind{Group: group, Kind: doc.Kind}, o.GetNamespace(), o.GetName()}
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
