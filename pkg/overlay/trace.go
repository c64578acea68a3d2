// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package overlay

import (
	"cmp"
	"context"
	"fmt"
	"path"
	"regexp"
	"strconv"

	"sigs.k8s.io/kustomize/api/types"
	"sigs.k8s.io/yaml"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/kustomize"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/manifest"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

const (
	// probe is the folder of a Component that is never written.
	probe = ".dapr-prod-probe"
	// probed is the annotation that it sets.
	probed = "dapr-prod.github.io/probe"
)

// late are the fields of a kustomization that work on what its components leave.
var late = []string{
	"namePrefix", "nameSuffix", "namespace", "labels", "commonLabels", "commonAnnotations", "patches", "patchesJson6902",
	"patchesStrategicMerge", "images", "imageTags", "replicas", "replacements", "vars", "transformers", "validators", "sortOptions",
}

// trace finds out what objects are called where components are used, which is before
// the kustomization's own prefixes, namespaces and patches. It marks them there, and
// looks which mark arrives at what is built.
func (o *Overlay) trace(ctx context.Context, namespace string, wanted map[snapshot.Object]bool) (map[snapshot.Object]*Object, error) {
	before, err := o.before(ctx)
	if err != nil {
		return nil, err
	}
	kinds := map[string]bool{}
	for object := range wanted {
		kinds[object.Kind] = true
	}
	var patches []types.Patch
	var marked []*Object
	for i := range before {
		b := &before[i]
		if !kinds[b.GetKind()] {
			continue
		}
		patch, err := mark(b, strconv.Itoa(len(marked)))
		if err != nil {
			return nil, err
		}
		patches, marked = append(patches, patch), append(marked, b)
	}
	if len(marked) == 0 {
		return nil, nil
	}
	over, err := o.with(probe, map[string]any{
		"apiVersion": types.ComponentVersion, "kind": types.ComponentKind, "patches": patches,
	})
	if err != nil {
		return nil, err
	}
	built, err := o.Build(ctx, over)
	if err != nil {
		return nil, err
	}
	found := map[snapshot.Object]*Object{}
	for i := range built {
		n, err := strconv.Atoi(built[i].GetAnnotations()[probed])
		if err == nil && n >= 0 && n < len(marked) {
			found[built[i].object(namespace)] = marked[n]
		}
	}
	return found, nil
}

// mark is a patch that marks an object.
func mark(o *Object, value string) (types.Patch, error) {
	meta := map[string]any{"name": o.GetName(), "annotations": map[string]any{probed: value}}
	text, err := yaml.Marshal(map[string]any{"apiVersion": o.GetAPIVersion(), "kind": o.GetKind(), "metadata": meta})
	target := &types.Selector{}
	gvk := o.GroupVersionKind()
	target.Group, target.Version, target.Kind = gvk.Group, gvk.Version, gvk.Kind
	target.Name, target.Namespace = regexp.QuoteMeta(o.GetName()), regexp.QuoteMeta(cmp.Or(o.GetNamespace(), "default"))
	return types.Patch{Patch: string(text), Target: target}, err
}

// before are the objects as components find them.
func (o *Overlay) before(ctx context.Context) ([]Object, error) {
	var fields map[string]any
	if err := yaml.UnmarshalStrict(o.text, &fields); err != nil {
		return nil, o.unbuilt("its kustomization is malformed")
	}
	for _, field := range late {
		delete(fields, field)
	}
	text, err := yaml.Marshal(fields)
	if err != nil {
		return nil, err
	}
	return o.Build(ctx, map[string][]byte{o.file: text})
}

// with lays a Component over the folder that the kustomization names last. How it is
// written there does not matter.
func (o *Overlay) with(folder string, component map[string]any) (map[string][]byte, error) {
	var fields map[string]any
	if err := yaml.UnmarshalStrict(o.text, &fields); err != nil {
		return nil, o.unbuilt("its kustomization is malformed")
	}
	if fields == nil {
		fields = map[string]any{}
	}
	named, _ := fields["components"].([]any)
	fields["components"] = append(named, folder)
	kustomization, err := yaml.Marshal(fields)
	if err != nil {
		return nil, err
	}
	text, err := yaml.Marshal(component)
	return map[string][]byte{o.file: kustomization, path.Join(folder, kustomize.ComponentFile): text}, err
}

// local refuses what is not on this machine: nothing can be written to it.
func (o *Overlay) local() error {
	if o.root == "" {
		return fmt.Errorf("%s is no folder on this machine: get it first, or make an overlay of it", manifest.Printable(o.Dir))
	}
	return nil
}
