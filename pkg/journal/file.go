// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package journal

import (
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/types"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/textfile"
)

const saltSize = 16

// Journal is a journal being written. It may be used by several at a time.
type Journal struct {
	mutex  sync.Mutex
	file   *os.File
	salt   []byte
	writes int
	// refused counts the writes that the server did not take.
	refused int
	// broken is the first error: after it the file may end in half a line.
	broken error
}

// Folder is where journals are kept: below $XDG_STATE_HOME, or below the home folder
// where that is empty or no absolute path.
func Folder(stateHome, home string) string {
	if !filepath.IsAbs(stateHome) {
		stateHome = filepath.Join(home, ".local", "state")
	}
	return filepath.Join(stateHome, "kubectl-dapr-prod")
}

// NewPath is the path of a new journal in a folder. The names of a folder sort by
// their time.
func NewPath(folder string, now time.Time) string {
	random := make([]byte, 4)
	rand.Read(random)
	return filepath.Join(folder, now.UTC().Format("20060102T150405Z")+"-"+hex.EncodeToString(random)+".jsonl")
}

// Create begins a journal in a new file that only its owner may read, and the
// folders above it that are missing. Format and Salt of h are filled in.
func Create(path string, h Header) (*Journal, error) {
	h.Format, h.Salt = Format, make([]byte, saltSize)
	rand.Read(h.Salt)
	missing := missingFolders(filepath.Dir(path))
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fmt.Errorf("cannot make the folder of the journal: %w", err)
	}
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, fmt.Errorf("cannot create the journal: %w", err)
	}
	j := &Journal{file: file, salt: h.Salt}
	err = j.append(line{Journal: &h})
	for _, folder := range append(missing, filepath.Dir(path)) {
		if err == nil {
			err = textfile.SyncFolder(folder)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("cannot write the journal: %w", errors.Join(err, file.Close()))
	}
	return j, nil
}

// missingFolders are the parents of those folders that are still to be made: each
// gets an entry.
func missingFolders(folder string) []string {
	var parents []string
	for {
		if _, err := os.Stat(folder); err == nil || filepath.Dir(folder) == folder {
			return parents
		}
		folder = filepath.Dir(folder)
		parents = append(parents, folder)
	}
}

// Path is the file that is written.
func (j *Journal) Path() string { return j.file.Name() }

// Begin notes a write that is about to be made and returns its number. It is an
// UndoError if a field's value before could not be restored from what may be kept.
func (j *Journal) Begin(object snapshot.Object, uid types.UID, path string, fields []Change) (int, error) {
	j.mutex.Lock()
	defer j.mutex.Unlock()
	w := &Write{ID: j.writes + 1, Object: object, UID: uid, Path: path, salt: j.salt}
	for _, c := range fields {
		f, err := w.keep(c)
		if err != nil {
			return 0, err
		}
		w.Fields = append(w.Fields, f)
	}
	return j.begin(w)
}

// BeginCreation notes that an object is about to be made and returns the number of
// that write. The content is kept as it is: nothing in it may be secret.
func (j *Journal) BeginCreation(object snapshot.Object, content map[string]any) (int, error) {
	if content["data"] != nil || content["stringData"] != nil {
		return 0, fmt.Errorf("%s: what it holds is not for a journal", object)
	}
	j.mutex.Lock()
	defer j.mutex.Unlock()
	return j.begin(&Write{ID: j.writes + 1, Object: object, Content: content})
}

// BeginRemoval notes that a Secret with random tokens under these keys is about to be
// deleted, and returns the number of that write.
func (j *Journal) BeginRemoval(object snapshot.Object, uid types.UID, keys []string) (int, error) {
	j.mutex.Lock()
	defer j.mutex.Unlock()
	return j.begin(&Write{ID: j.writes + 1, Object: object, UID: uid, Removed: keys})
}

func (j *Journal) begin(w *Write) (int, error) {
	if err := j.append(line{Write: w}); err != nil {
		return 0, fmt.Errorf("cannot write the journal: %w", err)
	}
	j.writes++
	return w.ID, nil
}

// Written notes that the server took a write.
func (j *Journal) Written(id int) error { return j.mark(line{Written: &mark{ID: id}}) }

// Created notes that the server made the object of a write, and which one it is.
func (j *Journal) Created(id int, uid types.UID) error {
	return j.mark(line{Written: &mark{ID: id, UID: uid}})
}

// Refused notes that the server did not take a write, so that nothing of it is to be
// undone.
func (j *Journal) Refused(id int) error { return j.mark(line{Refused: &mark{ID: id}}) }

// Wrote tells whether anything may have been written that could be undone.
func (j *Journal) Wrote() bool {
	j.mutex.Lock()
	defer j.mutex.Unlock()
	return j.writes > j.refused
}

func (j *Journal) mark(l line) error {
	j.mutex.Lock()
	defer j.mutex.Unlock()
	if err := j.append(l); err != nil {
		return fmt.Errorf("cannot write the journal: %w", err)
	}
	if l.Refused != nil {
		j.refused++
	}
	return nil
}

// Close ends the journal.
func (j *Journal) Close() error { return j.file.Close() }

// append writes one line and waits until it is on the disk.
func (j *Journal) append(l line) error {
	if j.broken != nil {
		return j.broken
	}
	text, err := json.Marshal(l)
	if err == nil {
		_, err = j.file.Write(append(text, '\n'))
	}
	if err == nil {
		err = j.file.Sync()
	}
	j.broken = err
	return err
}
