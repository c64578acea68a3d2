// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package dapr

import (
	"strings"
	"unicode"
)

// EnvElement is one element of dapr.io/env as it stands there, with its blanks.
type EnvElement struct {
	// Name is empty for an element without "=", which the injector drops.
	Name string
	// Value is what follows the "=", or all where there is none, and Lead the blanks
	// before the name.
	Value, Lead string
	// start is the comma before the element, or 0 for the first; value and end are
	// where Value begins and ends.
	start, value, end int
}

// EnvElements cuts the value of dapr.io/env like SplitEnv, but trims nothing.
func EnvElements(value string) []EnvElement {
	var all []EnvElement
	start, text := 0, 0
	for _, cut := range envSplit.FindAllStringIndex(value, -1) {
		all = append(all, envElement(value, start, text, cut[0]))
		start, text = cut[0], cut[0]+1
	}
	return append(all, envElement(value, start, text, len(value)))
}

func envElement(whole string, start, text, end int) EnvElement {
	e := EnvElement{Value: whole[text:end], start: start, value: text, end: end}
	if name, value, found := strings.Cut(whole[text:end], "="); found {
		e.Name, e.Value = strings.TrimSpace(name), value
		e.Lead = name[:len(name)-len(strings.TrimLeftFunc(name, unicode.IsSpace))]
		e.value = end - len(value)
	}
	return e
}

// RemoveEnv takes the last element away, which has to be the variable name, and
// puts tail in its place: the blanks and the comma that gave way to it. It tells
// whether that could be done.
func RemoveEnv(value, name, tail string) (string, bool) {
	all := EnvElements(value)
	last := all[len(all)-1]
	if name == "" || last.Name != name {
		return "", false
	}
	return value[:last.start] + tail, true
}

// RestoreEnv puts was in the place of what follows the "=" of an element, counted
// from 0, which has to be the variable name. Every other byte stays. It tells
// whether that could be done.
func RestoreEnv(value string, element int, name, was string) (string, bool) {
	all := EnvElements(value)
	if element < 0 || element >= len(all) || name == "" || all[element].Name != name {
		return "", false
	}
	e := all[element]
	return value[:e.value] + was + value[e.end:], true
}

// InsertEnv puts text in front of an element, counted from 0, as one of its own. It
// tells whether that could be done.
func InsertEnv(value string, element int, text string) (string, bool) {
	all := EnvElements(value)
	if element < 0 || element >= len(all) {
		return "", false
	}
	at := all[element].start
	if element > 0 {
		at++ // behind the comma
	}
	return value[:at] + text + "," + value[at:], true
}
