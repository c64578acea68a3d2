// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package collect

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

const (
	// stdin is the file name that stands for standard input.
	stdin = "-"
	// patience is how long a URL may take to answer.
	patience = 30 * time.Second
)

// extensions are those of the manifests in a folder, as kubectl takes them.
var extensions = []string{".json", ".yaml", ".yml"}

// input is one stream of documents.
type input struct {
	// name is the input as reports show it.
	name string
	// explicit tells that it was named, and not found in a folder.
	explicit bool
	open     func(context.Context) (io.ReadCloser, error)
}

// inputs are what a name given with -f stands for. What cannot be read is noted.
func (r *manifestReading) inputs(name string) []input {
	switch {
	case name == stdin:
		return []input{{name, true, r.openStdin}}
	case strings.HasPrefix(name, "http://"), strings.HasPrefix(name, "https://"):
		u, err := url.Parse(name)
		if err != nil {
			_, host, _ := strings.Cut(name, "@") // what stands before may be a password
			r.fail(cmp.Or(host, name), 0, fmt.Errorf("not a URL: %w", errors.Unwrap(err)))
			return nil
		}
		return []input{{u.Redacted(), true, func(ctx context.Context) (io.ReadCloser, error) { return get(ctx, u) }}}
	}
	names := []string{name}
	if _, err := os.Stat(name); errors.Is(err, fs.ErrNotExist) {
		if names, err = filepath.Glob(name); err != nil {
			r.fail(name, 0, errors.New("neither a file nor a pattern: close what [ or \\ opens"))
			return nil
		}
		if len(names) == 0 {
			r.fail(name, 0, errors.New("no such file or folder: check the path"))
			return nil
		}
	}
	var all []input
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
func (r *manifestReading) folder(path string) []input {
	entries, err := os.ReadDir(path)
	if err != nil {
		r.fail(path, 0, unreadable(err))
		return nil
	}
	var all []input
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

func (r *manifestReading) emptyFolder() error {
	hint := ""
	if !r.Recursive {
		hint = ", or add -R to look into the folders in it"
	}
	return fmt.Errorf("no manifest (%s) is in this folder: name another%s", strings.Join(extensions, ", "), hint)
}

func file(path string, explicit bool) input {
	return input{path, explicit, func(context.Context) (io.ReadCloser, error) {
		f, err := os.Open(path)
		if err != nil {
			return nil, unreadable(err)
		}
		return f, nil
	}}
}

// unreadable leaves out the path, which the caller names.
func unreadable(err error) error {
	var failed *fs.PathError
	if errors.As(err, &failed) {
		err = failed.Err
	}
	return fmt.Errorf("cannot be read: %w", err)
}

// openStdin reads standard input so that the end of ctx ends the wait for it.
func (r *manifestReading) openStdin(ctx context.Context) (io.ReadCloser, error) {
	if r.In == nil {
		return io.NopCloser(strings.NewReader("")), nil
	}
	out, in := io.Pipe()
	go func() {
		_, err := io.Copy(in, r.In)
		in.CloseWithError(err)
	}()
	stop := context.AfterFunc(ctx, func() { out.CloseWithError(ctx.Err()) })
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
		return nil, err
	}
	response, err := (&http.Client{Timeout: patience}).Do(request)
	if err != nil {
		var failed *url.Error
		if errors.As(err, &failed) {
			err = failed.Err // without the URL, which the caller names
		}
		return nil, fmt.Errorf("cannot be fetched: %w", err)
	}
	if response.StatusCode != http.StatusOK {
		response.Body.Close()
		return nil, fmt.Errorf("the server answers %s: check the URL", response.Status)
	}
	return response.Body, nil
}
