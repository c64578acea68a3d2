// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package journal

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"

	"k8s.io/apimachinery/pkg/types"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// Record is a journal that was read.
type Record struct {
	Header
	// Writes are in their order. Those that the server refused are left out.
	Writes []Write
	// Cut tells that the last line is half a line.
	Cut bool
}

// Group are the writes of one object, the newest first.
type Group struct {
	Object snapshot.Object
	UID    types.UID
	Writes []*Write
}

// Creation is the write that made the object; nil where it was there before.
func (g *Group) Creation() *Write {
	if oldest := g.Writes[len(g.Writes)-1]; oldest.Content != nil {
		return oldest
	}
	return nil
}

// Removal is the write that deleted the object, a Secret; nil where it was not deleted.
func (g *Group) Removal() *Write {
	if newest := g.Writes[0]; newest.Removed != nil {
		return newest
	}
	return nil
}

// Read reads a journal. Half a last line, which a run leaves that is killed while it
// writes, is no error: nothing was done then that the line is about.
func Read(path string) (*Record, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("cannot read the journal: %w", err)
	}
	defer file.Close()
	record, err := read(file)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return record, nil
}

func read(from io.Reader) (*Record, error) {
	r := &Record{}
	lines := bufio.NewReader(from)
	for n := 1; ; n++ {
		text, err := lines.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			r.Cut = len(text) > 0
			break
		}
		if err != nil {
			return nil, err
		}
		var l line
		if err := json.Unmarshal(text, &l); err != nil {
			return nil, fmt.Errorf("line %d is no line of a journal: %w", n, err)
		}
		if err := r.add(n, l); err != nil {
			return nil, err
		}
	}
	if r.Format == "" {
		return nil, errors.New("this is no journal: its first line is missing")
	}
	return r, nil
}

// add takes one line in.
func (r *Record) add(n int, l line) error {
	switch {
	case n == 1 && l.Journal == nil:
		return errors.New("this is no journal: its first line does not say so")
	case n == 1 && l.Journal.Format != Format:
		return fmt.Errorf("this journal has the format %q, and this release of the plugin reads %q: use the one that wrote it", l.Journal.Format, Format)
	case n == 1:
		r.Header = *l.Journal
	case l.Write != nil:
		l.Write.salt = r.Salt
		r.Writes = append(r.Writes, *l.Write)
	case l.Written != nil:
		if i := r.find(l.Written.ID); i >= 0 {
			r.Writes[i].Written = true
			if l.Written.UID != "" {
				r.Writes[i].UID = l.Written.UID
			}
		}
	case l.Refused != nil:
		if i := r.find(l.Refused.ID); i >= 0 {
			r.Writes = slices.Delete(r.Writes, i, i+1)
		}
	default:
		return fmt.Errorf("line %d is no line of a journal", n)
	}
	return nil
}

func (r *Record) find(id int) int {
	return slices.IndexFunc(r.Writes, func(w Write) bool { return w.ID == id })
}

// Groups are the writes by their objects, in the order in which they are undone:
// what was written last comes first.
func (r *Record) Groups() []Group {
	var all []Group
	for i := range slices.Backward(r.Writes) {
		w := &r.Writes[i]
		at := slices.IndexFunc(all, func(g Group) bool { return g.Object == w.Object && g.UID == w.UID })
		if at < 0 {
			all, at = append(all, Group{Object: w.Object, UID: w.UID}), len(all)
		}
		all[at].Writes = append(all[at].Writes, w)
	}
	return all
}
