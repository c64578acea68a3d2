// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package manifest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// ErrNoObjects tells that there is no object in the input.
var ErrNoObjects = errors.New("holds no objects")

// extensions are those of the manifests in a folder, as kubectl takes them.
var extensions = []string{".json", ".yaml", ".yml"}

// Input is where manifests are.
type Input struct {
	// Filenames are those of kubectl's -f: a file, a folder, a pattern, a URL, or
	// "-" for standard input.
	Filenames []string
	// Recursive reads the folders in folders too.
	Recursive bool
	// Stdin is standard input.
	Stdin io.Reader
	// Texts, if not nil, keeps what is read; where it holds some already, that is read
	// in place of all that the others name.
	Texts *Texts
	// Made are read before the files.
	Made []Made
	// Values, if not nil, tells whether a document that is no object is values of a
	// chart. Such are passed over where Texts are kept, which says where they are.
	Values func(tree map[string]any) bool
	// Prepare, if not nil, makes of a document what visit needs of it and takes long. It is
	// called for several at once, in any order, so it changes nothing else.
	Prepare func(*Document) any
}

// Made is a manifest that a program has made, whose lines stand in no file.
type Made struct {
	// Name is what it comes from, as reports show it.
	Name string
	Data []byte
}

// run is one reading of an Input.
type run struct {
	Input
	visit   func(*Document) error
	objects int
	// kustomization is the folder of one that was passed over.
	kustomization string
	// values tells that values of a chart were passed over.
	values bool
	errs   []error
}

// Read visits all objects of the input, in order, those in lists one by one. An
// error that visit returns is about its document, as one of Decode is, and ends
// nothing: where there are such, or where parts of the input could not be read,
// the error of Read joins an *Error for each. Any other error of Read tells that
// there was nothing to read, or that ctx ended.
func (in Input) Read(ctx context.Context, visit func(*Document) error) error {
	if err := in.check(); err != nil {
		return err
	}
	r := &run{Input: in, visit: visit}
	for src := range r.all {
		if err := r.source(ctx, src); err != nil {
			r.fail(src.name, 0, err)
		}
		if err := ctx.Err(); err != nil {
			return err
		}
	}
	if r.Texts != nil {
		r.Texts.full = true
	}
	if r.objects == 0 && len(r.errs) == 0 && !r.values {
		remedy := "name a file, folder or URL with Kubernetes manifests"
		if r.kustomization != "" {
			remedy = "have the kustomization in it built: " + build(r.kustomization)
		}
		names := slices.Clone(in.Filenames)
		for i := range names {
			names[i] = Printable(names[i])
		}
		return fmt.Errorf("the input (%s) %w: %s", strings.Join(names, ", "), ErrNoObjects, remedy)
	}
	return errors.Join(r.errs...)
}

// check refuses what cannot be read at all.
func (in Input) check() error {
	if len(in.Filenames)+len(in.Made) == 0 {
		return errors.New("no file is named: use -f")
	}
	if i := slices.Index(in.Filenames, stdin); i >= 0 && slices.Contains(in.Filenames[i+1:], stdin) {
		return errors.New("standard input (-) is named twice, and can be read once: name it once")
	}
	return nil
}

// fail notes something that could not be read.
func (r *run) fail(file string, line int, err error) {
	r.errs = append(r.errs, &Error{File: file, Line: line, Err: err})
}

// source reads one source. Its error is one of reading, not of what was read.
func (r *run) source(ctx context.Context, src source) error {
	reader, err := src.open(ctx)
	if err != nil {
		return err
	}
	defer reader.Close()
	in := io.Reader(reader)
	if r.Texts != nil && !r.Texts.full {
		text, err := io.ReadAll(reader)
		if err != nil {
			return unreadable(err)
		}
		r.Texts.keep(src, text)
		in = bytes.NewReader(text)
	}
	if err := (&stream{run: r, source: src, ctx: ctx}).read(in); err != nil {
		return unreadable(err)
	}
	return nil
}

// all are the sources of the input, in order.
func (r *run) all(yield func(source) bool) {
	if r.Texts != nil && r.Texts.full {
		for _, src := range r.Texts.sources() {
			if !yield(src) {
				return
			}
		}
		return
	}
	for _, text := range r.Made {
		if !yield(made(text)) {
			return
		}
	}
	for _, name := range r.Filenames {
		for _, src := range r.sources(name) {
			if !yield(src) {
				return
			}
		}
	}
}

// sources are what a name stands for. What cannot be read is noted.
func (r *run) sources(name string) []source {
	switch {
	case name == stdin:
		return []source{{name: name, named: true, open: r.openStdin}}
	case isURL(name):
		u, err := url.Parse(name)
		if err != nil {
			r.fail(Printable(name), 0, notURL(name, err))
			return nil
		}
		return []source{{name: Printable(name), named: true, open: func(ctx context.Context) (io.ReadCloser, error) { return get(ctx, u) }}}
	}
	names, err := paths(name)
	if err != nil {
		r.fail(Printable(name), 0, err)
		return nil
	}
	var all []source
	for _, path := range names {
		info, err := os.Stat(path)
		switch {
		case err != nil:
			r.fail(path, 0, unreadable(err))
		case info.IsDir():
			found := r.folder(path)
			if len(found) == 0 {
				r.fail(path, 0, r.emptyFolder())
			}
			all = append(all, found...)
		default:
			all = append(all, file(path, true))
		}
	}
	return all
}

// folder finds the manifests in a folder, in the order of their names. Like
// kubectl, it does not follow links to other folders.
func (r *run) folder(path string) []source {
	entries, err := os.ReadDir(path)
	if err != nil {
		r.fail(path, 0, unreadable(err))
		return nil
	}
	var all []source
	for _, e := range entries {
		inside := filepath.Join(path, e.Name())
		switch {
		case e.IsDir() && r.Recursive:
			all = append(all, r.folder(inside)...)
		case !e.IsDir() && slices.Contains(extensions, filepath.Ext(inside)):
			all = append(all, file(inside, false))
		}
	}
	return all
}

func (r *run) emptyFolder() error {
	hint := ""
	if !r.Recursive {
		hint = ", or add -R to look into the folders in it"
	}
	return fmt.Errorf("no manifest (%s) is in this folder: name another%s", strings.Join(extensions, ", "), hint)
}
