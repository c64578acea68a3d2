// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package edit

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"sigs.k8s.io/yaml"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/field"
)

// Set is one value to be written, and where in its object.
type Set struct {
	// Path leads to it, as in field.Path; mappings, lists, and elements of lists that have
	// a name are made where they are missing on the way.
	Path []string
	// Value is a string, a bool, a number or a tree of maps, which is written value by
	// value into what is there.
	Value any
	// Instead is a key beside the last one of the Path. It goes, with its value, and the
	// new one stands in its place.
	Instead string
	// Comment is written behind a value that was not there; empty for none, and left out
	// where there is no place for one, as in brackets. It has no line break.
	Comment string
}

// Object is an object of a text, and what is to be written into it.
type Object struct {
	Spot Spot
	Sets []Set
	// Braces tells that {{ within a line of its document is text, as in values of a
	// chart; a line that begins with it is of a template all the same.
	Braces bool
}

// Write writes values into the objects of a text: it adds lines, changes those that
// hold a value that is another one now, and leaves every other byte as it is. Each
// document is then read again, and holds what it held and what was to be written, and
// nothing else. It returns the new text and, for each of the objects, why it is left as
// it was; nil where it is written.
func Write(text []byte, objects []Object) ([]byte, []error) {
	errs := make([]error, len(objects))
	var all []splice
	for _, indices := range byDocument(objects) {
		spliced, err := document(text, objects, indices, errs)
		if err != nil {
			for _, i := range indices {
				if errs[i] == nil {
					errs[i] = err
				}
			}
			continue
		}
		all = append(all, spliced...)
	}
	return apply(text, all), errs
}

// byDocument are the indices of the objects of each document.
func byDocument(objects []Object) [][]int {
	var all [][]int
	known := map[int]int{}
	for i, o := range objects {
		at, found := known[o.Spot.Offset]
		if !found {
			at = len(all)
			known[o.Spot.Offset] = at
			all = append(all, nil)
		}
		all[at] = append(all[at], i)
	}
	return all
}

// document are the splices that write some objects of one document. What is wrong with
// one of them goes to errs, what is wrong with all of them is returned.
func document(text []byte, objects []Object, indices []int, errs []error) ([]splice, error) {
	s, err := objects[indices[0]].Spot.span(text)
	if err != nil {
		return nil, err
	}
	root, err := tree(text, s)
	if err != nil {
		return nil, err
	}
	if err := refuse(text[s.begin:s.end], root, objects[indices[0]].Braces); err != nil {
		return nil, err
	}
	wanted, err := decode(text[s.begin:s.end], s.json)
	if err != nil {
		return nil, err
	}
	var all []splice
	for _, i := range indices {
		w := writer{text: text[:s.end], json: s.json, step: standardStep, gap: standardGap}
		if errs[i] = w.object(root, objects[i]); errs[i] != nil {
			continue
		}
		if errs[i] = want(wanted, objects[i]); errs[i] != nil {
			return nil, errs[i]
		}
		all = append(all, w.splices...)
	}
	return all, prove(text, s, all, wanted)
}

// tree is the value that stands in a span.
func tree(text []byte, s span) (*node, error) {
	if s.json {
		return jsonTree(text, s)
	}
	n, err := yamlTree(text, s)
	if n == nil && err == nil {
		err = errMoved
	}
	return n, err
}

// openingBraces begin a line, which may be commented out for editors.
var openingBraces = regexp.MustCompile(`(?m)^[ \t#-]*\{\{`)

// refuse says why a document is not to be written at all.
func refuse(text []byte, root *node, braces bool) error {
	switch {
	case bytes.Contains(text, []byte("{{")) && (!braces || openingBraces.Match(text)):
		return errors.New("it holds {{ and so may be a template: change what it is rendered from")
	case len(root.named("sops")) > 0:
		return errors.New("it is encrypted with SOPS, whose checksum a change would break: change it with sops edit")
	}
	return nil
}

// decode reads a document as kubectl does.
func decode(text []byte, isJSON bool) (value any, err error) {
	read := func(text []byte, into any) error { return yaml.Unmarshal(text, into) }
	if isJSON {
		read = json.Unmarshal
	}
	if err := read(text, &value); err != nil {
		return nil, errMoved
	}
	return value, nil
}

// want writes the values into what was read.
func want(document any, o Object) error {
	for _, i := range o.Spot.Items {
		list, _ := document.(map[string]any)
		items, _ := list["items"].([]any)
		if i >= len(items) {
			return errMoved
		}
		document = items[i]
	}
	in, ok := document.(map[string]any)
	if !ok {
		return errMoved
	}
	for _, set := range o.Sets {
		if set.Instead != "" {
			beside, ok := field.Get(in, set.Path[:len(set.Path)-1]).(map[string]any)
			if !ok {
				return errMoved
			}
			delete(beside, set.Instead)
		}
		for _, leaf := range leaves(set) {
			if field.Set(in, leaf.Path, asRead(leaf.Value)) != nil {
				return errMoved
			}
		}
	}
	return nil
}

// asRead is a value as the reader gives it back.
func asRead(value any) any {
	switch v := value.(type) {
	case int:
		return float64(v)
	case int64:
		return float64(v)
	default:
		return value
	}
}

// errUnproven is said where the result is not what was to be written.
var errUnproven = errors.New("it is written in a way that this tool cannot change without changing more: change it by hand")

// prove reads a document with its splices in place again, and holds it against what
// it should be.
func prove(text []byte, s span, splices []splice, wanted any) error {
	next := apply(text[s.begin:s.end], shifted(splices, -s.begin))
	if !s.json && endOfYAML(next) < len(next) {
		return errUnproven
	}
	if is, err := decode(next, s.json); err != nil || !reflect.DeepEqual(is, wanted) {
		return errUnproven
	}
	return nil
}

// splice replaces the bytes between two positions.
type splice struct {
	begin, end int
	text       string
}

// shifted are splices of a part of a text.
func shifted(all []splice, by int) []splice {
	moved := slices.Clone(all)
	for i := range moved {
		moved[i].begin += by
		moved[i].end += by
	}
	return moved
}

// apply is a text with its splices in place. Those at the same position stay in order.
func apply(text []byte, all []splice) []byte {
	all = slices.Clone(all)
	slices.SortStableFunc(all, func(a, b splice) int { return a.begin - b.begin })
	var next []byte
	at := 0
	for _, s := range all {
		next = append(append(next, text[at:max(s.begin, at)]...), s.text...)
		at = max(s.end, at)
	}
	return append(next, text[at:]...)
}

// where is a path in words.
func where(path []string) string {
	var words strings.Builder
	for i, key := range path {
		name, element := field.Element(key)
		if at, is := field.Place(key); is {
			name, element = strconv.Itoa(at), true
		}
		switch {
		case element:
			fmt.Fprintf(&words, "[%s]", name)
		case strings.ContainsAny(key, "./ "):
			fmt.Fprintf(&words, "[%s]", key)
		case i > 0:
			words.WriteString("." + key)
		default:
			words.WriteString(key)
		}
	}
	return words.String()
}
