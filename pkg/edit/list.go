// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package edit

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/field"
)

// elementName is the key by which an element of a list is known.
const elementName = "name"

// inList tells whether entries are elements of a list.
func inList(all []*entry) bool {
	return len(all) > 0 && field.Path{all[0].key}.InList()
}

// fields are what a new element holds: its name, and what is below it.
func (e *entry) fields() []*entry {
	name, _ := field.Element(e.key)
	return append([]*entry{{key: elementName, value: name}}, e.below...)
}

// elements are the nodes of a list that a step leads to.
func (n *node) elements(step string) []*node {
	if i, is := field.Place(step); is {
		if i < len(n.items) {
			return n.items[i : i+1]
		}
		return nil
	}
	name, _ := field.Element(step)
	var all []*node
	for _, item := range n.items {
		is := item
		if is.kind == alias && is.target != nil {
			is = is.target
		}
		for _, p := range is.named(elementName) {
			if p.value.kind == scalar && p.value.value == name {
				all = append(all, item)
				break
			}
		}
	}
	return all
}

// mergeList writes entries into the elements of a list that stands at a path, and adds
// those that have a name and are missing.
func (w *writer) mergeList(n *node, all []*entry, path []string) error {
	if n.kind != sequence {
		return fmt.Errorf("%s is no list", where(path))
	}
	var missing []*entry
	for _, e := range all {
		inside := slices.Concat(path, []string{e.key})
		_, named := field.Element(e.key)
		switch found := n.elements(e.key); {
		case len(found) > 1:
			return fmt.Errorf("%s stands there %d times: leave one of them", where(inside), len(found))
		case len(found) == 1:
			if err := w.merge(found[0], e.below, inside); err != nil {
				return err
			}
		case !named:
			return errMoved
		default:
			missing = append(missing, e)
		}
	}
	switch {
	case len(missing) == 0:
		return nil
	case n.flow:
		return w.addItemsInBrackets(n, missing)
	default:
		return w.addItems(n, missing)
	}
}

// dashes takes over how the elements of a list stand below a key at a column.
func (w *writer) dashes(column int, list *node) {
	if len(list.items) == 0 {
		return
	}
	last := list.items[len(list.items)-1]
	at := columnOf(w.text, list.inside)
	if wide := at - column; wide >= 0 {
		w.dash = wide
	}
	line := bytes.TrimLeft(w.text[lineOf(w.text, last.begin):last.begin], " ")
	if gap := columnOf(w.text, last.begin) - at; gap > 1 && bytes.HasPrefix(line, []byte("- ")) {
		w.gap = gap
	}
}

// addItems writes elements behind the last one of a list that is written line by line.
func (w *writer) addItems(n *node, all []*entry) error {
	last := n.items[len(n.items)-1]
	column := columnOf(w.text, n.inside)
	end := endOfLine(w.text, last.end, len(w.text))
	if !blankOrComment(w.text[last.end:end]) {
		return errUnproven
	}
	w.insertLines(w.ownComments(end, column), w.items(all, column, habitsOf(last)))
	return nil
}

// items are elements as lines of a list whose dashes stand at a column.
func (w *writer) items(all []*entry, column int, h habits) []string {
	var lines []string
	for _, e := range all {
		inside := w.lines(e.fields(), column+w.gap, h)
		inside[0] = strings.Repeat(" ", column) + "-" + inside[0][column+1:]
		lines = append(lines, inside...)
	}
	return lines
}

// addItemsInBrackets writes elements behind the last one of a list in brackets.
func (w *writer) addItemsInBrackets(n *node, all []*entry) error {
	last := n.items[len(n.items)-1]
	element := layout{step: "  ", colon: ": ", comma: ", "}
	if last.kind == mapping && last.flow && len(last.pairs) > 0 {
		element = w.layoutOf(last)
	}
	element.json = w.json
	begin := lineOf(w.text, last.begin)
	line := w.text[begin:]
	element.indent = string(line[:len(line)-len(bytes.TrimLeft(line, " \t"))])
	list := element
	list.own = n.inside < begin && begin+len(element.indent) == last.begin
	list.br = w.lineBreak(endOfLine(w.text, n.inside, len(w.text)))
	var parts []string
	for _, e := range all {
		parts = append(parts, w.brackets(e.fields(), element))
	}
	w.behind(last, parts, list)
	return nil
}

// listInBrackets is a whole list of new elements.
func (w *writer) listInBrackets(all []*entry, l layout) string {
	inside := l
	if l.own {
		inside.indent += l.step
	}
	var parts []string
	for _, e := range all {
		parts = append(parts, w.brackets(e.fields(), inside))
	}
	if !l.own {
		return "[" + strings.Join(parts, l.comma) + "]"
	}
	return "[" + l.br + inside.indent + strings.Join(parts, ","+l.br+inside.indent) + l.br + l.indent + "]"
}

// instead writes an entry in the place of another key of the mapping that stands at a path.
func (w *writer) instead(n *node, e *entry, path []string) error {
	gone := slices.Concat(path, []string{e.instead})
	found := n.named(e.instead)
	switch {
	case len(n.named(e.key)) > 0:
		return fmt.Errorf("%s stands there already, beside %s", where(slices.Concat(path, []string{e.key})), e.instead)
	case len(found) > 1:
		return fmt.Errorf("%s stands there %d times: leave one of them", where(gone), len(found))
	case len(found) == 0:
		return fmt.Errorf("%s comes from a merge key: change it by hand where that is", where(gone))
	}
	p := found[0]
	switch v := p.value; {
	case v.kind == alias:
		return fmt.Errorf("%s comes from an anchor: change it by hand where that is", where(gone))
	case v.shared, v.tagged():
		return fmt.Errorf("%s has an anchor or a tag: change it by hand", where(gone))
	case v.style == block && bytes.IndexByte(w.text[v.inside:endOfLine(w.text, v.inside, v.end)], '#') >= 0:
		return errUnproven // a comment would go with it
	}
	if n.flow {
		w.splices = append(w.splices, splice{p.key.begin, p.value.end, strings.Join(w.inBrackets([]*entry{e}, w.layoutOf(n)), "")})
		return nil
	}
	end := endOfLine(w.text, p.value.end, len(w.text))
	if !blankOrComment(w.text[p.value.end:end]) {
		return errUnproven
	}
	column := columnOf(w.text, p.key.begin)
	lines := w.lines([]*entry{e}, column, habitsOf(n))
	w.splices = append(w.splices, splice{p.key.begin, p.value.end, lines[0][column:]})
	w.insertLines(end, lines[1:])
	return nil
}
