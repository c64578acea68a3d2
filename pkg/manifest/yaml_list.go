// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package manifest

import (
	"bytes"
	"runtime"
	"strings"
	"sync/atomic"

	"golang.org/x/sync/errgroup"
	"sigs.k8s.io/yaml"
)

// large is from when on a list is parsed item by item, side by side: a parser of YAML holds
// thirty times as much as it reads.
const large = 64 << 10

// json is the document in JSON; items are the parts of the text where it is a list that
// was parsed item by item.
func (c *chunk) json() (raw []byte, items []*chunk, err error) {
	if rest, items := c.cut(); len(items) > 0 {
		if raw, ok := joined(rest, items); ok {
			return raw, items, nil
		}
	}
	raw, err = yaml.YAMLToJSON(c.text)
	return raw, nil, err
}

// cut takes the items out of a large list that is written as programs write it: each of
// them begins on a line of its own, in the same column, and all else of it is indented by
// more. rest is the list without them.
func (c *chunk) cut() (rest []byte, items []*chunk) {
	const key = "\nitems:\n"
	if len(c.text) < large || isFlow(c.text) {
		return nil, nil
	}
	begin := strings.Index("\n"+string(c.text[:large]), key)
	if begin < 0 {
		return nil, nil
	}
	begin += len(key) - 1
	end, line := begin, c.line+bytes.Count(c.text[:begin], []byte{'\n'})
	dash := append(blanks(c.text[begin:]), "- "...)
	for ; end < len(c.text); line++ {
		text := firstLine(c.text[end:])
		inside := bytes.TrimLeft(text, " ")
		switch {
		case bytes.HasPrefix(text, dash):
			items = append(items, &chunk{line: line})
			if first := text[len(dash)]; 'a' <= first && first <= 'z' {
				items[len(items)-1].content = line
			}
		case len(items) == 0, len(text)-len(inside) < len(dash) && !isBlank(inside):
			return append(bytes.Clone(c.text[:begin]), c.text[end:]...), items
		}
		end += len(text)
		last := items[len(items)-1]
		last.text = c.text[end-len(last.text)-len(text) : end]
	}
	return c.text[:begin], items
}

// isBlank tells whether a line holds nothing but a comment.
func isBlank(line []byte) bool {
	first := bytes.TrimSpace(line)
	return len(first) == 0 || first[0] == '#'
}

// isFlow tells whether a text begins with a brace or a bracket: it may be indented as it likes.
func isFlow(text []byte) bool {
	for len(text) > 0 {
		line := firstLine(text)
		if first := bytes.TrimSpace(line); !isBlank(line) {
			return first[0] == '{' || first[0] == '['
		}
		text = text[len(line):]
	}
	return false
}

// blanks are those that a text begins with.
func blanks(text []byte) []byte {
	return bytes.Clone(text[:len(text)-len(bytes.TrimLeft(text, " "))])
}

// firstLine is a text up to the end of its first line.
func firstLine(text []byte) []byte {
	if end := bytes.IndexByte(text, '\n'); end >= 0 {
		return text[:end+1]
	}
	return text
}

// joined is a list in JSON. It is not ok where a part means nothing by itself, such as an
// alias of what stands in another one: the text has to be parsed as a whole then.
func joined(rest []byte, items []*chunk) (raw []byte, ok bool) {
	// Items that come twice, or an anchor, mean something else where they stand.
	if bytes.Count(rest, []byte("items")) != 1 || bytes.IndexByte(rest, '&') >= 0 {
		return nil, false
	}
	list, err := yaml.YAMLToJSON(rest)
	before, after, found := bytes.Cut(list, []byte(`"items":null`))
	// With one brace before them, these are the items of the list itself.
	if err != nil || !found || bytes.Count(before, []byte{'{'}) != 1 {
		return nil, false
	}
	objects, size := make([][]byte, len(items)), atomic.Int64{}
	var all errgroup.Group
	all.SetLimit(runtime.GOMAXPROCS(0))
	for i, item := range items {
		all.Go(func() (err error) {
			objects[i], err = yaml.YAMLToJSON(item.text)
			size.Add(int64(len(objects[i])))
			return err
		})
	}
	if all.Wait() != nil {
		return nil, false
	}
	raw = append(make([]byte, 0, len(list)+int(size.Load())), before...)
	raw = append(raw, `"items":[`...)
	for i, object := range objects {
		if !holdsOne(object) {
			return nil, false
		}
		if i > 0 {
			raw = append(raw, ',')
		}
		raw = append(raw, object[1:len(object)-1]...)
		objects[i] = nil
	}
	return append(append(raw, ']'), after...), true
}

// holdsOne tells whether a list in JSON has one item, which is an object.
func holdsOne(list []byte) bool {
	count, s := 0, &scanner{buf: list}
	err := s.items(func() error {
		count++
		value, err := s.value()
		if err == nil && value.raw[0] != '{' {
			count++
		}
		return err
	})
	return err == nil && count == 1
}

// item is where the fields of a part stand.
func (c *chunk) item() *node {
	n := c.tree()
	if len(n.items) == 1 {
		return n.items[0]
	}
	return n
}
