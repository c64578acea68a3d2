// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package collect

import (
	"context"
	"slices"

	"github.com/dapr/dapr/pkg/injector/annotations"
	"golang.org/x/sync/errgroup"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/dapr"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// get is one object that is asked for by its name.
type get struct {
	snapshot.Read
	namespace, name string
}

// byName tells whether a resource is not listed but asked for by name: Secrets,
// since a list would bring all their values; what Helm keeps in Secrets;
// CustomResourceDefinitions, which are large, many, and mostly not Dapr's; and the
// control plane's own namespace.
func byName(read snapshot.Read) bool {
	switch read.Resource {
	case snapshot.Secrets, snapshot.Releases, snapshot.Definitions:
		return true
	case snapshot.Namespaces:
		return read.Place == snapshot.InControlPlane
	default:
		return false
	}
}

// gets are the objects that the reads ask for by name, once the rest was read.
func (r *reading) gets(namespaces []string) []get {
	var all []get
	for _, read := range r.Reads {
		switch {
		case read.Resource == snapshot.Definitions:
			for _, name := range dapr.Definitions() {
				all = append(all, get{read, "", name})
			}
		case read.Resource == snapshot.Secrets && read.Place == snapshot.InControlPlane:
			for _, ns := range namespaces {
				all = append(all, get{read, ns, dapr.TrustBundle})
			}
		case read.Resource == snapshot.Namespaces && read.Place == snapshot.InControlPlane:
			for _, ns := range namespaces {
				if _, known := r.facts.namespaces[ns]; !known {
					all = append(all, get{read, "", ns})
				}
			}
		case read.Resource == snapshot.Releases:
			for _, ns := range namespaces {
				all = append(all, get{read, ns, ""})
			}
		case read.Resource == snapshot.Secrets:
			all = append(all, r.facts.tokenSecrets(read)...)
		}
	}
	return all
}

// tokenSecrets are the Secrets that apps name for their tokens, each once.
func (f *facts) tokenSecrets(read snapshot.Read) []get {
	var all []get
	add := func(namespace string, set map[string]string) {
		for _, key := range []string{annotations.KeyAPITokenSecret, annotations.KeyAppTokenSecret} {
			if g := (get{read, namespace, set[key]}); g.name != "" && !slices.Contains(all, g) {
				all = append(all, g)
			}
		}
	}
	for i := range f.workloads {
		add(f.workloads[i].app.Object.Namespace, templateAnnotations(&f.workloads[i].app))
	}
	for i := range f.pods {
		add(f.pods[i].namespace, f.pods[i].Annotations)
	}
	return all
}

// each asks for objects side by side.
func (r *reading) each(ctx context.Context, gets []get) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(parallel)
	controlPlane := r.facts.controlPlane // as the lists have it: none is read any more
	for _, g := range gets {
		group.Go(func() error {
			f, err := r.one(ctx, g, controlPlane)
			r.mutex.Lock()
			defer r.mutex.Unlock()
			if err != nil {
				return r.gap(ctx, g.Read, g.namespace, g.name, err)
			}
			r.facts.merge(f)
			return nil
		})
	}
	return group.Wait()
}

// one asks for one object. That it is not there is an answer too.
func (r *reading) one(ctx context.Context, g get, controlPlane []controlPlaneWorkload) (*facts, error) {
	f := newFacts()
	switch g.Resource {
	case snapshot.Definitions:
		gvr := schema.GroupVersionResource{Group: g.Resource.Group, Version: "v1", Resource: g.Resource.Resource}
		o, err := r.lister.dynamic.Resource(gvr).Get(ctx, g.name, metav1.GetOptions{})
		if apierrors.IsNotFound(err) {
			return f, nil
		}
		if err != nil {
			return nil, err
		}
		return f, f.addLive(o, g.Read)
	case snapshot.Releases:
		ns, name, found := releaseOf(controlPlane, g.namespace)
		if !found {
			return f, nil
		}
		release, err := r.lister.release(ctx, ns, name)
		if release != nil {
			f.releases = map[string]*snapshot.Release{g.namespace: release}
		}
		return f, err
	case snapshot.Namespaces:
		o, err := r.lister.core.CoreV1().Namespaces().Get(ctx, g.name, metav1.GetOptions{})
		if err != nil {
			return nil, err
		}
		return f, f.addLive(o, g.Read)
	default:
		o, err := r.lister.core.CoreV1().Secrets(g.namespace).Get(ctx, g.name, metav1.GetOptions{})
		if apierrors.IsNotFound(err) {
			return f, nil
		}
		if err != nil {
			return nil, err
		}
		return f, f.addLive(o, g.Read)
	}
}
