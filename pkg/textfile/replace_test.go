// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

//go:build unix

package textfile_test

import (
	"errors"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"testing"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/textfile"
)

const was, next = "a: 1\n", "a: 2\n"

// made is a file in a folder of its own.
func made(t *testing.T, mode os.FileMode) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "app.yaml")
	if err := os.WriteFile(path, []byte(was), mode); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, mode); err != nil {
		t.Fatal(err)
	}
	return path
}

// holds holds what is in a file, and that nothing else is beside it.
func holds(t *testing.T, path, want string) {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil || string(content) != want {
		t.Errorf("%q %v, want %q", content, err, want)
	}
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil || len(entries) != 1 {
		t.Errorf("%v are in the folder (%v)", entries, err)
	}
}

func TestModeAndOwner(t *testing.T) {
	t.Parallel()
	for _, mode := range []os.FileMode{0o600, 0o644, 0o755, 0o666, 0o640 | os.ModeSetgid} {
		path := made(t, mode)
		if os.Getuid() == 0 {
			if err := os.Chown(path, 1234, 2345); err != nil {
				t.Fatal(err)
			}
			if err := os.Chmod(path, mode); err != nil {
				t.Fatal(err)
			}
		}
		before, _ := os.Stat(path)
		if err := textfile.Replace(path, []byte(was), []byte(next)); err != nil {
			t.Fatal(err)
		}
		holds(t, path, next)
		after, _ := os.Stat(path)
		a, b := before.Sys().(*syscall.Stat_t), after.Sys().(*syscall.Stat_t)
		if before.Mode() != after.Mode() || a.Uid != b.Uid || a.Gid != b.Gid {
			t.Errorf("%v %d:%d became %v %d:%d", before.Mode(), a.Uid, a.Gid, after.Mode(), b.Uid, b.Gid)
		}
	}
}

func TestLinks(t *testing.T) {
	t.Parallel()
	path := made(t, 0o644)
	link := filepath.Join(t.TempDir(), "link.yaml")
	other := filepath.Join(filepath.Dir(link), "other.yaml")
	if err := errors.Join(os.Symlink(path, other), os.Symlink("other.yaml", link)); err != nil {
		t.Fatal(err)
	}
	if err := textfile.Replace(link, []byte(was), []byte(next)); err != nil {
		t.Fatal(err)
	}
	holds(t, path, next)
	if to, err := os.Readlink(link); err != nil || to != "other.yaml" {
		t.Errorf("the link leads to %q (%v)", to, err)
	}

	if err := os.Link(path, filepath.Join(filepath.Dir(link), "hard.yaml")); err != nil {
		t.Fatal(err)
	}
	if err := textfile.Replace(path, []byte(next), []byte(was)); !errors.Is(err, textfile.ErrLinked) {
		t.Errorf("a file with another name: %v", err)
	}
	holds(t, path, next)
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if err := textfile.Replace(link, []byte(was), []byte(next)); err == nil {
		t.Error("a link that leads nowhere was written")
	}
}

func TestLeftAlone(t *testing.T) {
	t.Parallel()
	changed := made(t, 0o644)
	if err := textfile.Replace(changed, []byte("a: 0\n"), []byte(next)); !errors.Is(err, textfile.ErrChanged) {
		t.Errorf("changed: %v", err)
	}
	holds(t, changed, was)

	pipe := filepath.Join(t.TempDir(), "pipe.yaml")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := textfile.Replace(pipe, []byte(was), []byte(next)); !errors.Is(err, textfile.ErrNotRegular) {
		t.Errorf("a pipe: %v", err)
	}
	if err := textfile.Replace("/dev/null", nil, []byte(next)); !errors.Is(err, textfile.ErrNotRegular) {
		t.Errorf("a device: %v", err)
	}
	if err := textfile.Replace(t.TempDir(), nil, []byte(next)); !errors.Is(err, textfile.ErrNotRegular) {
		t.Errorf("a folder: %v", err)
	}
	if os.Getuid() == 0 {
		return // who may write everything
	}
	readOnly := made(t, 0o444)
	if err := textfile.Replace(readOnly, []byte(was), []byte(next)); !errors.Is(err, os.ErrPermission) {
		t.Errorf("read only: %v", err)
	}
	holds(t, readOnly, was)
	folder := filepath.Dir(made(t, 0o644))
	if err := os.Chmod(folder, 0o500); err != nil {
		t.Fatal(err)
	}
	if err := textfile.Replace(filepath.Join(folder, "app.yaml"), []byte(was), []byte(next)); !errors.Is(err, os.ErrPermission) {
		t.Errorf("in a folder that is read only: %v", err)
	}
	holds(t, filepath.Join(folder, "app.yaml"), was)
}

// TestAtOnce has several write the same file: one wins, and what is there is whole.
func TestAtOnce(t *testing.T) {
	t.Parallel()
	path := made(t, 0o644)
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			if err := textfile.Replace(path, []byte(was), []byte(next)); err != nil && !errors.Is(err, textfile.ErrChanged) {
				t.Error(err)
			}
		})
	}
	group.Wait()
	holds(t, path, next)
}
