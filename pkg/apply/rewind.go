// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package apply

import (
	"fmt"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/field"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/journal"
)

// rewound is an object and what is to be done to its fields.
type rewound struct {
	live   *unstructured.Unstructured
	fields []entry
}

// entry is one field that a journal has.
type entry struct {
	key string
	// path leads to it in the object.
	path field.Path
	// annotation tells that it is one, whose value is text.
	annotation bool
	// now is the value that it has, target the one that it is to have; nil is none.
	now, target *string
	// former are those who owned it before.
	former []journal.Manager
	// owned tells that this program owns it now.
	owned bool
	// refused says why it is left as it is.
	refused string
}

// changes tells whether the value is not what it was.
func (f *entry) changes() bool { return f.refused == "" && !equal(f.now, f.target) }

// returns tells whether the value is what it was, and does not belong to whom it did.
func (f *entry) returns() bool {
	return f.refused == "" && f.owned && equal(f.now, f.target) && !slices.ContainsFunc(f.former, isUs)
}

func (f *entry) moves() bool { return f.changes() || f.returns() }

func isUs(m journal.Manager) bool { return sameManager(m, ours(m.APIVersion)) }

func (r *rewound) values() bool {
	return slices.ContainsFunc(r.fields, func(f entry) bool { return f.changes() })
}

func (r *rewound) owners() bool {
	return slices.ContainsFunc(r.fields, func(f entry) bool { return f.returns() })
}

// takeBack sets the values of an object to what they were.
func (r *rewound) takeBack(object map[string]any) error {
	for _, f := range r.fields {
		if f.changes() {
			if err := setText(object, f.path, f.annotation, f.target); err != nil {
				return err
			}
		}
	}
	return nil
}

// report is what the fields have come to if no more is written. restored are those
// that were.
func (r *rewound) report(restored map[string]bool) []RevertedField {
	var all []RevertedField
	for _, f := range r.fields {
		one := RevertedField{Key: f.key, Field: f.path.String(), Why: f.refused}
		switch {
		case f.refused != "":
			one.State = Refused
		case restored[f.path.String()]:
			one.State = Restored
		case f.moves():
			one.State, one.Why = Refused, "it was not written"
		}
		all = append(all, one)
	}
	return all
}

// lost is an object that is not there any more.
func lost(group journal.Group, why string) *rewound {
	r := &rewound{}
	for e := range entries(group) {
		e.refused = why
		r.fields = append(r.fields, e)
	}
	return r
}

// rewind works out what the fields of an object were before the first write of a
// group, as far as nobody else has changed them.
func rewind(group journal.Group, live *unstructured.Unstructured) *rewound {
	r := &rewound{live: live}
	for f := range entries(group) {
		f.now = textAt(live.Object, f.path, f.annotation)
		f.target = f.now
		others := f.look(live)
		f.goBack(group, others)
		if f.changes() {
			f.refused = f.adopted(live, others)
		}
		r.fields = append(r.fields, f)
	}
	return r
}

// entries are the fields of a group, each once, by the first write that has it.
func entries(group journal.Group) func(func(entry) bool) {
	return func(yield func(entry) bool) {
		var seen []string
		for _, w := range slices.Backward(group.Writes) {
			for _, f := range w.Fields {
				path := inTemplate(w.Path, f.Key, f.At)
				if slices.Contains(seen, path.String()) {
					continue
				}
				seen = append(seen, path.String())
				if !yield(entry{key: f.Key, path: path, annotation: len(f.At) == 0}) {
					return
				}
			}
		}
	}
}

// look finds out who owns the field now: whether this program does, and who else.
func (f *entry) look(live *unstructured.Unstructured) []journal.Manager {
	owners := managersOf(live, ownedAs(f.path))
	f.owned = slices.ContainsFunc(owners, isUs)
	return slices.DeleteFunc(owners, isUs)
}

// goBack follows the writes from the newest to the oldest. The value may be what any of
// them left: a revert that was cut off has undone some.
func (f *entry) goBack(group journal.Group, others []journal.Manager) {
	met, written := false, false
	for _, w := range group.Writes {
		i := slices.IndexFunc(w.Fields, func(j journal.Field) bool { return inTemplate(w.Path, j.Key, j.At).String() == f.path.String() })
		if i < 0 || !w.Written && !f.owned && len(others) > 0 {
			continue // nobody knows whether it was written, and nothing of it is there
		}
		was, state, err := w.Restore(&w.Fields[i], f.target)
		switch {
		case err != nil:
			f.refused = err.Error()
			return
		case state != journal.Changed:
			met = true
			f.target, f.former = was, w.Fields[i].Managers
		case met:
			return // somebody wrote between this write and the next: it goes back to that
		}
		written = written || w.Written
	}
	if !met && written {
		f.refused = "it was changed since" + by(others)
	}
}

// adopted says who has made the value that was set their own since.
func (f *entry) adopted(live *unstructured.Unstructured, others []journal.Manager) string {
	switch {
	case len(others) > 0:
		return "the value that was set belongs to somebody else by now" + by(others)
	case f.now != nil && equal(textAt(lastApplied(live), f.path, f.annotation), f.now):
		return "the manifest that kubectl apply was given last sets it too by now"
	case f.target == nil && !f.owned:
		return "nobody is known to own it: remove it by hand"
	default:
		return ""
	}
}

// by names managers as the end of a sentence.
func by(managers []journal.Manager) string {
	if len(managers) == 0 {
		return ""
	}
	var names []string
	for _, m := range managers {
		names = append(names, fmt.Sprintf("%s (%s)", m.Name, m.Operation))
	}
	return ", by " + strings.Join(names, " and ")
}
