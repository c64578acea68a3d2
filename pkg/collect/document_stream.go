// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package collect

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"slices"

	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

const (
	// sniffed is how much of an input is looked at to tell JSON from YAML, as kubectl does.
	sniffed = 4096
	// remembered is how much of a JSON object is kept so that it can be read once
	// more, as YAML, if it turns out not to be JSON.
	remembered = 4 << 20
)

// documents cuts one input into objects, as kubectl does: a stream of JSON
// values, or YAML documents, or JSON that goes over into YAML.
type documents struct {
	ctx context.Context
	// visit takes an object. Its errors end the reading, but for *malformed,
	// which tells that what stands there is not JSON.
	visit func(document) error
	// bad takes what is no object, and why.
	bad func(document, error)

	// settled counts the objects taken from one JSON value; again is how many of
	// them come once more, since the value is read once more, as YAML.
	settled, again int
}

// read reads all of in. Its error is one of reading, not of what was read.
func (d *documents) read(in io.Reader) error {
	r := bufio.NewReaderSize(in, 64<<10)
	start, err := r.Peek(sniffed)
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	if hasUTF16Mark(start) {
		decoded := transform.NewReader(r, unicode.BOMOverride(unicode.UTF8.NewDecoder()))
		r = bufio.NewReaderSize(decoded, 64<<10)
		start, _ = r.Peek(sniffed)
	}
	if mark := []byte("\ufeff"); bytes.HasPrefix(start, mark) {
		_, _ = r.Discard(len(mark))
		start = start[len(mark):]
	}
	if bytes.HasPrefix(bytes.TrimSpace(start), []byte("{")) {
		return d.json(&jsonScanner{in: r, line: 1})
	}
	return d.yaml(r, 1, nil)
}

func hasUTF16Mark(start []byte) bool {
	return bytes.HasPrefix(start, []byte{0xFE, 0xFF}) || bytes.HasPrefix(start, []byte{0xFF, 0xFE})
}

// json reads one JSON value after another. Where the first or the second turns
// out to be malformed, the rest may be YAML.
func (d *documents) json(s *jsonScanner) error {
	for count := 0; ; count++ {
		s.keep, s.dropped, d.settled = s.pos, false, 0
		line := s.line
		if s.next() == 0 {
			return s.failure()
		}
		err := d.streamed(s)
		if failed := s.failure(); failed != nil {
			return failed
		}
		var broken *malformed
		switch {
		case err == nil:
		case !errors.As(err, &broken):
			return err
		case count <= 1 && !s.dropped:
			d.again = d.settled
			rest := io.MultiReader(bytes.NewReader(s.buf[s.keep:]), s.in)
			return d.yaml(bufio.NewReader(rest), line, broken)
		default:
			d.bad(document{line: broken.line}, broken)
			return nil
		}
	}
}

// streamed takes one value of a JSON stream: the items of a list one by one,
// anything else as a whole.
func (d *documents) streamed(s *jsonScanner) error {
	line := s.line
	if s.next() != '{' {
		value, err := s.value()
		if err != nil {
			return err
		}
		if err := value.check(); err != nil {
			return err
		}
		d.bad(document{line: line}, errNotAnObject)
		return nil
	}
	start := s.pos - s.keep
	list := streamedList{documents: d, line: line}
	if err := s.members(func(key string, _ int) error { return list.member(s, key) }); err != nil {
		return err
	}
	if list.found {
		return list.end()
	}
	whole := jsonText{raw: s.buf[s.keep+start : s.pos], line: line}
	return d.object(written(whole), header{}, 0)
}

// streamedList is a list whose items are visited while it is read. Its kind may
// stand behind them.
type streamedList struct {
	*documents
	header
	line  int
	found bool
	// waiting are items that need the list's kind to be told apart.
	waiting []jsonText
}

// member takes the value of one member of what may be a list.
func (l *streamedList) member(s *jsonScanner, key string) error {
	if key == "items" && s.next() == '[' {
		// What stands before is no more checked by who decodes the whole.
		before := jsonText{raw: append(slices.Clone(s.buf[s.keep:s.pos]), "null}"...), line: l.line}
		if err := before.check(); err != nil {
			return err
		}
		l.found = true
		return s.items(func() error { return l.item(s) })
	}
	value, err := s.value()
	if err != nil {
		return err
	}
	if l.found {
		if err := value.check(); err != nil {
			return err
		}
	}
	switch key {
	case "apiVersion":
		l.apiVersion, _ = value.string()
	case "kind":
		l.kind, _ = value.string()
	}
	return nil
}

func (l *streamedList) item(s *jsonScanner) error {
	value, err := s.value()
	if err != nil {
		return err
	}
	doc := written(value)
	if _, err := doc.read(); err == nil && doc.header == (header{}) && l.header == (header{}) {
		l.waiting = append(l.waiting, jsonText{raw: slices.Clone(value.raw), line: value.line})
	} else if err := l.object(doc, l.header.item(), 1); err != nil {
		return err
	}
	if s.pos-s.keep > remembered {
		s.keep, s.dropped = s.pos, true
	}
	return nil
}

// end visits the items that waited, once the list's kind is known.
func (l *streamedList) end() error {
	if err := l.header.check(); err != nil {
		l.bad(document{line: l.line, header: l.header}, err)
		return nil
	}
	for _, text := range l.waiting {
		if err := l.object(written(text), l.header.item(), 1); err != nil {
			return err
		}
	}
	return nil
}
