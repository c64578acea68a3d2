// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package usage

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"unicode/utf8"
)

const (
	// longestText is the longest string of an answer that is read: that of a label
	// is below 300 bytes, that of an error may be a page.
	longestText = 1 << 20
	// deepest is how deep a value that is passed over may be nested.
	deepest = 64
)

// errNoJSON is of what is not an answer of the API at all.
var errNoJSON = errors.New("not JSON")

// scanner reads JSON token by token and allocates nothing for numbers: an answer
// has millions of them.
type scanner struct {
	in   *bufio.Reader
	text []byte // of the last string or number, valid until the next
}

func newScanner(in io.Reader) *scanner {
	return &scanner{in: bufio.NewReaderSize(in, 64<<10)}
}

// peek is the next byte that is not a blank.
func (s *scanner) peek() (byte, error) {
	for {
		b, err := s.in.ReadByte()
		if err != nil {
			return 0, early(err)
		}
		if b != ' ' && b != '\n' && b != '\r' && b != '\t' {
			return b, s.in.UnreadByte()
		}
	}
}

// early says of an end that it came too soon.
func early(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// expect reads one byte that must come.
func (s *scanner) expect(want byte) error {
	got, err := s.peek()
	if err != nil {
		return err
	}
	if got != want {
		return fmt.Errorf("%w: %q where %q was expected", errNoJSON, got, want)
	}
	_, err = s.in.ReadByte()
	return err
}

// more tells whether another element follows in a list or an object that ends with
// end, and reads the comma before it.
func (s *scanner) more(end byte, first bool) (bool, error) {
	b, err := s.peek()
	switch {
	case err != nil:
		return false, err
	case b == end:
		_, err = s.in.ReadByte()
		return false, err
	case first:
		return true, nil
	}
	return true, s.expect(',')
}

// list calls element before each element of a list.
func (s *scanner) list(element func() error) error {
	if err := s.expect('['); err != nil {
		return err
	}
	for first := true; ; first = false {
		more, err := s.more(']', first)
		if err != nil || !more {
			return err
		}
		if err := element(); err != nil {
			return err
		}
	}
}

// object calls field before the value of each field of an object.
func (s *scanner) object(field func(name string) error) error {
	if err := s.expect('{'); err != nil {
		return err
	}
	for first := true; ; first = false {
		more, err := s.more('}', first)
		if err != nil || !more {
			return err
		}
		name, err := s.string()
		if err != nil {
			return err
		}
		if err := s.expect(':'); err != nil {
			return err
		}
		if err := field(name); err != nil {
			return err
		}
	}
}

// string reads a string.
func (s *scanner) string() (string, error) {
	if err := s.readString(); err != nil {
		return "", err
	}
	return string(s.text), nil
}

// readString reads a string into text.
func (s *scanner) readString() error {
	if err := s.expect('"'); err != nil {
		return err
	}
	s.text = s.text[:0]
	escaped := false
	for {
		b, err := s.in.ReadByte()
		switch {
		case err != nil:
			return early(err)
		case b < ' ':
			return fmt.Errorf("%w: a control character in a string", errNoJSON)
		case b == '"':
			return s.unescape(escaped)
		case len(s.text) >= longestText:
			return fmt.Errorf("%w: a string without end", errNoJSON)
		}
		s.text = append(s.text, b)
		if b != '\\' {
			continue
		}
		escaped = true
		if b, err = s.in.ReadByte(); err != nil {
			return early(err)
		}
		s.text = append(s.text, b)
	}
}

// unescape makes text what the string means.
func (s *scanner) unescape(escaped bool) error {
	if !escaped {
		if !utf8.Valid(s.text) {
			return fmt.Errorf("%w: a string that is not UTF-8", errNoJSON)
		}
		return nil
	}
	var plain string
	if err := json.Unmarshal(append(append([]byte{'"'}, s.text...), '"'), &plain); err != nil {
		return fmt.Errorf("%w: an escape that there is not", errNoJSON)
	}
	s.text = append(s.text[:0], plain...)
	return nil
}

// number reads a number.
func (s *scanner) number() (float64, error) {
	if _, err := s.peek(); err != nil {
		return 0, err
	}
	s.text = s.text[:0]
	for {
		b, err := s.in.ReadByte()
		if err != nil {
			return 0, early(err)
		}
		if !numeric(b) {
			if err := s.in.UnreadByte(); err != nil {
				return 0, err
			}
			break
		}
		if s.text = append(s.text, b); len(s.text) > 64 {
			break
		}
	}
	n, err := strconv.ParseFloat(string(s.text), 64)
	if err != nil {
		return 0, fmt.Errorf("%w: no number", errNoJSON)
	}
	return n, nil
}

func numeric(b byte) bool {
	return '0' <= b && b <= '9' || b == '-' || b == '+' || b == '.' || b == 'e' || b == 'E'
}

// skip passes over a value.
func (s *scanner) skip(depth int) error {
	if depth > deepest {
		return fmt.Errorf("%w: nested too deep", errNoJSON)
	}
	b, err := s.peek()
	if err != nil {
		return err
	}
	switch b {
	case '{':
		return s.object(func(string) error { return s.skip(depth + 1) })
	case '[':
		return s.list(func() error { return s.skip(depth + 1) })
	case '"':
		return s.readString()
	case 't', 'f', 'n':
		_, err := s.word()
		return err
	}
	_, err = s.number()
	return err
}

// word reads true, false or null.
func (s *scanner) word() (string, error) {
	if _, err := s.peek(); err != nil {
		return "", err
	}
	s.text = s.text[:0]
	for {
		b, err := s.in.ReadByte()
		if err != nil {
			return "", early(err)
		}
		s.text = append(s.text, b)
		switch word := string(s.text); {
		case word == "true" || word == "false" || word == "null":
			return word, nil
		case len(word) > len("false"):
			return "", fmt.Errorf("%w: %q", errNoJSON, word)
		}
	}
}
