// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package manifest

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
)

// nesting is how deep lists may stand in lists.
const nesting = 16

// list is an object that may turn out to be a list. As for kubectl, that is
// whatever has items. They are visited while the list is read, and its kind may
// stand behind them.
type list struct {
	*Document
	// of is the list that this one is an item of, start where it begins.
	of    *list
	start int
	found bool
	// index is that of the item that is being read.
	index int
	// waiting are items that need the list's kind to be told apart.
	waiting []*Document
}

// member takes the value of one member.
func (l *list) member(s *stream, in *scanner, key string) error {
	if key == "items" && in.next() == '[' && l.depth() < nesting {
		return l.items(s, in)
	}
	value, err := in.value()
	if err != nil {
		return err
	}
	if l.found && !l.valid {
		if err := value.check(); err != nil {
			return err
		}
	}
	var wrong error
	switch key {
	case "apiVersion":
		l.APIVersion, wrong = value.string()
	case "kind":
		l.Kind, wrong = value.string()
	case "items":
		switch {
		case string(value.raw) == "null":
			l.found = true
		case value.raw[0] == '[':
			l.wrong = errors.New("lists stand in lists too deep: write the objects as documents of their own")
		default:
			l.wrong = errors.New("items must be a list")
		}
	}
	if wrong != nil {
		l.wrong = fmt.Errorf("%s %w", key, wrong)
	}
	return nil
}

func (l *list) items(s *stream, in *scanner) error {
	if !l.found && !l.valid {
		// What stands before is no more checked by who decodes the whole.
		before := text{raw: append(slices.Clone(in.buf[in.keep+l.start:in.pos]), "null}"...), line: l.line}
		if err := before.check(); err != nil {
			return err
		}
	}
	l.found = true
	l.index = -1
	return in.items(func() error {
		l.index++
		if err := s.value(in, l.itemAt(s.parts, l.index), l); err != nil {
			return err
		}
		if in.pos-in.keep <= remembered {
			return nil
		}
		err := s.flush() // what was found stands in the text that is dropped now
		in.drop()
		return err
	})
}

// itemAt finds where an item stands, if not in the text that is scanned.
func (l *list) itemAt(parts []*chunk, i int) func() *node {
	switch {
	case l.at == nil:
		return nil
	case l.of == nil && parts != nil:
		return sync.OnceValue(parts[i].item)
	}
	return func() *node {
		whole := l.at()
		items, _ := whole.child(step{key: "items"})
		if item, _ := items.child(step{index: i}); item != nil {
			return item
		}
		return whole
	}
}

// indices lead to the item that is being read.
func (l *list) indices() []int {
	if l == nil {
		return nil
	}
	return append(l.of.indices(), l.index)
}

func (l *list) depth() int {
	if l.of == nil {
		return 0
	}
	return l.of.depth() + 1
}

// item is what an item is that does not say it itself.
func (l *list) item() (apiVersion, kind string) {
	return l.APIVersion, strings.TrimSuffix(l.Kind, "List")
}

// wait puts an item off until the list's kind is known.
func (l *list) wait(d *Document) {
	d.raw = slices.Clone(d.raw)
	l.waiting = append(l.waiting, d)
}

// end takes the items that waited, once the list's kind is known.
func (l *list) end(s *stream) error {
	if l.Kind == "" && l.APIVersion == "" && l.of != nil {
		l.APIVersion, l.Kind = l.of.item()
	}
	l.valid = true // all its parts are
	if wrong := l.check(); wrong != nil {
		return s.settle(l.Document, wrong)
	}
	for _, d := range l.waiting {
		d.APIVersion, d.Kind = l.item()
		if err := s.settle(d, d.check()); err != nil {
			return err
		}
	}
	return nil
}
