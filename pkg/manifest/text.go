// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package manifest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
)

// text is a value as it is written, and the line that it begins on.
type text struct {
	raw  []byte
	line int
}

// string is the value of a JSON string; empty for null.
func (t text) string() (string, error) {
	if n := len(t.raw); n >= 2 && t.raw[0] == '"' && bytes.IndexByte(t.raw, '\\') < 0 {
		return string(t.raw[1 : n-1]), nil
	}
	var value string
	if err := json.Unmarshal(t.raw, &value); err != nil {
		return "", fmt.Errorf("must be a string, not %s", t.raw)
	}
	return value, nil
}

// check tells whether the text is JSON.
func (t text) check() error {
	if json.Valid(t.raw) {
		return nil
	}
	broken := &malformed{line: t.line, reason: "it ends too early"}
	err := json.Unmarshal(t.raw, &json.RawMessage{})
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) {
		if reason := syntax.Error(); reason != "unexpected end of JSON input" {
			broken.reason = reason
		}
		broken.line += bytes.Count(t.raw[:syntax.Offset], []byte{'\n'})
	}
	return broken
}
