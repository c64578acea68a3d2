// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package edit

import (
	"bytes"
	"strings"
)

// layout is how a mapping in brackets is laid out.
type layout struct {
	habits
	// own tells that each pair has lines of its own, indented by indent; step is what
	// is added to it below.
	own          bool
	indent, step string
	br           string
	// colon and comma stand between keys, values and pairs.
	colon, comma string
}

// layoutOf is that of the mapping n.
func (w *writer) layoutOf(n *node) layout {
	l := layout{habits: habitsOf(n), step: "  ", colon: ": ", comma: ", "}
	l.json = w.json
	last := n.pairs[len(n.pairs)-1]
	first := lineOf(w.text, last.key.begin)
	if before := w.text[first:last.key.begin]; len(bytes.TrimLeft(before, " \t")) == 0 && n.inside < first {
		l.own, l.indent = true, string(before)
		line := w.text[lineOf(w.text, n.inside):]
		outer := line[:len(line)-len(bytes.TrimLeft(line, " \t"))]
		if step, found := strings.CutPrefix(l.indent, string(outer)); found && step != "" {
			l.step = step
		}
		l.br = w.lineBreak(endOfLine(w.text, n.inside, len(w.text)))
	}
	if last.value.begin > last.colon {
		between := string(w.text[last.colon+1 : last.value.begin])
		if strings.Trim(between, " ") == "" && (between != "" || w.json || l.quoteKeys != plain) {
			l.colon = ":" + between
		}
	}
	if l.colon == ":" {
		l.comma = ","
	}
	if len(n.pairs) > 1 {
		between := string(w.text[n.pairs[len(n.pairs)-2].value.end:last.key.begin])
		if strings.Trim(between, " ") == "," {
			l.comma = between
		}
	}
	return l
}

// addInBrackets writes entries behind the last pair of a mapping in brackets.
func (w *writer) addInBrackets(n *node, all []*entry) error {
	l := w.layoutOf(n)
	w.behind(n.pairs[len(n.pairs)-1].value, w.inBrackets(all, l), l)
	return nil
}

// behind writes parts of a mapping or a list in brackets behind the last one.
func (w *writer) behind(last *node, parts []string, l layout) {
	if !l.own {
		w.splices = append(w.splices, splice{last.end, last.end, l.comma + strings.Join(parts, l.comma)})
		return
	}
	between := "," + l.br + l.indent
	text := strings.Join(parts, between)
	end := endOfLine(w.text, last.end, len(w.text))
	rest := w.text[last.end:end]
	switch comma := bytes.HasPrefix(bytes.TrimLeft(rest, " \t"), []byte(",")); {
	case comma && blankOrComment(append([]byte(" "), rest[bytes.IndexByte(rest, ',')+1:]...)):
		w.splices = append(w.splices, splice{end, end, l.br + l.indent + text + ","})
	case blankOrComment(rest) && !w.json:
		w.splices = append(w.splices, splice{last.end, last.end, ","}, splice{end, end, l.br + l.indent + text})
	default:
		w.splices = append(w.splices, splice{last.end, last.end, between + text})
	}
}

// fillBrackets puts entries in the place of a value that is empty.
func (w *writer) fillBrackets(n *node, p pair, all []*entry) error {
	l := w.layoutOf(n)
	text := w.inside(all, l)
	if p.value.begin == p.value.end && p.value.begin > p.colon {
		text = " " + text
	}
	w.splices = append(w.splices, splice{p.value.begin, p.value.end, text})
	return nil
}

// inside is the whole mapping, or the whole list, that entries make.
func (w *writer) inside(all []*entry, l layout) string {
	if inList(all) {
		return w.listInBrackets(all, l)
	}
	return w.brackets(all, l)
}

// brackets is a whole mapping.
func (w *writer) brackets(all []*entry, l layout) string {
	if !l.own {
		return "{" + strings.Join(w.inBrackets(all, l), l.comma) + "}"
	}
	inside := l
	inside.indent += l.step
	return "{" + l.br + inside.indent + strings.Join(w.inBrackets(all, inside), ","+l.br+inside.indent) + l.br + l.indent + "}"
}

// inBrackets are entries as pairs of a mapping in brackets.
func (w *writer) inBrackets(all []*entry, l layout) []string {
	var pairs []string
	for _, e := range all {
		if e.below != nil {
			pairs = append(pairs, l.key(e.key)+l.colon+w.inside(e.below, l))
			continue
		}
		pairs = append(pairs, l.key(e.key)+l.colon+l.value(e.value))
	}
	return pairs
}
