// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package collect

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
)

// jsonText is a value as it is written, and the line that it begins on.
type jsonText struct {
	raw  []byte
	line int
}

// members calls visit for each member of an object, in order, until it returns
// an error. Of anything else it visits nothing.
func (t jsonText) members(visit func(key string, line int, value jsonText) error) error {
	if len(t.raw) == 0 || t.raw[0] != '{' {
		return nil
	}
	s := &jsonScanner{buf: t.raw, line: t.line}
	return s.members(func(key string, line int) error {
		value, err := s.value()
		if err != nil {
			return err
		}
		return visit(key, line, value)
	})
}

// elements calls visit for each item of an array; of anything else it visits nothing.
func (t jsonText) elements(visit func(index int, value jsonText) error) error {
	if len(t.raw) == 0 || t.raw[0] != '[' {
		return nil
	}
	s := &jsonScanner{buf: t.raw, line: t.line}
	index := 0
	return s.items(func() error {
		value, err := s.value()
		if err != nil {
			return err
		}
		index++
		return visit(index-1, value)
	})
}

// string is the value of a JSON string; empty for null.
func (t jsonText) string() (string, error) {
	if n := len(t.raw); n >= 2 && t.raw[0] == '"' && bytes.IndexByte(t.raw, '\\') < 0 {
		return string(t.raw[1 : n-1]), nil
	}
	var text string
	if err := json.Unmarshal(t.raw, &text); err != nil {
		return "", fmt.Errorf("must be a string, not %s", t.raw)
	}
	return text, nil
}

// check tells whether the text is JSON.
func (t jsonText) check() error {
	if json.Valid(t.raw) {
		return nil
	}
	broken := &malformed{line: t.line, reason: "it ends too early"}
	err := json.Unmarshal(t.raw, &json.RawMessage{})
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) {
		broken.reason = syntax.Error()
		broken.line += bytes.Count(t.raw[:syntax.Offset], []byte{'\n'})
	}
	return broken
}
