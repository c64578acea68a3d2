// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package journal

import (
	"crypto/pbkdf2"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"fmt"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/field"
)

// Change is what is set in one annotation of a Pod template, or in another field of it,
// whose values are in JSON.
type Change struct {
	Key, Set string
	// At leads to the field from the template; empty for an annotation.
	At field.Path
	// Was is the value before; nil where there was none.
	Was *string
	// Plain tells that the values are known to be no secret.
	Plain    bool
	Managers []Manager
}

// State is how a field stands, compared with what a write set.
type State int

// The states of a field.
const (
	// Changed is neither what was set nor what was before.
	Changed State = iota
	// AsSet is what was set.
	AsSet
	// AsBefore is what was before.
	AsBefore
)

// UndoError says that a value may not stand in a journal, since it may be secret,
// and cannot be worked out again from anything that may.
type UndoError struct {
	Key string
}

func (e *UndoError) Error() string {
	return fmt.Sprintf("the value that %s has may be secret, so that it is not kept in the journal, and could not be brought back: change it by hand", e.Key)
}

// Restore tells how the value of a field stands, nil where there is none, and what
// it was before the write. It is an error if that cannot be worked out.
func (w *Write) Restore(f *Field, live *string) (*string, State, error) {
	switch {
	case live != nil && w.is(f.Key, f.Set, *live):
		was, err := w.before(f, *live)
		return was, AsSet, err
	case live == nil && f.Was == nil, live != nil && f.Was != nil && w.is(f.Key, *f.Was, *live):
		return live, AsBefore, nil
	default:
		return nil, Changed, nil
	}
}

// before is what a field was, from what was set.
func (w *Write) before(f *Field, set string) (*string, error) {
	if f.Was == nil {
		return nil, nil
	}
	if f.Was.Text != nil {
		was := *f.Was.Text
		return &was, nil
	}
	was, ok := edited(f.Undo, set)
	if !ok || len(f.Undo) == 0 || !w.is(f.Key, *f.Was, was) {
		return nil, fmt.Errorf("what %s was cannot be worked out from the journal, which keeps no value that may be secret: set it by hand", f.Key)
	}
	return &was, nil
}

// Undoable is an UndoError where a change could not be undone.
func Undoable(c Change) error {
	_, err := wayBack(c)
	return err
}

// wayBack are the edits that undo a change where the value before may not be kept.
func wayBack(c Change) ([]Edit, error) {
	if c.Was == nil || c.keeps(*c.Was) {
		return nil, nil
	}
	edits, ok := undo(c.Key, *c.Was, c.Set)
	if !ok {
		return nil, &UndoError{Key: c.Key}
	}
	return edits, nil
}

// keeps tells whether a value may stand in a journal.
func (c Change) keeps(text string) bool { return c.Plain || harmlessIn(c.At, c.Key, text) }

// keep is a change as it may stand in a journal.
func (w *Write) keep(c Change) (f Field, err error) {
	f = Field{Key: c.Key, At: c.At, Set: w.value(c, c.Set), Managers: c.Managers}
	if c.Was != nil {
		was := w.value(c, *c.Was)
		f.Was = &was
	}
	f.Undo, err = wayBack(c)
	return f, err
}

func (w *Write) value(c Change, text string) Value {
	if c.keeps(text) {
		return Value{Text: &text}
	}
	return Value{Hash: w.hash(c.Key, text)}
}

// is tells whether a value is the one that is kept.
func (w *Write) is(key string, v Value, text string) bool {
	if v.Text != nil {
		return *v.Text == text
	}
	return v.Hash != "" && subtle.ConstantTimeCompare([]byte(v.Hash), []byte(w.hash(key, text))) == 1
}

// rounds make guessing what is behind a hash slow: some 20 ms for each guess.
const rounds = 100_000

// hash is of a value in its place: equal values in two places have different ones.
func (w *Write) hash(key, text string) string {
	salt := append([]byte(string(w.UID)+"\x00"+key+"\x00"), w.salt...)
	sum, err := pbkdf2.Key(sha256.New, text, salt, rounds, sha256.Size)
	if err != nil {
		return "" // it only fails for a key that is too long
	}
	return hex.EncodeToString(sum)
}
