// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package manifest

import (
	"bytes"
	"context"
	"io"
	"slices"
)

// Text is one source of an input as it was read.
type Text struct {
	// Name is the source as reports show it, and the path of a file.
	Name string
	// File tells that it is a file, and neither a URL nor standard input.
	File bool
	// Content are its bytes.
	Content []byte
	// Values tells that there are values of a chart in it.
	Values bool

	named bool
}

// Texts are what an input held when it was read, so that it can be judged once more
// without asking for it once more: it may be another then, or gone. The zero Texts is
// filled by one reading, and read from by those that follow.
type Texts struct {
	all  []Text
	full bool
}

// All are the texts, in the order in which they were read.
func (t *Texts) All() []Text { return slices.Clone(t.all) }

// With are the same texts, some of which have other bytes: those of their place in All.
func (t *Texts) With(contents map[int][]byte) *Texts {
	next := &Texts{all: slices.Clone(t.all), full: true}
	for i, content := range contents {
		next.all[i].Content = content
	}
	return next
}

// keep adds a text.
func (t *Texts) keep(src source, content []byte) {
	t.all = append(t.all, Text{Name: src.name, File: src.name != stdin && !isURL(src.name), Content: content, named: src.named})
}

// sources are the texts as sources.
func (t *Texts) sources() []source {
	var all []source
	for _, text := range t.all {
		all = append(all, text.source())
	}
	return all
}

func (t Text) source() source {
	return source{name: t.Name, named: t.named, open: func(context.Context) (io.ReadCloser, error) {
		return io.NopCloser(bytes.NewReader(t.Content)), nil
	}}
}
