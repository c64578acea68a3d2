// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package manifest

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// malformed is text that is not JSON.
type malformed struct {
	line   int
	reason string
}

func (m *malformed) Error() string { return "malformed JSON: " + m.reason }

// scanner walks over JSON text without decoding it, and counts lines. It
// finds where values end; whether they are valid is left to who decodes them.
type scanner struct {
	// in gives more text; nil where buf is all there is.
	in  io.Reader
	buf []byte
	// pos is the next byte to look at, line the line that it is on.
	pos, line int
	// keep is the first byte that is still needed; what is before may be dropped.
	keep int
	// base is how far from the beginning of the file buf begins.
	base int
	// dropped tells that the text cannot be read again from where it began.
	dropped bool
	err     error
}

// more reads on, and tells whether it got anything. It may leave behind the text before
// keep: positions are then relative to the new keep, which is 0. What was taken of that
// text stays as it is.
func (s *scanner) more() bool {
	if s.in == nil || s.err != nil {
		return false
	}
	if s.keep > 0 {
		s.move(slices.Clone(s.buf[s.keep:]))
	}
	s.buf = slices.Grow(s.buf, 64<<10)
	n, err := s.in.Read(s.buf[len(s.buf):cap(s.buf)])
	s.buf = s.buf[:len(s.buf)+n]
	s.err = err
	return n > 0 || s.more()
}

// drop drops all text before the next byte, and what was taken of it with it.
func (s *scanner) drop() {
	s.keep, s.dropped = s.pos, true
	s.move(s.buf[:copy(s.buf, s.buf[s.keep:])])
}

// move goes on in a buffer that begins with what is kept.
func (s *scanner) move(to []byte) {
	s.buf = to
	s.pos -= s.keep
	s.base += s.keep
	s.keep = 0
}

// next skips blanks and returns the byte after them, without taking it; 0 at the end.
func (s *scanner) next() byte {
	for {
		for s.pos < len(s.buf) {
			switch c := s.buf[s.pos]; c {
			case '\n':
				s.line++
				fallthrough
			case ' ', '\t', '\r':
				s.pos++
			default:
				return c
			}
		}
		if !s.more() {
			return 0
		}
	}
}

// take skips blanks and takes one of the bytes wanted, or fails.
func (s *scanner) take(wanted string) (byte, error) {
	c := s.next()
	if c != 0 && strings.IndexByte(wanted, c) >= 0 {
		s.pos++
		return c, nil
	}
	return 0, s.unexpected("where " + strings.Join(strings.Split(wanted, ""), " or ") + " should be")
}

func (s *scanner) unexpected(where string) error {
	if err := s.failure(); err != nil {
		return err
	}
	if s.pos >= len(s.buf) {
		return &malformed{s.line, "it ends too early"}
	}
	return &malformed{s.line, fmt.Sprintf("unexpected %q %s", s.buf[s.pos], where)}
}

// failure is the reader's error, other than the end of the text.
func (s *scanner) failure() error {
	if s.err == nil || errors.Is(s.err, io.EOF) {
		return nil
	}
	return s.err
}

// value takes the next value and returns its text and line. The text is good
// until more is read.
func (s *scanner) value() (text, error) {
	first := s.next()
	line, start := s.line, s.pos-s.keep // relative, since more moves both
	ends := true
	switch first {
	case 0:
		return text{}, s.unexpected("")
	case '"':
		ends = s.skipString()
	case '{', '[':
		ends = s.skipNested()
	default:
		s.skipWord()
	}
	if !ends || s.failure() != nil {
		return text{}, s.unexpected("")
	}
	raw := s.buf[s.keep+start : s.pos]
	if len(raw) == 0 {
		return text{}, s.unexpected("where a value should be")
	}
	return text{raw: raw, line: line}, nil
}

// skipNested steps over an object or an array, and tells whether it ends.
func (s *scanner) skipNested() bool {
	depth := 0
	for {
		for s.pos < len(s.buf) {
			switch s.buf[s.pos] {
			case '\n':
				s.line++
			case '{', '[':
				depth++
			case '}', ']':
				depth--
			case '"':
				if !s.skipString() {
					return false
				}
				continue
			}
			s.pos++
			if depth == 0 {
				return true
			}
		}
		if !s.more() {
			return false
		}
	}
}

// skipString steps over a string, from its first quote, and tells whether it ends.
func (s *scanner) skipString() bool {
	s.pos++
	seen := 0
	for {
		i := bytes.IndexByte(s.buf[s.pos+seen:], '"')
		if i < 0 {
			seen = len(s.buf) - s.pos
			if !s.more() {
				return false
			}
			continue
		}
		inside := s.buf[s.pos : s.pos+seen+i]
		s.pos += len(inside) + 1
		escapes := len(inside) - len(bytes.TrimRight(inside, "\\"))
		if escapes%2 == 0 {
			return true
		}
		seen = 0
	}
}

// skipWord steps over a number, true, false, null, or what should be one.
func (s *scanner) skipWord() {
	for {
		for s.pos < len(s.buf) {
			switch s.buf[s.pos] {
			case ',', ':', '{', '}', '[', ']', '"', ' ', '\t', '\r', '\n':
				return
			}
			s.pos++
		}
		if !s.more() {
			return
		}
	}
}

// members takes an object; visit takes the value of each member.
func (s *scanner) members(visit func(key string, line int) error) error {
	if _, err := s.take("{"); err != nil {
		return err
	}
	if s.next() == '}' {
		s.pos++
		return nil
	}
	for {
		if s.next() != '"' {
			return s.unexpected("where a key should be")
		}
		name, err := s.value()
		if err != nil {
			return err
		}
		key, err := name.string()
		if err != nil {
			return name.check() // a string can be nothing but malformed
		}
		if _, err := s.take(":"); err != nil {
			return err
		}
		if err := visit(key, name.line); err != nil {
			return err
		}
		if c, err := s.take(",}"); err != nil || c == '}' {
			return err
		}
	}
}

// items takes an array; visit takes each item.
func (s *scanner) items(visit func() error) error {
	if _, err := s.take("["); err != nil {
		return err
	}
	if s.next() == ']' {
		s.pos++
		return nil
	}
	for {
		if err := visit(); err != nil {
			return err
		}
		if c, err := s.take(",]"); err != nil || c == ']' {
			return err
		}
	}
}
