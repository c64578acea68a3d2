// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package collect

import (
	"strconv"
	"strings"
)

// step leads from a value to one inside it: by key or, where that is empty, by index.
type step struct {
	key   string
	index int
}

// pathAt leads to the innermost value that the byte at offset is part of.
func (t jsonText) pathAt(offset int) []step {
	var path []step
	for {
		next, into := step{}, jsonText{}
		holds := func(value jsonText) bool {
			// Both are cut from one text: what is left behind them tells where they begin.
			begin := cap(t.raw) - cap(value.raw)
			if offset < begin || offset >= begin+len(value.raw) {
				return false
			}
			offset -= begin
			into = value
			return true
		}
		_ = t.members(func(key string, _ int, value jsonText) error {
			if into.raw == nil && holds(value) {
				next = step{key: key}
			}
			return nil
		})
		_ = t.elements(func(index int, value jsonText) error {
			if into.raw == nil && holds(value) {
				next = step{index: index}
			}
			return nil
		})
		if into.raw == nil {
			return path
		}
		path = append(path, next)
		t = into
	}
}

// at is the value that path leads to; the zero text if there is none.
func (t jsonText) at(path []step) jsonText {
	for _, s := range path {
		var into jsonText
		_ = t.members(func(key string, _ int, value jsonText) error {
			if key == s.key {
				into = value
			}
			return nil
		})
		_ = t.elements(func(index int, value jsonText) error {
			if s.key == "" && index == s.index {
				into = value
			}
			return nil
		})
		t = into
	}
	return t
}

// name is a path as findings write it: items by their name where they have one,
// and keys that users choose in brackets.
func (t jsonText) name(path []step) string {
	var name strings.Builder
	for i, s := range path {
		switch {
		case s.key == "":
			item := t.at(append(path[:i:i], s))
			label := textAt(item, "name")
			if label == "" {
				label = strconv.Itoa(s.index)
			}
			name.WriteString("[" + label + "]")
		case strings.ContainsAny(s.key, "./ "):
			name.WriteString("[" + s.key + "]")
		default:
			if i > 0 {
				name.WriteByte('.')
			}
			name.WriteString(s.key)
		}
	}
	return name.String()
}
