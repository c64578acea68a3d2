// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package overlay

import (
	"context"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/json"
	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/api/resmap"
	"sigs.k8s.io/kustomize/api/types"
	"sigs.k8s.io/kustomize/kyaml/filesys"
	"sigs.k8s.io/yaml"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/manifest"
)

// patience is how long a build may take: bases may be fetched from elsewhere.
const patience = 2 * time.Minute

// building lets one build run at a time: kustomize keeps schemas in a variable.
var building = make(chan struct{}, 1)

// Build builds the kustomization as kubectl does. over are files that lie over those of
// the folder, by their paths in it. Remote bases are kustomize's business; a build that
// does not end is left behind.
func (o *Overlay) Build(ctx context.Context, over map[string][]byte) ([]Object, error) {
	waiting, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	type answer struct {
		built []Object
		err   error
	}
	answers := make(chan answer, 1)
	go func() {
		select {
		case building <- struct{}{}:
			defer func() { <-building }()
			built, err := o.build(over)
			answers <- answer{built, err}
		case <-waiting.Done():
		}
	}()
	select {
	case a := <-answers:
		return a.built, a.err
	case <-waiting.Done():
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return nil, fmt.Errorf("kustomize has not built %s within %s: look at its remote bases, and copy them into a folder", manifest.Printable(o.Dir), patience)
	}
}

func (o *Overlay) build(over map[string][]byte) (built []Object, err error) {
	// Its parsers are known to panic over what is no manifest.
	defer func() {
		if recover() != nil {
			built, err = nil, o.unbuilt("it fails over what is in a file")
		}
	}()
	options := krusty.MakeDefaultOptions()
	options.Reorder = krusty.ReorderOptionLegacy // as kubectl does
	disk := filesys.MakeFsOnDisk()
	path, asked := o.Dir, true
	if o.root != "" {
		over = maps.Clone(over)
		if over == nil {
			over = map[string][]byte{}
		}
		if over[o.file] == nil {
			over[o.file] = o.text
		}
		over[o.file], asked = withOrigins(over[o.file])
		disk, path = newLayered(o.root, over), o.root
	}
	all, err := krusty.MakeKustomizer(options).Run(disk, path)
	if err != nil {
		return nil, o.explain(err)
	}
	return o.objects(all, asked)
}

// objects are what was built. asked tells that the kustomization itself wants to know
// where they come from.
func (o *Overlay) objects(all resmap.ResMap, asked bool) ([]Object, error) {
	sources := make([]string, all.Size())
	for i, r := range all.Resources() {
		sources[i] = o.Dir
		origin, err := r.GetOrigin()
		switch {
		case err != nil || origin == nil:
		case origin.Repo != "":
			sources[i] = origin.Repo + "//" + origin.Path
		case origin.Path != "" && o.root != "":
			sources[i] = filepath.Join(o.Dir, origin.Path)
		case origin.ConfiguredIn != "" && o.root != "":
			sources[i] = filepath.Join(o.Dir, origin.ConfiguredIn)
		}
	}
	if !asked {
		if err := all.RemoveOriginAnnotations(); err != nil {
			return nil, o.explain(err)
		}
	}
	var built []Object
	for i, r := range all.Resources() {
		text, err := r.MarshalJSON()
		if err != nil {
			return nil, o.explain(err)
		}
		var fields map[string]any
		if err := json.Unmarshal(text, &fields); err != nil {
			return nil, o.explain(err)
		}
		built = append(built, Object{&unstructured.Unstructured{Object: fields}, sources[i], text})
	}
	return built, nil
}

// withOrigins asks kustomize where its objects come from, unless that was asked already.
func withOrigins(text []byte) (with []byte, asked bool) {
	var fields map[string]any
	if yaml.UnmarshalStrict(text, &fields) != nil || fields == nil {
		return text, true // kustomize says what is wrong with it
	}
	list, isList := fields["buildMetadata"].([]any)
	if fields["buildMetadata"] != nil && !isList || slices.Contains(list, any(types.OriginAnnotations)) {
		return text, true
	}
	fields["buildMetadata"] = append(slices.Clip(list), types.OriginAnnotations)
	with, err := yaml.Marshal(fields)
	if err != nil {
		return text, true
	}
	return with, false
}
