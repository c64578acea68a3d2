// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package textfile_test

import (
	"errors"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/textfile"
)

// TestCreate: a new file is whole and for all to read, one that is there stays as it is,
// and nothing is left beside either.
func TestCreate(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	path := filepath.Join(folder, "new.yaml")
	if err := textfile.Create(path, []byte("a: 1\n")); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o644 {
		t.Errorf("%v %v", info.Mode(), err)
	}
	if err := textfile.Create(path, []byte("a: 2\n")); !errors.Is(err, textfile.ErrChanged) {
		t.Errorf("over one that is there: %v", err)
	}
	if text, err := os.ReadFile(path); err != nil || string(text) != "a: 1\n" {
		t.Errorf("it holds %q, %v", text, err)
	}
	if entries, err := os.ReadDir(folder); err != nil || len(entries) != 1 {
		t.Errorf("beside it: %v %v", entries, err)
	}
	if err := textfile.Create(filepath.Join(folder, "none", "new.yaml"), nil); err == nil {
		t.Error("a file in no folder is made")
	}
}

// TestCreateSecret: what is secret is for its owner alone, and of those who write it at the
// same time one does.
func TestCreateSecret(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "secrets.yaml")
	var group sync.WaitGroup
	var made atomic.Int32
	for i := range 8 {
		group.Go(func() {
			switch err := textfile.CreateSecret(path, []byte{byte('0' + i)}); {
			case err == nil:
				made.Add(1)
			case !errors.Is(err, textfile.ErrChanged):
				t.Error(err)
			}
		})
	}
	group.Wait()
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 || made.Load() != 1 {
		t.Errorf("%v %v, made %d times", info, err, made.Load())
	}
	if entries, err := os.ReadDir(filepath.Dir(path)); err != nil || len(entries) != 1 {
		t.Errorf("beside it: %v %v", entries, err)
	}
}

// TestPut: a file is made, or gets another text and keeps its mode; what is no file is
// left alone, and nothing is left beside it.
func TestPut(t *testing.T) {
	t.Parallel()
	path := made(t, 0o600)
	fresh := filepath.Join(filepath.Dir(path), "fresh")
	for _, name := range []string{path, fresh, fresh} {
		if err := textfile.Put(name, []byte("put\n")); err != nil {
			t.Fatal(err)
		}
		if text, err := os.ReadFile(name); err != nil || string(text) != "put\n" {
			t.Errorf("it holds %q, %v", text, err)
		}
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v %v", info.Mode(), err)
	}
	for _, name := range []string{filepath.Dir(path), os.DevNull} {
		if err := textfile.Put(name, nil); !errors.Is(err, textfile.ErrNotRegular) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := textfile.Put(filepath.Join(filepath.Dir(path), "none", "new"), nil); err == nil {
		t.Error("a file in no folder is made")
	}
	if entries, err := os.ReadDir(filepath.Dir(path)); err != nil || len(entries) != 2 {
		t.Errorf("beside it: %v %v", entries, err)
	}
}
