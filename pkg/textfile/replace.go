// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

// Package textfile puts other bytes into a file of which somebody has read what is in
// it: all of them or none, whatever happens meanwhile.
package textfile

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

// Why a file is left as it is.
var (
	// ErrChanged says that the file is not what was read.
	ErrChanged = errors.New("it was changed since it was read: run it again")
	// ErrNotRegular says that it is a pipe, a device or the like.
	ErrNotRegular = errors.New("it is no regular file: name one")
	// ErrLinked says that the file has other names, which would keep what was.
	ErrLinked = errors.New("it has other names (hard links), which would keep the old text: copy it first")
)

// Replace puts next into a file that holds was. The bytes are written to a new file
// beside it, which then takes its place, with its mode and its owner. Of a symbolic
// link the file is replaced that it leads to. A file that holds something else than
// was, that may not be written, or that has other names, is left as it is.
func Replace(path string, was, next []byte) error {
	target, err := filepath.EvalSymlinks(path)
	if err != nil {
		return plain(err)
	}
	info, err := unchanged(target, was)
	if err != nil {
		return err
	}
	// Renaming asks the folder alone whether it may be written.
	writable, err := os.OpenFile(target, os.O_WRONLY, 0)
	if err != nil {
		return plain(err)
	}
	if err := writable.Close(); err != nil {
		return plain(err)
	}
	beside, err := temporary(target, next, func(f *os.File) error {
		if err := own(f, info); err != nil {
			return err
		}
		// After the owner: changing that takes the bits for set-user-ID away.
		return f.Chmod(info.Mode())
	})
	if err != nil {
		return err
	}
	if _, err = unchanged(target, was); err == nil {
		err = os.Rename(beside, target)
	}
	if err != nil {
		return errors.Join(plain(err), plain(os.Remove(beside)))
	}
	return plain(SyncFolder(filepath.Dir(target)))
}

// Create writes a file that is not there yet, whole or not at all, so that everybody may
// read it. It is ErrChanged if there is one by now.
func Create(path string, content []byte) error { return create(path, content, 0o644) }

// CreateSecret is Create for a file that its owner alone may read. Once it returns without
// an error, the file outlasts a crash.
func CreateSecret(path string, content []byte) error { return create(path, content, 0o600) }

func create(path string, content []byte, mode fs.FileMode) error {
	beside, err := temporary(path, content, func(f *os.File) error { return f.Chmod(mode) })
	if err != nil {
		return err
	}
	// A link is made where there is no file, or not at all: of two that write the same one
	// neither takes it from the other.
	switch err = os.Link(beside, path); {
	case err == nil:
		err = os.Remove(beside)
	case errors.Is(err, fs.ErrExist):
		err = errors.Join(ErrChanged, plain(os.Remove(beside)))
	default: // a file system without them
		err = rename(beside, path)
	}
	if err != nil {
		return plain(err)
	}
	return plain(SyncFolder(filepath.Dir(path)))
}

// rename gives a file another name, which no file has.
func rename(from, to string) error {
	_, err := os.Lstat(to)
	switch {
	case err == nil:
		err = ErrChanged
	case errors.Is(err, fs.ErrNotExist):
		err = os.Rename(from, to)
	}
	if err != nil {
		return errors.Join(plain(err), plain(os.Remove(from)))
	}
	return nil
}

// Put makes a file hold content, whatever it held before, whole or not at all. One that is
// there keeps its mode and its owner.
func Put(path string, content []byte) error {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return Create(path, content)
	case err != nil:
		return plain(err)
	case !info.Mode().IsRegular():
		return ErrNotRegular // reading a pipe would never end
	}
	was, err := os.ReadFile(path)
	if err != nil {
		return plain(err)
	}
	return Replace(path, was, content)
}

// unfinished begins the names of files that are not whole yet.
const unfinished = ".dapr-prod-new-"

// Unfinished tells whether a file, by its name, was left by a run that was killed.
func Unfinished(name string) bool { return strings.HasPrefix(name, unfinished) }

// unchanged tells whether a regular file holds what was read.
func unchanged(path string, was []byte) (fs.FileInfo, error) {
	info, err := os.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, ErrChanged
	case err != nil:
		return nil, plain(err)
	case !info.Mode().IsRegular():
		return nil, ErrNotRegular
	case links(info) > 1:
		return nil, ErrLinked
	}
	is, err := os.ReadFile(path)
	switch {
	case err != nil:
		return nil, plain(err)
	case !bytes.Equal(is, was):
		return nil, ErrChanged
	}
	return info, nil
}

// temporary makes the new file beside the one that it is to be; like makes it like that.
func temporary(target string, content []byte, like func(*os.File) error) (path string, err error) {
	beside, err := os.CreateTemp(filepath.Dir(target), unfinished+"*")
	if err != nil {
		return "", fmt.Errorf("no file can be made beside it: %w", plain(err))
	}
	defer func() {
		if err != nil {
			err = errors.Join(plain(err), plain(os.Remove(beside.Name())))
		}
	}()
	_, err = beside.Write(content)
	if err == nil {
		err = like(beside)
	}
	if err == nil {
		err = beside.Sync()
	}
	if closed := beside.Close(); err == nil {
		err = closed
	}
	return beside.Name(), err
}

// plain leaves the path out of an error, which the caller names.
func plain(err error) error {
	var failed *fs.PathError
	var linked *os.LinkError
	switch {
	case errors.As(err, &failed):
		return fmt.Errorf("it cannot be written: %w", failed.Err)
	case errors.As(err, &linked):
		return fmt.Errorf("it cannot be written: %w", linked.Err)
	}
	return err
}

// SyncFolder makes the entries of a folder last. Windows has no such call.
func SyncFolder(path string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	folder, err := os.Open(path)
	if err != nil {
		return err
	}
	defer folder.Close()
	return folder.Sync()
}
