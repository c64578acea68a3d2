// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

// Package kustomize writes changes as a Component of kustomize, and names it in a
// kustomization. It is pure: it reads and writes no file.
package kustomize

import (
	"bytes"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"sigs.k8s.io/yaml"
)

const (
	// ComponentFile is the file of a Component that names its patches.
	ComponentFile = "kustomization.yaml"
	// mark is the first line of each file that is written here.
	mark = "# Written by kubectl dapr-prod fix, which adds to it: keep what is yours elsewhere.\n"
)

// Component is a folder that a kustomization takes in: patches of objects, and objects
// that are new. Each stands in a file of its own.
type Component struct {
	entries map[string]*entry
}

// entry is one file of a Component.
type entry struct {
	fields map[string]any
	// why are comments.
	why []string
	// whole tells that it is an object, and no patch.
	whole bool
}

// componentFields are what is written into the file of a Component.
type componentFields struct {
	APIVersion string   `json:"apiVersion"`
	Kind       string   `json:"kind"`
	Resources  []string `json:"resources,omitempty"`
	Patches    []patch  `json:"patches,omitempty"`
}

// patch is a patch of a Component.
type patch struct {
	Path   string  `json:"path"`
	Target *target `json:"target,omitempty"`
}

// target selects what a patch is for. Its name and its namespace are patterns.
type target struct {
	Group     string `json:"group,omitempty"`
	Version   string `json:"version,omitempty"`
	Kind      string `json:"kind"`
	Name      string `json:"name"`
	Namespace string `json:"namespace,omitempty"`
}

// New returns a Component that is empty.
func New() *Component { return &Component{entries: map[string]*entry{}} }

// Patch adds a patch: part of an object, with apiVersion, kind, and the name and the
// namespace that the object has where the Component is used. A patch of the same object
// that is there is added to. why says what it is for, a line each.
func (c *Component) Patch(fields map[string]any, why ...string) { c.add(fields, why, false) }

// Resource adds an object that is not there yet.
func (c *Component) Resource(fields map[string]any, why ...string) { c.add(fields, why, true) }

// Empty tells whether there is nothing in the Component.
func (c *Component) Empty() bool { return len(c.entries) == 0 }

// Clone is a Component of its own with the same in it.
func (c *Component) Clone() *Component {
	clone := New()
	for name, e := range c.entries {
		clone.entries[name] = &entry{fields: merged(nil, e.fields), why: slices.Clone(e.why), whole: e.whole}
	}
	return clone
}

func (c *Component) add(fields map[string]any, why []string, whole bool) {
	name := c.fileOf(fields)
	e := c.entries[name]
	if e == nil {
		e = &entry{whole: whole}
		c.entries[name] = e
	}
	e.fields = merged(e.fields, fields)
	for _, line := range why {
		if line = strings.Join(strings.Fields(line), " "); !slices.Contains(e.why, line) {
			e.why = append(e.why, line)
		}
	}
}

// fileOf is the file that an object stands in: the one that it has, or a new one.
func (c *Component) fileOf(fields map[string]any) string {
	for name, e := range c.entries {
		if identity(e.fields) == identity(fields) {
			return name
		}
	}
	id := identity(fields)
	for _, words := range [][]string{{id.kind, id.name}, {id.kind, id.namespace, id.name}, {id.kind, id.group, id.namespace, id.name}} {
		name := fileName(words)
		if c.entries[name] == nil {
			return name
		}
	}
	for i := 2; ; i++ {
		name := fileName([]string{id.kind, id.group, id.namespace, id.name, fmt.Sprint(i)})
		if c.entries[name] == nil {
			return name
		}
	}
}

// unfit are the characters that no name of a file is to have.
var unfit = regexp.MustCompile(`[^a-z0-9.-]+`)

func fileName(words []string) string {
	words = slices.DeleteFunc(slices.Clone(words), func(word string) bool { return word == "" })
	return strings.Trim(unfit.ReplaceAllString(strings.ToLower(strings.Join(words, "-")), "-"), ".-") + ".yaml"
}

// id is what tells objects apart.
type id struct{ group, version, kind, namespace, name string }

func identity(fields map[string]any) id {
	apiVersion, _ := fields["apiVersion"].(string)
	group, version, found := strings.Cut(apiVersion, "/")
	if !found {
		group, version = "", apiVersion
	}
	meta, _ := fields["metadata"].(map[string]any)
	is := id{group: group, version: version}
	is.kind, _ = fields["kind"].(string)
	is.namespace, _ = meta["namespace"].(string)
	is.name, _ = meta["name"].(string)
	return is
}

// merged is old with what is new; mappings are merged, and so are the elements of lists
// that have one name; all else is replaced.
func merged(old, next map[string]any) map[string]any {
	all := maps.Clone(old)
	if all == nil {
		all = map[string]any{}
	}
	for key, value := range next {
		inner, isMap := value.(map[string]any)
		list, isList := value.([]any)
		if was, wasList := all[key].([]any); isList && wasList && named(list) && named(was) {
			all[key] = mergedLists(was, list)
			continue
		}
		if !isMap {
			all[key] = value
			continue
		}
		was, _ := all[key].(map[string]any)
		all[key] = merged(was, inner)
	}
	return all
}

// named tells whether all elements of a list have a name.
func named(list []any) bool {
	return !slices.ContainsFunc(list, func(one any) bool { return nameOf(one) == "" })
}

func nameOf(element any) string {
	fields, _ := element.(map[string]any)
	name, _ := fields["name"].(string)
	return name
}

// mergedLists puts new elements first, as kustomize does with those of a patch.
func mergedLists(old, next []any) []any {
	all := slices.Clone(old)
	for _, one := range slices.Backward(next) {
		fields, _ := one.(map[string]any)
		i := slices.IndexFunc(all, func(was any) bool { return nameOf(was) == nameOf(one) })
		if i < 0 {
			all = append([]any{one}, all...)
			continue
		}
		was, _ := all[i].(map[string]any)
		all[i] = merged(was, fields)
	}
	return all
}

// Files are the files of the Component by their names, for one folder.
func (c *Component) Files() (map[string][]byte, error) {
	list := componentFields{APIVersion: "kustomize.config.k8s.io/v1alpha1", Kind: "Component"}
	files := map[string][]byte{}
	for _, name := range slices.Sorted(maps.Keys(c.entries)) {
		e := c.entries[name]
		if e.whole {
			list.Resources = append(list.Resources, name)
		} else {
			list.Patches = append(list.Patches, patch{name, targetOf(identity(e.fields))})
		}
		text, err := e.text()
		if err != nil {
			return nil, err
		}
		files[name] = text
	}
	text, err := yaml.Marshal(list)
	files[ComponentFile] = append([]byte(mark), text...)
	return files, err
}

func (e *entry) text() ([]byte, error) {
	var text bytes.Buffer
	text.WriteString(mark)
	for _, line := range e.why {
		text.WriteString("# " + line + "\n")
	}
	fields, err := yaml.Marshal(e.fields)
	text.Write(fields)
	return text.Bytes(), err
}

// targetOf is nil for the kinds that are built in: kustomize finds them by what the
// patch says, and fails where there is none. Patches of other kinds have one, since
// kustomize merges them without knowing their lists.
func targetOf(is id) *target {
	if builtIn(is.group) {
		return nil
	}
	return &target{
		Group: is.group, Version: is.version, Kind: is.kind,
		Name: regexp.QuoteMeta(is.name), Namespace: regexp.QuoteMeta(is.namespace),
	}
}

// builtIn tells whether a group is Kubernetes' own.
func builtIn(group string) bool {
	return !strings.Contains(group, ".") || strings.HasSuffix(group, ".k8s.io")
}
