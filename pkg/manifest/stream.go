// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package manifest

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"

	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/edit"
)

const (
	// sniffed is how much of an input is looked at to tell JSON from YAML, as kubectl does.
	sniffed = 4096
	// remembered is how much of a JSON object is kept so that it can be read once
	// more, as YAML, if it turns out not to be JSON.
	remembered = 4 << 20
)

// stream cuts one source into objects, as kubectl does: a stream of JSON values,
// or YAML documents, or JSON that goes over into YAML.
type stream struct {
	*run
	source
	ctx context.Context

	// settled counts the objects taken from one JSON value; again is how many of
	// them come once more, since the value is read once more, as YAML.
	settled, again int
	// spot is where the document begins that is being read; other tells that offsets
	// are not those of the file, which is written in another encoding.
	spot  edit.Spot
	other bool
	// parts are those that the list was parsed in that is being read; nil where it was not.
	parts []*chunk
	// found are the objects that are yet to be visited.
	found batch
}

func (s *stream) fail(line int, err error) {
	if s.made {
		line = 0
	}
	s.run.fail(s.name, line, err)
}

// failed notes what is wrong, behind what was found before it.
func (s *stream) failed(line int, err error) error {
	if late := s.flush(); late != nil {
		return late
	}
	s.fail(line, err)
	return s.ctx.Err()
}

// read reads all of in. Its error is one of reading, not of what was read.
func (s *stream) read(in io.Reader) error {
	err := s.text(in)
	if late := s.flush(); late != nil {
		return late
	}
	return err
}

func (s *stream) text(in io.Reader) error {
	r := bufio.NewReaderSize(in, 64<<10)
	start, err := r.Peek(sniffed)
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	if bytes.HasPrefix(start, []byte{0xFE, 0xFF}) || bytes.HasPrefix(start, []byte{0xFF, 0xFE}) {
		s.other = true
		decoded := transform.NewReader(r, unicode.BOMOverride(unicode.UTF8.NewDecoder()))
		r = bufio.NewReaderSize(decoded, 64<<10)
		start, _ = r.Peek(sniffed)
	}
	offset := 0
	if mark := []byte("\ufeff"); bytes.HasPrefix(start, mark) {
		offset = len(mark)
		_, _ = r.Discard(len(mark))
		start = start[len(mark):]
	}
	if bytes.HasPrefix(bytes.TrimSpace(start), []byte("{")) {
		return s.json(&scanner{in: r, line: 1, base: offset})
	}
	return s.yaml(r, offset, 1, nil)
}

// begin notes where a document begins.
func (s *stream) begin(spot edit.Spot) {
	if s.spot = spot; s.other {
		s.spot.Offset = -1
	}
}

// json reads one JSON value after another. Where the first or the second turns
// out to be malformed, the rest may be YAML.
func (s *stream) json(in *scanner) error {
	for count := 0; ; count++ {
		in.keep, in.dropped, s.settled = in.pos, false, 0
		line := in.line
		if in.next() == 0 {
			return in.failure()
		}
		s.begin(edit.Spot{Offset: in.base + in.pos, JSON: true})
		err := s.value(in, nil, nil)
		earlier := s.flush()
		if failed := in.failure(); failed != nil {
			return failed
		}
		if earlier != nil {
			err = earlier
		}
		var broken *malformed
		if errors.As(err, &broken) && !in.dropped {
			// Who checks the whole sees more than who looks for ends of values.
			_ = errors.As(text{raw: in.buf[in.keep:], line: line}.check(), &broken)
		}
		switch {
		case err == nil:
		case broken == nil:
			return err
		case count <= 1 && !in.dropped:
			s.again = s.settled
			rest := io.MultiReader(bytes.NewReader(in.buf[in.keep:]), in.in)
			return s.yaml(bufio.NewReader(rest), in.base+in.keep, line, broken)
		default:
			s.fail(broken.line, broken)
			return nil
		}
	}
}

// value takes the next value: an object or, where it is a list, each object in
// it. at finds where it stands, if not in the text that is scanned; in is the
// list that it is an item of. An error *malformed tells that the text is not JSON.
func (s *stream) value(in *scanner, at func() *node, of *list) error {
	first := in.next()
	d := &Document{File: s.name, Spot: s.spot, at: at, valid: in.in == nil, made: s.made}
	d.Spot.Items = of.indices()
	switch {
	case at == nil || of == nil:
		d.line = in.line
	case of.of == nil && s.parts != nil:
		d.line = s.parts[of.index].content
	}
	start := in.pos - in.keep // relative, since reading on moves both
	if first != '{' {
		value, err := in.value()
		if err != nil {
			return err
		}
		d.raw, d.wrong = value.raw, errNotAnObject
		return s.object(d, of)
	}
	l := &list{Document: d, of: of, start: start}
	if err := in.members(func(key string, _ int) error { return l.member(s, in, key) }); err != nil {
		return err
	}
	if l.found {
		return l.end(s)
	}
	d.raw = in.buf[in.keep+start : in.pos]
	return s.object(d, of)
}

// object takes an object. An item of a typed list takes its kind from the list,
// and waits until that is known.
func (s *stream) object(d *Document, of *list) error {
	if d.Kind == "" && d.APIVersion == "" && of != nil {
		if of.Kind == "" {
			of.wait(d)
			return nil
		}
		d.APIVersion, d.Kind = of.item()
	}
	return s.settle(d, d.check())
}
