// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package manifest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"
)

const (
	// stdin is the file name that stands for standard input.
	stdin = "-"
	// patience is how long a URL may take to answer.
	patience = 30 * time.Second
	// longest is how many bytes a URL may answer with.
	longest = 64 << 20
)

// source is one stream of documents.
type source struct {
	// name is the source as reports show it.
	name string
	// named tells that somebody named it, and it was not found in a folder.
	named bool
	// made tells that its lines are those of no file.
	made bool
	open func(context.Context) (io.ReadCloser, error)
}

func isURL(name string) bool {
	return strings.HasPrefix(name, "http://") || strings.HasPrefix(name, "https://")
}

func file(path string, named bool) source {
	return source{name: path, named: named, open: func(context.Context) (io.ReadCloser, error) {
		f, err := os.Open(path)
		if err != nil {
			return nil, unreadable(err)
		}
		return f, nil
	}}
}

func made(text Made) source {
	return source{name: Printable(text.Name), made: true, open: func(context.Context) (io.ReadCloser, error) {
		return io.NopCloser(bytes.NewReader(text.Data)), nil
	}}
}

// unreadable leaves out the path, which the caller names.
func unreadable(err error) error {
	var known fetchError
	if errors.As(err, &known) {
		return known
	}
	var failed *fs.PathError
	if errors.As(err, &failed) {
		err = failed.Err
	}
	return fmt.Errorf("cannot be read: %w", err)
}

// openStdin reads standard input so that the end of ctx ends the wait for it.
func (in Input) openStdin(ctx context.Context) (io.ReadCloser, error) {
	if in.Stdin == nil {
		return io.NopCloser(strings.NewReader("")), nil
	}
	out, into := io.Pipe()
	go func() {
		_, err := io.Copy(into, in.Stdin)
		_ = into.CloseWithError(err)
	}()
	stop := context.AfterFunc(ctx, func() { _ = out.CloseWithError(ctx.Err()) })
	return pipeEnd{out, stop}, nil
}

// pipeEnd no longer waits for the end of a context once it is closed.
type pipeEnd struct {
	*io.PipeReader
	stop func() bool
}

func (p pipeEnd) Close() error {
	p.stop()
	return p.PipeReader.Close()
}

// get asks for a URL once.
func get(ctx context.Context, u *url.URL) (io.ReadCloser, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return nil, unfetched(err)
	}
	response, err := (&http.Client{Timeout: patience}).Do(request)
	if err != nil {
		return nil, unfetched(err)
	}
	if response.StatusCode != http.StatusOK {
		_ = response.Body.Close()
		return nil, fmt.Errorf("the server answers %s: check the URL", response.Status)
	}
	return &body{response.Body, longest}, nil
}

// body is what a URL answers with, up to a length.
type body struct {
	io.ReadCloser
	left int
}

func (b *body) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if b.left -= n; b.left < 0 {
		return 0, fetchError(fmt.Sprintf("is longer than %d MiB: download it first", longest>>20))
	}
	if err != nil && !errors.Is(err, io.EOF) {
		err = unfetched(err)
	}
	return n, err
}

// Named returns an error for the first of these names of an input that is no file, no
// folder and no pattern of any. It reads nothing: what takes long may ask it before.
func Named(filenames []string) error {
	for _, name := range filenames {
		if name == stdin || isURL(name) {
			continue
		}
		if _, err := paths(name); err != nil {
			return &Error{File: Printable(name), Err: err}
		}
	}
	return nil
}

// paths are the files and folders that a name stands for, at least one.
func paths(name string) ([]string, error) {
	if _, err := os.Stat(name); !errors.Is(err, fs.ErrNotExist) {
		return []string{name}, nil
	}
	names, err := filepath.Glob(name)
	switch {
	case err != nil:
		return nil, errors.New("neither a file nor a pattern: close what [ or \\ opens")
	case len(names) == 0:
		return nil, errors.New("no such file or folder: check the path")
	}
	return names, nil
}
