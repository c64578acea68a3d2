// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

// Package field reads and writes single fields of objects that are trees of JSON, such
// as unstructured ones. It is pure, and knows no kind of object.
package field

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"k8s.io/apimachinery/pkg/runtime"
)

// Path leads to a field: the names of fields and, as made by Named and Nth, elements of
// lists.
type Path []string

// named is what stands before the name of an element. No field is called so.
const named = "name="

// Named is the step to the element of a list whose field name is that.
func Named(name string) string { return named + name }

// Element is the name of the element that a step leads to; false for a field.
func Element(step string) (name string, is bool) { return strings.CutPrefix(step, named) }

// nth is what stands before the place of an element.
const nth = "nth="

// Nth is the step to the element of a list that stands at a place in it, from 0.
func Nth(i int) string { return nth + strconv.Itoa(i) }

// Place is the place of the element that a step leads to; false for all others.
func Place(step string) (i int, is bool) {
	text, is := strings.CutPrefix(step, nth)
	i, err := strconv.Atoi(text)
	return i, is && err == nil && i >= 0
}

// String is the path as messages name it: spec.containers[app].env[PORT].
func (p Path) String() string {
	var text strings.Builder
	for i, step := range p {
		name, element := Element(step)
		if at, is := Place(step); is {
			name, element = strconv.Itoa(at), true
		}
		switch {
		case element, i > 0 && (p[i-1] == "annotations" || p[i-1] == "labels"):
			fmt.Fprintf(&text, "[%s]", name)
		case i > 0:
			text.WriteString("." + step)
		default:
			text.WriteString(step)
		}
	}
	return text.String()
}

// Below is a path with another behind it.
func (p Path) Below(steps ...string) Path {
	return append(append(Path{}, p...), steps...)
}

// InList tells whether the path leads through a list.
func (p Path) InList() bool {
	for _, step := range p {
		if _, _, element := elementOf(nil, step); element {
			return true
		}
	}
	return false
}

// Get is the value of a field; nil where there is none.
func Get(object any, p Path) any {
	for _, step := range p {
		if i, list, element := elementOf(object, step); element {
			if i < 0 {
				return nil
			}
			object = list[i]
			continue
		}
		fields, _ := object.(map[string]any)
		object = fields[step]
	}
	return object
}

// elementOf is where in a list a step leads to; less than zero where there is nothing, and
// false for a field.
func elementOf(in any, step string) (i int, list []any, element bool) {
	list, _ = in.([]any)
	if name, is := Element(step); is {
		return indexOf(list, name), list, true
	}
	i, is := Place(step)
	if is && i >= len(list) {
		i = -1
	}
	return i, list, is
}

// ErrShape says that a path does not fit the object.
var ErrShape = errors.New("there is something else on the way to it")

// Set writes a copy of a value into an object. Maps and lists on the way that are
// missing are made, and so are elements of lists that have a name, with that alone.
func Set(object map[string]any, p Path, value any) error {
	if set(object, p, runtime.DeepCopyJSONValue(value)) == nil {
		return fmt.Errorf("%s: %w", p, ErrShape)
	}
	return nil
}

// set returns what is then in the place of in; nil where the path does not fit.
func set(in any, p Path, value any) any {
	if len(p) == 0 {
		return value
	}
	if i, list, element := elementOf(in, p[0]); element {
		name, named := Element(p[0])
		switch _, fits := in.([]any); {
		case in != nil && !fits, i < 0 && !named:
			return nil
		case i < 0:
			list, i = append(list, map[string]any{"name": name}), len(list)
		}
		if list[i] = set(list[i], p[1:], value); list[i] == nil {
			return nil
		}
		return list
	}
	fields, fits := in.(map[string]any)
	switch {
	case in == nil:
		fields = map[string]any{}
	case !fits:
		return nil
	}
	inner := set(fields[p[0]], p[1:], value)
	if inner == nil {
		return nil
	}
	fields[p[0]] = inner
	return fields
}

// Remove takes a field out of an object, and then the maps, the lists and the elements
// above it of which nothing is left but a name.
func Remove(object map[string]any, p Path) { remove(object, p) }

// remove returns what is then in the place of in; nil where nothing is left of it.
func remove(in any, p Path) any {
	if len(p) == 0 {
		return nil
	}
	if name, element := Element(p[0]); element {
		list, _ := in.([]any)
		i := indexOf(list, name)
		if i < 0 {
			return in
		}
		left := remove(list[i], p[1:])
		if fields, _ := left.(map[string]any); left != nil && (len(fields) != 1 || fields["name"] == nil) {
			list[i] = left
			return list
		}
		if list = append(append([]any{}, list[:i]...), list[i+1:]...); len(list) == 0 {
			return nil
		}
		return list
	}
	fields, _ := in.(map[string]any)
	inner, there := fields[p[0]]
	if !there {
		return in
	}
	if left := remove(inner, p[1:]); left != nil {
		fields[p[0]] = left
		return fields
	}
	if delete(fields, p[0]); len(fields) == 0 {
		return nil
	}
	return fields
}

func indexOf(list []any, name string) int {
	for i, item := range list {
		if fields, _ := item.(map[string]any); fields["name"] == name {
			return i
		}
	}
	return -1
}
