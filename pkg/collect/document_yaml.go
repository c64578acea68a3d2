// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package collect

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"

	"sigs.k8s.io/yaml"
)

// yamlChunk is the text between two separators.
type yamlChunk struct {
	text []byte
	// line is that of the first byte of text; content that of the first line
	// that is more than a comment, 0 if there is none.
	line, content int
	// ended tells that a line "..." was seen, stray where something follows it.
	ended bool
	stray int
	// skip tells that the chunk has no proper beginning.
	skip bool
}

// yaml cuts the text where kubectl does: at lines that begin with "---", which
// leaves block scalars whole, since theirs are indented.
func (d *documents) yaml(r *bufio.Reader, line int, first *malformed) error {
	chunk := yamlChunk{line: line}
	flush := func(next int) error {
		err := d.chunk(&chunk, first)
		if chunk.content > 0 {
			first, d.again = nil, 0
		}
		chunk = yamlChunk{text: chunk.text[:0], line: next}
		return err
	}
	for ; ; line++ {
		start := len(chunk.text)
		err := appendLine(r, &chunk.text)
		if err != nil && !errors.Is(err, io.EOF) {
			return err
		}
		text := chunk.text[start:]
		if rest, found := bytes.CutPrefix(text, []byte("---")); found {
			rest = bytes.Clone(bytes.TrimSpace(rest))
			chunk.text = chunk.text[:start]
			if err := flush(line + 1); err != nil {
				return err
			}
			if len(rest) > 0 && rest[0] != '#' {
				chunk.skip = true
				d.bad(document{line: line}, fmt.Errorf("%q stands behind the separator ---: put it on a line of its own", clipped(rest)))
			}
		} else {
			chunk.add(text, start, line)
		}
		if err != nil {
			return flush(line)
		}
	}
}

// appendLine appends the next line, with its end.
func appendLine(r *bufio.Reader, text *[]byte) error {
	for {
		part, err := r.ReadSlice('\n')
		*text = append(*text, part...)
		if !errors.Is(err, bufio.ErrBufferFull) {
			return err
		}
	}
}

// add looks at a line that was appended to the text. The parser reads up to
// "..." and no further.
func (c *yamlChunk) add(text []byte, start, line int) {
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
func (d *documents) chunk(c *yamlChunk, first *malformed) error {
	if err := d.ctx.Err(); err != nil {
		return err
	}
	if c.stray > 0 {
		defer d.bad(document{line: c.stray}, errors.New(`kubectl does not read what follows "...": put --- before it`))
	}
	if c.content == 0 || c.skip {
		return nil
	}
	if !utf8.Valid(c.text) {
		c.text = bytes.ToValidUTF8(c.text, []byte("\ufffd"))
	}
	source := &yamlDocument{text: c.text, line: c.line, content: c.content}
	raw, err := yaml.YAMLToJSON(c.text)
	switch {
	case err != nil && first != nil && !bytes.Contains(c.text, []byte("{{")):
		d.bad(document{line: first.line}, first)
	case err != nil:
		broken := source.explain(err)
		d.bad(document{line: broken.line}, broken.err)
	case string(raw) != "null":
		return d.object(document{raw: raw, line: c.content, at: source, exact: mentionsDapr(c.text)}, header{}, 0)
	}
	return nil
}

// clipped is the beginning of a text that may be long.
func clipped(text []byte) string {
	const most = 40
	if len(text) <= most {
		return string(text)
	}
	return string(text[:most]) + "…"
}
