// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package collect

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
)

// nesting is how deep lists may stand in lists.
const nesting = 16

// document is one object of the input, in JSON.
type document struct {
	header
	raw []byte
	// written tells that raw is the input's own text and may be malformed.
	written bool
	// line is where it begins in the file, and at where its fields stand.
	line int
	at   place
	// exact tells that somebody may ask for its lines.
	exact bool
}

// header is what tells one kind of object from another.
type header struct {
	apiVersion, kind string
}

// written is a document that stands in the input as JSON.
func written(text jsonText) document {
	return document{raw: text.raw, line: text.line, at: text, written: true, exact: mentionsDapr(text.raw)}
}

// mentionsDapr tells whether a text has to do with Dapr: only then can there be
// a finding that needs its lines.
func mentionsDapr(text []byte) bool { return bytes.Contains(text, []byte("dapr.io")) }

// errNotAnObject is said of documents that are none of Kubernetes'.
var errNotAnObject = errors.New("not a Kubernetes object, which has an apiVersion and a kind: take it out of the input")

func (h header) check() error {
	switch {
	case h == header{}:
		return errNotAnObject
	case h.kind == "":
		return fmt.Errorf("not a Kubernetes object: apiVersion %s without a kind: add one, or take it out of the input", h.apiVersion)
	case h.apiVersion == "":
		return fmt.Errorf("not a Kubernetes object: kind %s without an apiVersion: add one, or take it out of the input", h.kind)
	}
	return nil
}

// item is the header of a list's items that have none of their own.
func (h header) item() header {
	return header{h.apiVersion, strings.TrimSuffix(h.kind, "List")}
}

// read fills the header and returns the items of a list. As for kubectl, that
// is whatever has a member of that name.
func (d *document) read() (*jsonText, error) {
	var items *jsonText
	text := jsonText{raw: d.raw, line: d.line}
	if text.raw[0] != '{' {
		if err := d.check(); err != nil {
			return nil, err
		}
		return nil, errNotAnObject
	}
	err := text.members(func(key string, _ int, value jsonText) (err error) {
		switch key {
		case "apiVersion":
			d.apiVersion, err = value.string()
		case "kind":
			d.kind, err = value.string()
		case "items":
			items = &value
		}
		if err != nil {
			err = fmt.Errorf("%s %w", key, err)
		}
		return err
	})
	return items, err
}

// check tells whether the text is JSON where that is not known.
func (d *document) check() error {
	if !d.written {
		return nil
	}
	return jsonText{raw: d.raw, line: d.line}.check()
}

// object visits an object or, where it is a list, each object in it. Items of a
// typed list take their kind from the list.
func (d *documents) object(doc document, from header, depth int) error {
	if err := d.ctx.Err(); err != nil {
		return err
	}
	items, err := doc.read()
	if doc.header == (header{}) {
		doc.header = from
	}
	if err == nil {
		err = doc.header.check()
	}
	if err == nil && items != nil {
		switch {
		case depth == nesting:
			err = errors.New("lists stand in lists too deep: write the objects as documents of their own")
		case items.raw[0] != '[' && string(items.raw) != "null":
			err = errors.New("items must be a list")
		}
	}
	switch {
	case err == nil && items != nil:
		return d.items(doc, *items, depth)
	case err != nil:
		if broken := doc.check(); broken != nil {
			return broken
		}
	}
	return d.settle(doc, err)
}

// settle visits an object, or tells what is wrong with it.
func (d *documents) settle(doc document, wrong error) error {
	if d.again > 0 {
		d.again--
		return nil
	}
	if wrong != nil {
		d.bad(doc, wrong)
	} else if err := d.visit(doc); err != nil {
		return err
	}
	d.settled++
	return nil
}

func (d *documents) items(list document, items jsonText, depth int) error {
	find := placesOf(list.at)
	return items.elements(func(i int, value jsonText) error {
		item := written(value)
		if !list.written {
			item = document{raw: value.raw, line: list.line, exact: list.exact && item.exact}
			item.at = later(func() place { return find(i) })
			if list.exact {
				item.line = item.at.start()
			}
		}
		return d.object(item, list.header.item(), depth+1)
	})
}

// placesOf finds the items of a list, all of them when the first is asked for.
func placesOf(list place) func(int) place {
	var places []place
	searched := false
	return func(i int) place {
		if !searched {
			searched = true
			if at, _ := member(list, "items"); at != nil {
				places = at.items()
			}
		}
		if i < len(places) {
			return places[i]
		}
		return list
	}
}
