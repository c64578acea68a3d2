// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package collect

import (
	"go.yaml.in/yaml/v3"
)

// place is where a value stands in a file. It serves only to find lines: what
// the value is, is for the decoder to say.
type place interface {
	// start is the line of the first key of a mapping, or of the value.
	start() int
	// each visits the members of a mapping in the order in which they take
	// effect: of equal keys the last one counts.
	each(visit func(key string, line int, value place))
	// items are those of a sequence.
	items() []place
}

func (t jsonText) start() int { return t.line }

func (t jsonText) each(visit func(key string, line int, value place)) {
	// Only text that was decoded before comes here: it is not malformed.
	_ = t.members(func(key string, line int, value jsonText) error {
		visit(key, line, value)
		return nil
	})
}

func (t jsonText) items() []place {
	var all []place
	_ = t.elements(func(_ int, value jsonText) error {
		all = append(all, value)
		return nil
	})
	return all
}

// yamlDocument is a YAML document whose places are looked for only when asked
// for, since it takes to parse it once more.
type yamlDocument struct {
	text []byte
	// line is the first line of text, content that of its first key.
	line, content int

	parsed bool
	root   *yaml.Node
}

// node is the root of the document; nil if this parser does not take it.
func (d *yamlDocument) node() *yaml.Node {
	if !d.parsed {
		d.parsed = true
		var n yaml.Node
		if yaml.Unmarshal(d.text, &n) == nil && len(n.Content) > 0 {
			d.root = n.Content[0]
		}
	}
	return d.root
}

func (d *yamlDocument) start() int { return d.content }

func (d *yamlDocument) each(visit func(key string, line int, value place)) {
	if n := d.node(); n != nil {
		yamlPlace{n, d.line - 1}.each(visit)
	}
}

func (d *yamlDocument) items() []place {
	if n := d.node(); n != nil {
		return yamlPlace{n, d.line - 1}.items()
	}
	return nil
}

// yamlPlace is a node, and how many lines stand before its document.
type yamlPlace struct {
	node  *yaml.Node
	above int
}

// target is the node itself, or what it is an alias of.
func (p yamlPlace) target() *yaml.Node {
	if p.node.Kind == yaml.AliasNode && p.node.Alias != nil {
		return p.node.Alias
	}
	return p.node
}

func (p yamlPlace) start() int {
	n := p.target()
	if n.Kind == yaml.MappingNode && len(n.Content) > 0 {
		n = n.Content[0]
	}
	return p.above + n.Line
}

func (p yamlPlace) each(visit func(key string, line int, value place)) {
	p.merged(visit, 8)
}

// merged visits the members in order, those of a merge key where it stands, as
// the YAML 1.1 parser takes them. Mappings that merge themselves have an end in depth.
func (p yamlPlace) merged(visit func(key string, line int, value place), depth int) {
	n := p.target()
	if n.Kind != yaml.MappingNode || depth == 0 {
		return
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		if key.Tag != "!!merge" {
			visit(key.Value, p.above+key.Line, yamlPlace{value, p.above})
			continue
		}
		from := yamlPlace{value, p.above}
		if list := from.target(); list.Kind == yaml.SequenceNode {
			for j := len(list.Content) - 1; j >= 0; j-- {
				yamlPlace{list.Content[j], p.above}.merged(visit, depth-1)
			}
			continue
		}
		from.merged(visit, depth-1)
	}
}

func (p yamlPlace) items() []place {
	n := p.target()
	if n.Kind != yaml.SequenceNode {
		return nil
	}
	all := make([]place, len(n.Content))
	for i, item := range n.Content {
		all[i] = yamlPlace{item, p.above}
	}
	return all
}

// member is a member of the mapping at p, and the line of its key; nil if there is none.
func member(p place, key string) (place, int) {
	var found place
	line := 0
	if p != nil {
		p.each(func(k string, l int, value place) {
			if k == key {
				found, line = value, l
			}
		})
	}
	return found, line
}

// itemAt is an item of the sequence at p; nil if there is none.
func itemAt(p place, index int) place {
	if p == nil {
		return nil
	}
	if all := p.items(); index < len(all) {
		return all[index]
	}
	return nil
}

// later is a place that is looked for when it is asked for.
type later func() place

func (l later) start() int                                     { return l().start() }
func (l later) each(visit func(key string, line int, p place)) { l().each(visit) }
func (l later) items() []place                                 { return l().items() }
