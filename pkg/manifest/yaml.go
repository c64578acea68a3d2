// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package manifest

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"
	"unicode/utf8"

	yamlv3 "go.yaml.in/yaml/v3"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/edit"
)

// chunk is the text between two separators.
type chunk struct {
	text []byte
	// offset is that of the first byte of text in the file, line its line; content is
	// that of the first line that is more than a comment, 0 if there is none; of an item,
	// 0 where that line is not known.
	offset, line, content int
	// ended tells that a line "..." was seen, stray where something follows it.
	ended bool
	stray int
	// skip tells that the chunk has no proper beginning.
	skip bool
}

// yaml cuts the text where kubectl does: at lines that begin with "---", which
// leaves block scalars whole, since theirs are indented. offset and line are those of
// the first byte of r in the file.
func (s *stream) yaml(r *bufio.Reader, offset, line int, first *malformed) error {
	c := &chunk{offset: offset, line: line}
	end := func(next int) error {
		err := s.chunk(c, first)
		if c.content > 0 {
			first, s.again = nil, 0
		}
		if err == nil && s.found.size > together {
			err = s.flush()
		}
		c = &chunk{offset: offset, line: next}
		return err
	}
	for ; ; line++ {
		start := len(c.text)
		err := appendLine(r, &c.text)
		if err != nil && !errors.Is(err, io.EOF) {
			return err
		}
		text := c.text[start:]
		offset += len(text)
		if rest, found := bytes.CutPrefix(text, []byte("---")); found {
			rest = bytes.Clone(bytes.TrimSpace(rest))
			c.text = c.text[:start]
			if err := end(line + 1); err != nil {
				return err
			}
			if len(rest) > 0 && rest[0] != '#' {
				c.skip = true
				err := s.failed(line, fmt.Errorf("%q stands behind the separator ---: put it on a line of its own", clipped(rest)))
				if err != nil {
					return err
				}
			}
		} else {
			c.add(text, start, line)
		}
		if err != nil {
			return end(line)
		}
	}
}

// appendLine appends the next line, with its end.
func appendLine(r *bufio.Reader, text *[]byte) error {
	for {
		part, err := r.ReadSlice('\n')
		if cap(*text)-len(*text) < len(part) {
			*text = slices.Grow(*text, max(len(part), len(*text))) // it may be all of a large file
		}
		*text = append(*text, part...)
		if !errors.Is(err, bufio.ErrBufferFull) {
			return err
		}
	}
}

// add looks at a line that was appended to the text. The parser reads up to
// "..." and no further.
func (c *chunk) add(text []byte, start, line int) {
	trimmed := bytes.TrimSpace(text)
	blank := len(trimmed) == 0 || trimmed[0] == '#'
	if !c.ended && bytes.HasPrefix(text, []byte("...")) && len(bytes.Fields(text)[0]) == 3 {
		c.ended = true
		return
	}
	if c.ended {
		c.text = c.text[:start]
		if !blank && c.stray == 0 {
			c.stray = line
		}
		return
	}
	if !blank && c.content == 0 {
		c.content = line
	}
}

// chunk visits the objects of one YAML document. first is what was wrong with
// it as JSON.
func (s *stream) chunk(c *chunk, first *malformed) error {
	err := s.document(c, first)
	if err == nil && c.stray > 0 {
		err = s.failed(c.stray, errors.New(`kubectl does not read what follows "...": put --- before it`))
	}
	return err
}

func (s *stream) document(c *chunk, first *malformed) error {
	if c.content == 0 || c.skip {
		return s.ctx.Err()
	}
	if !utf8.Valid(c.text) {
		c.text = bytes.ToValidUTF8(c.text, []byte("\ufffd"))
	}
	raw, items, err := c.json()
	switch {
	case err != nil && first != nil && !bytes.Contains(c.text, []byte("{{")):
		return s.failed(first.line, first)
	case err != nil:
		return s.failed(c.explain(err))
	case string(raw) == "null":
		return s.ctx.Err()
	}
	s.begin(edit.Spot{Offset: c.offset})
	s.parts = items
	defer func() { s.parts = nil }()
	return s.value(&scanner{buf: raw, line: c.content}, sync.OnceValue(c.tree), nil)
}

// tree is where the fields stand. It takes to parse the text once more, so it is
// made for those who ask only.
func (c *chunk) tree() *node {
	var n yamlv3.Node
	if yamlv3.Unmarshal(c.text, &n) != nil || len(n.Content) == 0 {
		return &node{line: c.content} // this parser does not take it
	}
	return yamlTree{c.line - 1, map[*yamlv3.Node]*node{}}.node(n.Content[0])
}

// clipped is the beginning of a text that may be long.
func clipped(text []byte) string {
	const most = 40
	if len(text) <= most {
		return string(text)
	}
	return string(text[:most]) + "…"
}
