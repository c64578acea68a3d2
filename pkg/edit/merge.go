// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package edit

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/field"
)

// entry is a key that is to be written, with its value or with the entries below it. The
// key may be a step to an element of a list.
type entry struct {
	key     string
	value   any
	comment string
	// instead is the key that it takes the place of; empty for none.
	instead string
	below   []*entry
}

// entries are the values of an object as a tree, in their order.
func entries(sets []Set) []*entry {
	var all []*entry
	for _, set := range sets {
		for _, leaf := range leaves(set) {
			level := &all
			for i, key := range leaf.Path {
				at := slices.IndexFunc(*level, func(e *entry) bool { return e.key == key })
				if at < 0 {
					at = len(*level)
					*level = append(*level, &entry{key: key})
				}
				found := (*level)[at]
				if i == len(set.Path)-1 {
					found.instead = set.Instead
				}
				if i == len(leaf.Path)-1 {
					found.value, found.comment = leaf.Value, leaf.Comment
				}
				level = &found.below
			}
		}
	}
	return all
}

// leaves are the single values of a set, a name first, since it tells a reader most.
func leaves(set Set) []Set {
	tree, isTree := set.Value.(map[string]any)
	if !isTree {
		return []Set{set}
	}
	var all []Set
	for _, key := range slices.SortedFunc(maps.Keys(tree), nameFirst) {
		// The element that is found or made by its name has that.
		if _, element := field.Element(set.Path[len(set.Path)-1]); element && key == elementName {
			continue
		}
		all = append(all, leaves(Set{Path: append(slices.Clip(set.Path), key), Value: tree[key]})...)
	}
	return all
}

func nameFirst(a, b string) int {
	switch {
	case a == b:
		return 0
	case a == elementName:
		return -1
	case b == elementName:
		return 1
	default:
		return strings.Compare(a, b)
	}
}

// writer gathers the splices of one object.
type writer struct {
	text []byte
	json bool
	// step is by how much a mapping is indented below its key, dash by how much the dash
	// of an element, and gap how far behind the dash an element begins.
	step, dash, gap int
	splices         []splice
}

// standardStep and standardGap are what is taken where the text shows none.
const (
	standardStep = 2
	standardGap  = 2
)

func (w *writer) object(root *node, o Object) error {
	n := root.item(o.Spot.Items)
	if n == nil {
		return errMoved
	}
	return w.merge(n, entries(o.Sets), nil)
}

// merge writes entries into a mapping that stands at a path.
func (w *writer) merge(n *node, all []*entry, path []string) error {
	switch {
	case n.kind == alias:
		return fmt.Errorf("%s comes from an anchor: change it by hand where that is", where(path))
	case n.shared:
		return fmt.Errorf("%s has an anchor, and is used at other places too: change it by hand", where(path))
	case inList(all):
		return w.mergeList(n, all, path)
	case n.kind != mapping:
		return fmt.Errorf("%s is no mapping", where(path))
	}
	var missing []*entry
	for _, e := range all {
		inside := append(slices.Clip(path), e.key)
		found := n.named(e.key)
		switch {
		case len(found) > 1:
			return fmt.Errorf("%s stands there %d times: leave one of them", where(inside), len(found))
		case len(found) == 0 && n.merges(e.key, map[*node]bool{}):
			return fmt.Errorf("%s comes from a merge key: change it by hand where that is", where(inside))
		case e.instead != "":
			if err := w.instead(n, e, path); err != nil {
				return err
			}
			continue
		case len(found) == 0:
			missing = append(missing, e)
			continue
		}
		if err := w.pair(n, found[0], e, inside); err != nil {
			return err
		}
	}
	if len(missing) == 0 {
		return nil
	}
	return w.add(n, missing)
}

// pair writes an entry where its key is already.
func (w *writer) pair(n *node, p pair, e *entry, path []string) error {
	switch {
	case p.value.kind == alias:
		return fmt.Errorf("%s comes from an anchor: change it by hand where that is", where(path))
	case p.value.shared && e.below != nil:
		return fmt.Errorf("%s has an anchor, and is used at other places too: change it by hand", where(path))
	case e.below == nil:
		return w.replace(n, p, e.value, path)
	case p.value.empty(inList(e.below)) && p.value.tagged():
		return fmt.Errorf("%s has an anchor or a tag and nothing else: change it by hand", where(path))
	case p.value.empty(inList(e.below)):
		return w.fill(n, p, e.below)
	case !n.flow && p.value.kind == sequence && !p.value.flow:
		w.dashes(columnOf(w.text, p.key.begin), p.value)
	}
	if !n.flow && p.value.kind == mapping && !p.value.flow && len(p.value.pairs) > 0 {
		if step := columnOf(w.text, p.value.pairs[0].key.begin) - columnOf(w.text, p.key.begin); step > 0 {
			w.step = step
		}
	}
	return w.merge(p.value, e.below, path)
}

// replace puts one value in the place of another.
func (w *writer) replace(n *node, p pair, value any, path []string) error {
	old := p.value
	text, isText := value.(string)
	switch {
	case old.kind != scalar:
		return fmt.Errorf("%s is no text", where(path))
	case isText && old.text && old.value == text:
		return nil
	case old.tagged():
		return fmt.Errorf("%s has an anchor or a tag: change it by hand", where(path))
	}
	next := w.scalar(value, old.style)
	if old.begin == old.end {
		next = " " + next
	}
	if n.flow && old.style == block {
		return errUnproven
	}
	w.splices = append(w.splices, splice{old.begin, old.end, next})
	return nil
}

// add writes entries into a mapping that has others.
func (w *writer) add(n *node, all []*entry) error {
	switch {
	case len(n.pairs) == 0:
		return errUnproven // only a whole document comes here
	case n.flow:
		return w.addInBrackets(n, all)
	default:
		return w.addLines(n, all)
	}
}

// fill writes entries below a key that has nothing yet.
func (w *writer) fill(n *node, p pair, all []*entry) error {
	if n.flow || w.json {
		return w.fillBrackets(n, p, all)
	}
	end := endOfLine(w.text, p.value.end, len(w.text))
	if !blankOrComment(w.text[p.value.end:end]) {
		return errUnproven
	}
	if p.value.end > p.colon+1 {
		w.splices = append(w.splices, splice{p.colon + 1, p.value.end, ""})
	}
	w.insertLines(end, w.below(all, columnOf(w.text, p.key.begin), habits{}))
	return nil
}
