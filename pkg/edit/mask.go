// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package edit

import (
	"bytes"
	"slices"
	"strings"
)

// hidden stands for what is not shown.
const hidden = "***"

// Scalar is a value of a document that is no mapping and no list.
type Scalar struct {
	// Path are the keys that lead to it; an item of a list has that of the list.
	Path []string
	Text string
	// String tells that it is a string, and no number, bool or null.
	String bool
}

// Masked is a text as it may be shown, line by line: every value is what shown makes
// of it, and comments but for those that are given, and what could not be taken apart,
// are hidden. It has as many lines as the text, and is for reading alone.
func Masked(text []byte, shown func(Scalar) string, comments ...string) []byte {
	m := masker{text: text, shown: shown, comments: comments}
	at := len(text) - len(bytes.TrimPrefix(text, []byte("\ufeff")))
	for _, s := range spans(text) {
		m.hideLines(at, s.begin)
		at = s.end
		root, err := tree(text, s)
		if err != nil {
			if !blankDocument(text[s.begin:s.end]) {
				m.hideLines(s.begin, s.end)
				continue
			}
			m.hideComments(s.begin, s.end)
			continue
		}
		m.at = s.begin
		m.node(root, nil)
		m.hideComments(m.at, s.end)
	}
	m.hideLines(at, len(text))
	return apply(text, m.splices)
}

// blankDocument tells whether a document is nothing but comments.
func blankDocument(text []byte) bool {
	for line := range bytes.Lines(text) {
		if !blankOrComment(append([]byte(" "), bytes.TrimRight(line, "\r\n")...)) {
			return false
		}
	}
	return true
}

type masker struct {
	text     []byte
	shown    func(Scalar) string
	comments []string
	splices  []splice
	// at is where the part begins that was not looked at yet.
	at int
}

// node masks what stands in a value.
func (m *masker) node(n *node, path []string) {
	m.hideComments(m.at, n.inside)
	m.at = max(m.at, n.inside)
	switch n.kind {
	case alias:
		m.put(n, hidden)
	case mapping:
		for _, p := range n.pairs {
			m.hideComments(m.at, p.key.inside)
			m.at = max(m.at, p.key.end)
			m.node(p.value, append(path[:len(path):len(path)], p.key.value))
		}
	case sequence:
		for _, item := range n.items {
			m.node(item, path)
		}
	default:
		if n.begin == n.end {
			return
		}
		text := m.shown(Scalar{Path: path, Text: n.value, String: n.text})
		if text == n.value && n.style != block {
			m.at = max(m.at, n.end)
			return
		}
		m.put(n, quotedAs(n, text))
	}
	m.hideComments(m.at, n.end)
	m.at = max(m.at, n.end)
}

// quotedAs is a text in the quotes of the one that it stands for.
func quotedAs(n *node, text string) string {
	switch n.style {
	case doubleQuoted:
		return `"` + text + `"`
	case singleQuoted:
		return "'" + text + "'"
	default:
		return text
	}
}

// put replaces a value, on as many lines as it has.
func (m *masker) put(n *node, text string) {
	text = strings.NewReplacer("\r", " ", "\n", " ").Replace(text)
	end := endOfLine(m.text, n.inside, n.end)
	m.splices = append(m.splices, splice{n.inside, end, text})
	m.hideLines(end, n.end)
	m.at = max(m.at, n.end)
}

// hideLines hides what stands in lines, but for separators.
func (m *masker) hideLines(begin, end int) {
	for begin < end {
		last := endOfLine(m.text, begin, end)
		line := m.text[begin:last]
		rest := bytes.TrimLeft(line, " \t")
		from := begin + len(line) - len(rest)
		if separates(line) {
			from, rest = begin+3, line[3:]
		}
		switch {
		case len(bytes.TrimSpace(rest)) == 0:
		case from == begin+3 && separates(line):
			m.splices = append(m.splices, splice{from, last, " " + hidden})
		default:
			m.splices = append(m.splices, splice{from, last, hidden})
		}
		begin = last + 1
	}
}

// hideComments hides the comments between values.
func (m *masker) hideComments(begin, end int) {
	for at := begin; at < end; at++ {
		if m.text[at] != '#' {
			continue
		}
		last := endOfLine(m.text, at, end)
		if comment := string(bytes.TrimSpace(m.text[at+1 : last])); !slices.Contains(m.comments, comment) {
			m.splices = append(m.splices, splice{at, last, "# " + hidden})
		}
		at = last
	}
}
