// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package kustomize

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strings"

	"sigs.k8s.io/yaml"
)

// Parse reads a Component that was written here, to be added to. It refuses a folder
// with anything in it that was not, or that was changed since; no files are an empty
// Component.
func Parse(files map[string][]byte) (*Component, error) {
	c := New()
	if len(files) == 0 {
		return c, nil
	}
	files = maps.Clone(files)
	for name, text := range files {
		files[name] = bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n")) // as git may check it out
	}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		if !bytes.HasPrefix(files[name], []byte(mark)) {
			return nil, fmt.Errorf("%s was not written by this tool, which writes into a folder of its own: name another, or take the file out", name)
		}
	}
	var list componentFields
	if err := yaml.UnmarshalStrict(files[ComponentFile], &list); err != nil {
		return nil, changed(ComponentFile)
	}
	for _, name := range list.Resources {
		if err := c.read(name, files[name], true); err != nil {
			return nil, err
		}
	}
	for _, p := range list.Patches {
		if err := c.read(p.Path, files[p.Path], false); err != nil {
			return nil, err
		}
	}
	// What was changed by hand would be lost when it is written anew.
	again, err := c.Files()
	if err != nil {
		return nil, err
	}
	for _, name := range slices.Sorted(maps.Keys(again)) {
		if files[ComponentFile] != nil && !bytes.Equal(again[name], files[name]) {
			return nil, changed(name)
		}
	}
	return c, nil
}

func changed(name string) error {
	return fmt.Errorf("%s was changed since it was written, which would be lost: move the change to a patch of your own, or delete the folder and what names it", name)
}

func (c *Component) read(name string, text []byte, whole bool) error {
	e := &entry{whole: whole}
	rest, found := strings.CutPrefix(string(text), mark)
	if !found {
		return changed(ComponentFile) // it names a file that is not there
	}
	for {
		line, after, _ := strings.Cut(rest, "\n")
		comment, isComment := strings.CutPrefix(line, "# ")
		if !isComment {
			break
		}
		e.why, rest = append(e.why, comment), after
	}
	if err := yaml.UnmarshalStrict([]byte(rest), &e.fields); err != nil {
		return changed(name)
	}
	c.entries[name] = e
	return nil
}
