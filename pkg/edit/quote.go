// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package edit

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"

	yamlv3 "go.yaml.in/yaml/v3"
	"sigs.k8s.io/yaml"
)

// habits are how the keys and the values of a mapping are quoted.
type habits struct {
	json bool
	// quoteKeys and quoteValues are how all of them are quoted, plain where some are not.
	quoteKeys, quoteValues style
	// quotes is what is taken where quotes are needed.
	quotes style
}

// habitsOf are those of a mapping that there is.
func habitsOf(n *node) habits {
	h := habits{quoteKeys: plain, quotes: doubleQuoted}
	if len(n.pairs) == 0 {
		return h
	}
	h.quoteKeys = n.pairs[0].key.style
	unneeded := false
	for _, p := range n.pairs {
		if p.key.style != h.quoteKeys {
			h.quoteKeys = plain
		}
		v := p.value
		if v.kind != scalar || !v.text || v.style == block {
			continue
		}
		switch {
		case v.style == plain:
			h.quoteValues = plain
			return h.quoted(n)
		case isPlain(v.value):
			unneeded = true
		}
	}
	if unneeded {
		h.quoteValues = doubleQuoted
	}
	h = h.quoted(n)
	if h.quoteValues != plain {
		h.quoteValues = h.quotes
	}
	return h
}

// quoted takes the quotes of the first value that has some.
func (h habits) quoted(n *node) habits {
	for _, p := range n.pairs {
		if s := p.value.style; p.value.kind == scalar && (s == singleQuoted || s == doubleQuoted) {
			h.quotes = s
			return h
		}
	}
	return h
}

func (h habits) key(key string) string {
	if h.json {
		return quote(key, doubleQuoted)
	}
	return quote(key, h.quoteKeys)
}

func (h habits) value(value any) string {
	text, isText := value.(string)
	switch {
	case !isText:
		return fmt.Sprint(value)
	case h.json:
		return quote(text, doubleQuoted)
	case h.quoteValues == plain && !isPlain(text):
		return quote(text, h.quotes)
	default:
		return quote(text, h.quoteValues)
	}
}

// scalar is a value in the place of another that was written in a style.
func (w *writer) scalar(value any, was style) string {
	h := habits{json: w.json, quotes: doubleQuoted}
	if was == singleQuoted || was == doubleQuoted {
		h.quoteValues, h.quotes = was, was
	}
	return h.value(value)
}

// quote writes a text in a style, or in one that can hold it.
func quote(text string, s style) string {
	switch {
	case s == plain && isPlain(text):
		return text
	case s == singleQuoted && isPrintable(text):
		return "'" + strings.ReplaceAll(text, "'", "''") + "'"
	default:
		var quoted strings.Builder
		encoder := json.NewEncoder(&quoted)
		encoder.SetEscapeHTML(false)
		_ = encoder.Encode(text) // a text can always be written
		return strings.TrimSuffix(quoted.String(), "\n")
	}
}

// plainText is what needs no quotes anywhere, if it is not taken for something else.
var plainText = regexp.MustCompile(`^[A-Za-z0-9/_.][A-Za-z0-9/_.+%@=-]*$`)

// isPlain tells whether a text may stand without quotes, for every parser that may
// read it.
func isPlain(text string) bool {
	if !plainText.MatchString(text) {
		return false
	}
	var older, newer any
	if yaml.Unmarshal([]byte(text), &older) != nil || yamlv3.Unmarshal([]byte(text), &newer) != nil {
		return false
	}
	return older == text && newer == text
}

func isPrintable(text string) bool {
	return strings.IndexFunc(text, func(c rune) bool { return c < ' ' || c > '~' }) < 0
}
