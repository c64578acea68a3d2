// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package edit

import "errors"

// deepest is how deep values may stand in each other.
const deepest = 1000

// errMoved is said where the text is not what was read.
var errMoved = errors.New("its text could not be taken apart: write it in plain YAML, or change it by hand")

type kind int

const (
	scalar kind = iota
	mapping
	sequence
	alias
)

type style int

const (
	plain style = iota
	singleQuoted
	doubleQuoted
	block
)

// node is a value and where in the text it stands.
type node struct {
	kind  kind
	style style
	// flow tells that a mapping or a sequence is written in brackets.
	flow bool
	// begin and end are the bytes between which it stands; inside is where it begins
	// behind its anchor and its tag.
	begin, inside, end int
	// shared tells that an alias refers to it.
	shared bool
	// text tells that a scalar is a string, null that it is none at all.
	text, null bool
	value      string
	pairs      []pair
	items      []*node
	// target is what an alias refers to.
	target *node
}

// pair is a key and its value; colon is where the colon between them stands.
type pair struct {
	key   *node
	colon int
	value *node
	// merge tells that the value is a mapping whose keys are taken over.
	merge bool
}

// named are the pairs of a key.
func (n *node) named(key string) []pair {
	var all []pair
	for _, p := range n.pairs {
		if !p.merge && p.key.value == key {
			all = append(all, p)
		}
	}
	return all
}

// merges tells whether a key comes of a merge key. Each mapping is looked at once.
func (n *node) merges(key string, seen map[*node]bool) bool {
	if seen[n] {
		return false
	}
	seen[n] = true
	for _, p := range n.pairs {
		if !p.merge {
			continue
		}
		from := p.value
		if from.kind == alias {
			from = from.target
		}
		if from == nil {
			continue
		}
		for _, one := range append([]*node{from}, from.items...) {
			if one.kind == alias {
				one = one.target
			}
			if one != nil && (len(one.named(key)) > 0 || one.merges(key, seen)) {
				return true
			}
		}
	}
	return false
}

// empty tells whether nothing stands in a value that is to be a list, or a mapping.
func (n *node) empty(list bool) bool {
	if list && n.kind == sequence {
		return len(n.items) == 0
	}
	return n.null || !list && n.kind == mapping && len(n.pairs) == 0
}

// tagged tells whether an anchor or a tag stands before a value.
func (n *node) tagged() bool { return n.inside > n.begin }

// item is what the indices lead to.
func (n *node) item(indices []int) *node {
	for _, i := range indices {
		found := n.named("items")
		if n.kind != mapping || len(found) == 0 {
			return nil
		}
		list := found[len(found)-1].value
		if i >= len(list.items) {
			return nil
		}
		n = list.items[i]
	}
	return n
}
