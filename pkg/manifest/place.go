// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package manifest

import "go.yaml.in/yaml/v3"

// node is a value and where it stands.
type node struct {
	// line is that of the value, begin and end the bytes between which it stands
	// in the JSON text that was parsed.
	line, begin, end int
	// members are those of a mapping, in the order in which they take effect: of
	// equal keys the last one counts.
	members []member
	// items are those of a sequence.
	items []*node
	// scalar is the value of anything else; quoted tells that it is a string.
	scalar string
	quoted bool
}

// member is a member of a mapping; line is that of its key.
type member struct {
	key   string
	line  int
	value *node
}

// parse parses JSON text that begins on a line of the file.
func parse(raw []byte, line int) *node {
	return (&scanner{buf: raw, line: line}).node()
}

// node takes the next value. Only text that is known to be JSON comes here.
func (s *scanner) node() *node {
	first := s.next()
	n := &node{line: s.line, begin: s.pos}
	switch first {
	case '{':
		_ = s.members(func(key string, line int) error {
			n.members = append(n.members, member{key, line, s.node()})
			return nil
		})
	case '[':
		_ = s.items(func() error {
			n.items = append(n.items, s.node())
			return nil
		})
	default:
		value, _ := s.value()
		if n.quoted = first == '"'; n.quoted {
			n.scalar, _ = value.string()
		} else {
			n.scalar = string(value.raw)
		}
	}
	n.end = s.pos
	return n
}

// yamlTree makes nodes of a document that stands below other lines. Each of its
// nodes becomes one: aliases of aliases do not multiply, and a ring has an end.
type yamlTree struct {
	above int
	known map[*yaml.Node]*node
}

func (t yamlTree) node(from *yaml.Node) *node {
	if from.Kind == yaml.AliasNode {
		from = from.Alias
	}
	if n := t.known[from]; n != nil {
		return n
	}
	n := &node{line: t.above + from.Line}
	t.known[from] = n
	switch from.Kind {
	case yaml.MappingNode:
		t.members(n, from.Content)
		if len(from.Content) > 0 {
			n.line = t.above + from.Content[0].Line
		}
	case yaml.SequenceNode:
		for _, item := range from.Content {
			n.items = append(n.items, t.node(item))
		}
	default:
		n.scalar, n.quoted = from.Value, true
	}
	return n
}

// members adds the members in order, those of a merge key where it stands, as
// the YAML 1.1 parser takes them.
func (t yamlTree) members(n *node, content []*yaml.Node) {
	for i := 0; i+1 < len(content); i += 2 {
		key, value := content[i], t.node(content[i+1])
		if key.Tag != "!!merge" {
			n.members = append(n.members, member{key.Value, t.above + key.Line, value})
			continue
		}
		for j := len(value.items) - 1; j >= 0; j-- {
			n.members = append(n.members, value.items[j].members...)
		}
		n.members = append(n.members, value.members...)
	}
}
