// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package overlay

import (
	"path/filepath"

	"sigs.k8s.io/kustomize/kyaml/filesys"
)

// layered is the disk with files over it that are not there, or not yet.
type layered struct {
	filesys.FileSystem
	// files are by their absolute paths, without links in them.
	files map[string][]byte
}

func newLayered(root string, over map[string][]byte) layered {
	l := layered{filesys.MakeFsOnDisk(), map[string][]byte{}}
	for name, text := range over {
		l.files[filepath.Join(root, name)] = text
	}
	return l
}

// find is the text that lies over the disk at a path.
func (l layered) find(path string) ([]byte, bool) {
	path, err := filepath.Abs(path)
	text, found := l.files[path]
	return text, found && err == nil
}

// isDir tells whether a path is a folder of one of the files.
func (l layered) isDir(path string) bool {
	path, err := filepath.Abs(path)
	for name := range l.files {
		if err == nil && filepath.Dir(name) == path {
			return true
		}
	}
	return false
}

// IsDir tells whether there is a folder at a path.
func (l layered) IsDir(path string) bool { return l.isDir(path) || l.FileSystem.IsDir(path) }

// Exists tells whether there is anything at a path.
func (l layered) Exists(path string) bool {
	_, found := l.find(path)
	return found || l.isDir(path) || l.FileSystem.Exists(path)
}

// ReadFile is the text of a file.
func (l layered) ReadFile(path string) ([]byte, error) {
	if text, found := l.find(path); found {
		return text, nil
	}
	return l.FileSystem.ReadFile(path)
}

// CleanedAbs takes a path apart into a folder and a file.
func (l layered) CleanedAbs(path string) (filesys.ConfirmedDir, string, error) {
	abs, err := filepath.Abs(path)
	if _, found := l.files[abs]; found && err == nil {
		return filesys.ConfirmedDir(filepath.Dir(abs)), filepath.Base(abs), nil
	}
	if err == nil && l.isDir(abs) && !l.FileSystem.IsDir(abs) {
		return filesys.ConfirmedDir(abs), "", nil
	}
	return l.FileSystem.CleanedAbs(path)
}
