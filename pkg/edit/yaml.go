// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package edit

import (
	"bytes"
	"errors"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// yamlTree is the value that stands in a span of YAML; nil where there is none.
func yamlTree(text []byte, s span) (*node, error) {
	document := text[s.begin:s.end]
	var root yaml.Node
	if !utf8.Valid(document) {
		return nil, errors.New("it is not written in UTF-8: convert it first")
	}
	if err := yaml.Unmarshal(document, &root); err != nil {
		return nil, errMoved
	}
	if len(root.Content) == 0 {
		return nil, nil
	}
	r := &yamlReader{text: text, begin: s.begin, end: s.end, known: map[*yaml.Node]*node{}}
	r.lines = lineStarts(text, s)
	n := r.node(root.Content[0], s.begin, 0)
	if r.failed {
		return nil, errMoved
	}
	return n, nil
}

// yamlReader makes nodes of those of the parser, which knows where they begin and not
// where they end.
type yamlReader struct {
	text       []byte
	begin, end int
	// lines are where lines begin.
	lines []int
	// The last position that was asked for; the next one is mostly behind it.
	line, column, at int
	known            map[*yaml.Node]*node
	// failed tells that the text is not as it should be.
	failed bool
}

// lineStarts are where lines begin, as the parser counts them.
func lineStarts(text []byte, s span) []int {
	starts := []int{s.begin}
	for i := s.begin; i < s.end; i++ {
		rest := text[i:s.end]
		switch {
		case text[i] == '\r' && len(rest) > 1 && rest[1] == '\n':
		case text[i] == '\n', text[i] == '\r':
			starts = append(starts, i+1)
		case bytes.HasPrefix(rest, []byte("\u0085")):
			starts = append(starts, i+2)
		case bytes.HasPrefix(rest, []byte("\u2028")), bytes.HasPrefix(rest, []byte("\u2029")):
			starts = append(starts, i+3)
		}
	}
	return starts
}

// position is where a column of a line is, both counted from 1, in bytes.
func (r *yamlReader) position(line, column int) int {
	if line < 1 || line > len(r.lines) {
		r.failed = true
		return r.begin
	}
	if line != r.line || column < r.column {
		r.line, r.column, r.at = line, 1, r.lines[line-1]
		if line == 1 && bytes.HasPrefix(r.text[r.at:r.end], []byte("\ufeff")) {
			r.at += len("\ufeff")
		}
	}
	for ; r.column < column && r.at < r.end; r.column++ {
		_, size := utf8.DecodeRune(r.text[r.at:r.end])
		r.at += size
	}
	return r.at
}

// node makes one. owner is where the key, or the dash, stands that it is the value of.
func (r *yamlReader) node(from *yaml.Node, owner, depth int) *node {
	n := &node{begin: r.position(from.Line, from.Column)}
	n.inside, n.end = n.begin, n.begin
	r.known[from] = n
	if depth > deepest {
		r.failed = true
	}
	if r.failed {
		return n
	}
	if from.Anchor != "" || from.Style&yaml.TaggedStyle != 0 {
		n.inside = r.skipProperties(n.begin)
	}
	switch from.Kind {
	case yaml.AliasNode:
		n.kind, n.end = alias, r.word(n.begin)
		if n.target = r.known[from.Alias]; n.target != nil {
			n.target.shared = true
		}
	case yaml.MappingNode:
		r.mapping(n, from, depth)
	case yaml.SequenceNode:
		r.sequence(n, from, depth)
	default:
		r.scalar(n, from, owner)
	}
	return n
}

// skipProperties steps over the anchor and the tag of a value.
func (r *yamlReader) skipProperties(at int) int {
	for at < r.end && (r.text[at] == '&' || r.text[at] == '!') {
		at = r.blanks(r.word(at))
	}
	return at
}

// word is the end of what stands without a blank.
func (r *yamlReader) word(at int) int {
	for at < r.end && strings.IndexByte(" \t\r\n,[]{}", r.text[at]) < 0 {
		at++
	}
	return at
}

// blanks steps over blanks, ends of lines and comments.
func (r *yamlReader) blanks(at int) int {
	for at < r.end {
		switch c := r.text[at]; {
		case c == ' ', c == '\t', c == '\r', c == '\n':
			at++
		case c == '#' && (at == r.begin || strings.IndexByte(" \t\r\n", r.text[at-1]) >= 0):
			at = endOfLine(r.text, at, r.end)
		default:
			return at
		}
	}
	return at
}

// endOfLine is where the line of a position ends, before what ends it.
func endOfLine(text []byte, at, end int) int {
	for at < end && text[at] != '\n' && text[at] != '\r' {
		at++
	}
	return at
}

func (r *yamlReader) mapping(n *node, from *yaml.Node, depth int) {
	n.kind, n.flow = mapping, from.Style&yaml.FlowStyle != 0
	for i := 0; i+1 < len(from.Content) && !r.failed; i += 2 {
		key := r.node(from.Content[i], n.begin, depth+1)
		colon := r.blanks(key.end)
		value := from.Content[i+1]
		absent := value.Kind == yaml.ScalarNode && value.Value == "" && value.Tag == "!!null"
		if colon >= r.end || r.text[colon] != ':' {
			if !absent || !n.flow {
				r.failed = true
				return
			}
			colon = key.end // in brackets a key may stand alone
		}
		p := pair{key: key, colon: colon, merge: from.Content[i].Tag == "!!merge"}
		if absent && value.Anchor == "" && value.Style&yaml.TaggedStyle == 0 {
			at := colon
			if colon < r.end && r.text[colon] == ':' {
				at++
			}
			p.value = &node{begin: at, inside: at, end: at, null: true}
			r.known[value] = p.value
		} else {
			p.value = r.node(value, key.begin, depth+1)
		}
		n.pairs = append(n.pairs, p)
		n.end = max(n.end, p.value.end)
	}
	r.close(n, '{', '}')
}

func (r *yamlReader) sequence(n *node, from *yaml.Node, depth int) {
	n.kind, n.flow = sequence, from.Style&yaml.FlowStyle != 0
	for _, one := range from.Content {
		dash := r.begin
		if !n.flow {
			dash = max(dash, bytes.LastIndexByte(r.text[:r.position(one.Line, one.Column)], '-'))
		}
		item := r.node(one, dash, depth+1)
		n.items = append(n.items, item)
		n.end = max(n.end, item.end)
	}
	r.close(n, '[', ']')
}

// close finds the bracket that ends a value.
func (r *yamlReader) close(n *node, open, end byte) {
	if r.failed {
		return
	}
	bracketed := n.inside < r.end && r.text[n.inside] == open
	if !n.flow || !bracketed {
		if n.flow && open == '[' || len(n.pairs)+len(n.items) == 0 {
			r.failed = true
		}
		return
	}
	at := r.blanks(max(n.end, n.inside+1))
	for at < r.end && r.text[at] == ',' {
		at = r.blanks(at + 1)
	}
	if at >= r.end || r.text[at] != end {
		r.failed = true
		return
	}
	n.end = at + 1
}

func (r *yamlReader) scalar(n *node, from *yaml.Node, owner int) {
	n.value, n.text, n.null = from.Value, from.ShortTag() == "!!str", from.ShortTag() == "!!null"
	switch {
	case from.Style&yaml.DoubleQuotedStyle != 0:
		n.style, n.end = doubleQuoted, r.quoted(n.inside, '"')
	case from.Style&yaml.SingleQuotedStyle != 0:
		n.style, n.end = singleQuoted, r.quoted(n.inside, '\'')
	case from.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0:
		n.style, n.end = block, r.block(n.inside, owner)
	default:
		n.end = r.words(n.inside, from.Value)
	}
}

// quoted is the end of a text in quotes.
func (r *yamlReader) quoted(at int, quote byte) int {
	if at >= r.end || r.text[at] != quote {
		r.failed = true
		return at
	}
	for at++; at < r.end; at++ {
		switch c := r.text[at]; {
		case c == '\\' && quote == '"':
			at++
		case c != quote:
		case quote == '\'' && at+1 < r.end && r.text[at+1] == quote:
			at++
		default:
			return at + 1
		}
	}
	r.failed = true
	return r.end
}

// words is the end of a plain text, which may go over several lines.
func (r *yamlReader) words(at int, value string) int {
	for _, word := range strings.FieldsFunc(value, func(c rune) bool { return strings.ContainsRune(" \t\n", c) }) {
		for at < r.end && strings.IndexByte(" \t\r\n", r.text[at]) >= 0 {
			at++
		}
		if !bytes.HasPrefix(r.text[at:r.end], []byte(word)) {
			r.failed = true
			return at
		}
		at += len(word)
	}
	return at
}

// block is the end of a text that is written below its key: of the last line of it
// that is not blank, or of the last one where blank lines are kept.
func (r *yamlReader) block(at, owner int) int {
	end := endOfLine(r.text, at, r.end)
	keeps := bytes.IndexByte(bytes.SplitN(r.text[at:end], []byte("#"), 2)[0], '+') >= 0
	inside := columnOf(r.text, owner) + 1
	for first, next := true, nextLine(r.text[:r.end], end); next < r.end; next = nextLine(r.text[:r.end], next) {
		last := endOfLine(r.text, next, r.end)
		text := bytes.TrimLeft(r.text[next:last], " ")
		switch spaces := last - next - len(text); {
		case len(text) == 0:
			if keeps {
				end = last
			}
			continue
		case spaces < inside:
			return end
		case first && !bytes.ContainsAny(r.text[at:endOfLine(r.text, at, r.end)], "123456789"):
			inside = spaces
		}
		first, end = false, last
	}
	return end
}

// columnOf is how many characters stand before a position on its line.
func columnOf(text []byte, at int) int {
	return utf8.RuneCount(text[lineOf(text, at):at])
}

// lineOf is where the line of a position begins.
func lineOf(text []byte, at int) int {
	line := bytes.LastIndexAny(text[:at], "\r\n") + 1
	if line == 0 && bytes.HasPrefix(text, []byte("\ufeff")) && at >= len("\ufeff") {
		return len("\ufeff")
	}
	return line
}
