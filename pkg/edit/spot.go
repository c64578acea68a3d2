// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package edit

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strings"
)

// Spot says where in the text of a file an object stands.
type Spot struct {
	// Offset is that of the object's document, in bytes; a document that is written in
	// another encoding has none, and is less than zero.
	Offset int
	// JSON tells that the document is one JSON value, and not YAML.
	JSON bool
	// Items leads to the object where the document is a list: the index in items, and
	// so on where lists stand in lists.
	Items []int
}

// span is one document in a text.
type span struct {
	begin, end int
	json       bool
}

// span is the document that begins at the spot.
func (s Spot) span(text []byte) (span, error) {
	switch {
	case s.Offset < 0 || s.Offset > len(text):
		return span{}, errors.New("it is not written in UTF-8: convert it first")
	case s.JSON:
		decoder := json.NewDecoder(bytes.NewReader(text[s.Offset:]))
		var value json.RawMessage
		if err := decoder.Decode(&value); err != nil {
			return span{}, errMoved
		}
		return span{s.Offset, s.Offset + int(decoder.InputOffset()), true}, nil
	default:
		return span{s.Offset, s.Offset + endOfYAML(text[s.Offset:]), false}, nil
	}
}

// endOfYAML is where a YAML document ends: before the next separator.
func endOfYAML(text []byte) int {
	at := 0
	for at < len(text) && !separates(text[at:]) {
		at = nextLine(text, at)
	}
	return at
}

// separates tells whether a line is one that ends a document.
func separates(line []byte) bool {
	if bytes.HasPrefix(line, []byte("---")) {
		return true
	}
	return bytes.HasPrefix(line, []byte("...")) && (len(line) == 3 || strings.ContainsRune(" \t\r\n", rune(line[3])))
}

// nextLine is where the line after that of a position begins.
func nextLine(text []byte, at int) int {
	if i := bytes.IndexByte(text[at:], '\n'); i >= 0 {
		return at + i + 1
	}
	return len(text)
}

// spans are the documents of a text.
func spans(text []byte) []span {
	at := len(text) - len(bytes.TrimPrefix(text, []byte("\ufeff")))
	var all []span
	for bytes.HasPrefix(bytes.TrimSpace(text[at:]), []byte("{")) {
		decoder := json.NewDecoder(bytes.NewReader(text[at:]))
		var value json.RawMessage
		if err := decoder.Decode(&value); err != nil {
			break
		}
		end := at + int(decoder.InputOffset())
		all = append(all, span{end - len(value), end, true})
		at = end
	}
	for at < len(text) {
		if separates(text[at:]) {
			at = nextLine(text, at)
			continue
		}
		end := at + endOfYAML(text[at:])
		all = append(all, span{at, end, false})
		at = end
	}
	return all
}

// Spots are the documents of a text that are more than comments.
func Spots(text []byte) []Spot {
	var all []Spot
	for _, s := range spans(text) {
		if s.json || !blankDocument(text[s.begin:s.end]) {
			all = append(all, Spot{Offset: s.begin, JSON: s.json})
		}
	}
	return all
}

// jsonTree is the value that stands in a span of JSON.
func jsonTree(text []byte, s span) (*node, error) {
	t := jsonReader{text: text, base: s.begin, decoder: json.NewDecoder(bytes.NewReader(text[s.begin:s.end]))}
	t.decoder.UseNumber()
	n, err := t.value(0)
	if err != nil {
		return nil, errMoved
	}
	return n, nil
}

// jsonReader makes nodes of JSON text.
type jsonReader struct {
	text    []byte
	base    int
	decoder *json.Decoder
}

// token takes the next token, and says where it stands.
func (r jsonReader) token() (token json.Token, begin, end int, err error) {
	begin = r.base + int(r.decoder.InputOffset())
	if token, err = r.decoder.Token(); err != nil {
		return nil, 0, 0, err
	}
	end = r.base + int(r.decoder.InputOffset())
	for begin < end && strings.IndexByte(" \t\r\n,:", r.text[begin]) >= 0 {
		begin++
	}
	return token, begin, end, nil
}

func (r jsonReader) value(depth int) (*node, error) {
	token, begin, end, err := r.token()
	if err != nil {
		return nil, err
	}
	if depth > deepest {
		return nil, io.ErrUnexpectedEOF
	}
	n := &node{kind: scalar, begin: begin, inside: begin, end: end, flow: true}
	switch v := token.(type) {
	case json.Delim:
		n.kind = mapping
		if v == '[' {
			n.kind = sequence
		}
		for r.decoder.More() {
			if err := r.child(n, depth); err != nil {
				return nil, err
			}
		}
		_, _, n.end, err = r.token()
		return n, err
	case string:
		n.value, n.text, n.style = v, true, doubleQuoted
	case nil:
		n.null = true
		n.value = "null"
	default:
		n.value = string(r.text[begin:end])
	}
	return n, nil
}

// child takes a member of an object, or an item of an array.
func (r jsonReader) child(n *node, depth int) error {
	if n.kind == sequence {
		item, err := r.value(depth + 1)
		n.items = append(n.items, item)
		return err
	}
	key, err := r.value(depth + 1)
	if err != nil {
		return err
	}
	value, err := r.value(depth + 1)
	if err != nil {
		return err
	}
	colon := key.end
	for colon < value.begin && r.text[colon] != ':' {
		colon++
	}
	n.pairs = append(n.pairs, pair{key: key, colon: colon, value: value})
	return nil
}
