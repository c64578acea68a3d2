// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package collect

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/api/resource"
)

// explain says in plain words why an object could not be decoded, and where.
func (d document) explain(err error) explained {
	whole := jsonText{raw: d.raw, line: d.line}
	var mismatch *json.UnmarshalTypeError
	switch {
	case errors.As(err, &mismatch):
		path := whole.pathAt(int(mismatch.Offset) - 1)
		return explained{d.lineOf(path), mismatched(whole, path, mismatch)}
	case errors.Is(err, resource.ErrFormatWrong), errors.Is(err, resource.ErrNumeric), errors.Is(err, resource.ErrSuffix):
		if path, text := whole.quantity(nil); path != nil {
			return explained{d.lineOf(path), fmt.Errorf("%s: %s is not a quantity: write it as 500m, 256Mi or 1G", whole.name(path), text)}
		}
		return explained{d.start(), errors.New("a quantity cannot be read: write it as 500m, 256Mi or 1G")}
	}
	return explained{d.start(), err}
}

// mismatched says that a value is of another type than the one at path must be.
func mismatched(whole jsonText, path []step, err *json.UnmarshalTypeError) error {
	if n := len(path); n > 1 && err.Type.Kind() == reflect.String {
		if what := map[string]string{"annotations": "annotation", "labels": "label"}[path[n-2].key]; what != "" {
			return unquoted(whole, path[:n-1], what)
		}
	}
	must := map[reflect.Kind]string{
		reflect.String: "a string", reflect.Bool: "true or false",
		reflect.Slice: "a list", reflect.Array: "a list", reflect.Map: "a mapping", reflect.Struct: "a mapping",
	}[err.Type.Kind()]
	if must == "" {
		must = "a number"
	}
	is, detail, _ := strings.Cut(err.Value, " ")
	switch is {
	case "object":
		is = "a mapping"
	case "array":
		is = "a list"
	case "bool":
		is = "true or false"
	case "number":
		is = strings.TrimSpace("the number " + detail)
	default:
		is = "a " + is
	}
	name := whole.name(path)
	if name == "" {
		name = "the document"
	}
	if err.Type.Kind() == reflect.String && (is == "true or false" || strings.HasPrefix(is, "the number")) {
		return fmt.Errorf("%s must be a string: quote it", name)
	}
	return fmt.Errorf("%s must be %s, not %s", name, must, is)
}

// unquoted names the entries of a map of strings that are none.
func unquoted(whole jsonText, path []step, what string) error {
	var keys []string
	_ = whole.at(path).members(func(key string, _ int, value jsonText) error {
		if value.raw[0] != '"' && string(value.raw) != "null" {
			keys = append(keys, key)
		}
		return nil
	})
	if len(keys) > 1 {
		return fmt.Errorf("%ss %s in %s must be strings: quote them", what, strings.Join(keys, ", "), whole.name(path))
	}
	return fmt.Errorf("%s %s in %s must be a string: quote it", what, strings.Join(keys, ""), whole.name(path))
}

// quantityFields are the members whose values, or the values in them, are quantities.
var quantityFields = []string{
	"limits", "requests", "max", "min", "default", "defaultRequest", "maxLimitRequestRatio",
	"capacity", "overhead", "sizeLimit", "divisor",
}

// quantity finds the first value that should be a quantity and is none.
func (t jsonText) quantity(path []step) (found []step, text string) {
	within := slices.ContainsFunc(path, func(s step) bool { return slices.Contains(quantityFields, s.key) })
	look := func(s step, value jsonText) {
		if found == nil {
			found, text = value.quantity(append(slices.Clone(path), s))
		}
	}
	switch t.raw[0] {
	case '{':
		_ = t.members(func(key string, _ int, value jsonText) error { look(step{key: key}, value); return nil })
	case '[':
		_ = t.elements(func(i int, value jsonText) error { look(step{index: i}, value); return nil })
	default:
		if within {
			if err := new(resource.Quantity).UnmarshalJSON(t.raw); err != nil {
				return path, string(t.raw)
			}
		}
	}
	return found, text
}

// start is the line of the object, looked for if need be.
func (d document) start() int {
	if d.at == nil {
		return d.line
	}
	return d.at.start()
}

// lineOf is the line of the field at path, or of the last one on the way there.
func (d document) lineOf(path []step) int {
	line, at := d.start(), d.at
	for _, s := range path {
		if at == nil {
			return line
		}
		if s.key == "" {
			if at = itemAt(at, s.index); at != nil {
				line = at.start()
			}
			continue
		}
		var l int
		if at, l = member(at, s.key); l > 0 {
			line = l
		}
	}
	return line
}
