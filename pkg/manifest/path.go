// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package manifest

import (
	"strconv"
	"strings"
)

// step leads from a value to one inside it: by key or, where that is empty, by index.
type step struct {
	key   string
	index int
}

// child is the value that a step leads to, and the line of its key or its own;
// nil if there is none.
func (n *node) child(s step) (*node, int) {
	if n == nil {
		return nil, 0
	}
	if s.key == "" && s.index < len(n.items) {
		item := n.items[s.index]
		return item, item.line
	}
	for i := len(n.members) - 1; i >= 0; i-- {
		if m := n.members[i]; m.key == s.key {
			return m.value, m.line
		}
	}
	return nil, 0
}

// children are all values that one step leads to.
func (n *node) children(yield func(step, *node) bool) {
	for _, m := range n.members {
		if !yield(step{key: m.key}, m.value) {
			return
		}
	}
	for i, item := range n.items {
		if !yield(step{index: i}, item) {
			return
		}
	}
}

// text is the text of a member; empty where there is none.
func (n *node) text(key string) string {
	if value, _ := n.child(step{key: key}); value != nil && value.quoted {
		return value.scalar
	}
	return ""
}

// pathAt leads to the innermost value that the byte at offset is part of.
func (n *node) pathAt(offset int) []step {
	for s, child := range n.children {
		if child.begin <= offset && offset < child.end {
			return append([]step{s}, child.pathAt(offset)...)
		}
	}
	return nil
}

// lineOf is the line of the value at path, or of the last one on the way there;
// line is that of n.
func (n *node) lineOf(path []step, line int) int {
	for _, s := range path {
		var next int
		if n, next = n.child(s); n == nil {
			break
		}
		line = next
	}
	return line
}

// name is a path as findings write it: items by their name where they have one,
// and keys that users choose in brackets.
func (n *node) name(path []step) string {
	var name strings.Builder
	for i, s := range path {
		n, _ = n.child(s)
		switch {
		case s.key == "":
			label := n.text("name")
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
