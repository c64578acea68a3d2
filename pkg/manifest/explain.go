// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package manifest

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/quantity"
)

// explain says in plain words what is wrong with an object, and where.
func (d *Document) explain(err error) (line int, plain error) {
	whole := parse(d.raw, d.line)
	line = d.Line()
	var mismatch *json.UnmarshalTypeError
	switch {
	case errors.As(err, &mismatch):
		path := whole.pathAt(int(mismatch.Offset) - 1)
		line, err = d.tree().lineOf(path, line), mismatched(whole, path, mismatch)
	case errors.Is(err, resource.ErrFormatWrong), errors.Is(err, resource.ErrNumeric), errors.Is(err, resource.ErrSuffix):
		err = errors.New("a quantity cannot be read: write it as 500m, 256Mi or 1G")
		if path, text := whole.badQuantity(nil); path != nil {
			line, err = d.tree().lineOf(path, line), fmt.Errorf("%s: %s is not a quantity: write it as 500m, 256Mi or 1G", whole.name(path), text)
		}
	}
	if title := d.title(whole); !strings.HasPrefix(err.Error(), title) {
		err = fmt.Errorf("%s: %w", title, err)
	}
	return line, err
}

// title names the object as far as it is known.
func (d *Document) title(whole *node) string {
	meta, _ := whole.child(step{key: "metadata"})
	name := cmp.Or(meta.text("name"), meta.text("generateName"))
	if namespace := meta.text("namespace"); name != "" && namespace != "" {
		name = namespace + "/" + name
	}
	if d.Kind == "" || name == "" {
		return d.Kind
	}
	return d.Kind + " " + name
}

// mismatched says that a value is of another type than the one at path must be.
func mismatched(whole *node, path []step, err *json.UnmarshalTypeError) error {
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
		is = "a number"
		if must == is && err.Type.Kind() != reflect.Uint8 {
			is = strings.TrimSpace("the number " + detail) // elsewhere it may be a secret, or a byte of one
		}
	default:
		is = "a " + is
	}
	name := whole.name(path)
	if name == "" {
		name = "the document"
	}
	if err.Type.Kind() == reflect.String && (is == "true or false" || is == "a number") {
		return fmt.Errorf("%s must be a string: quote it", name)
	}
	return fmt.Errorf("%s must be %s, not %s", name, must, is)
}

// unquoted names the entries of a map of strings that are none.
func unquoted(whole *node, path []step, what string) error {
	var keys []string
	n := whole
	for _, s := range path {
		n, _ = n.child(s)
	}
	for s, value := range n.children {
		if !value.quoted && value.scalar != "null" {
			keys = append(keys, s.key)
		}
	}
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

// badQuantity finds the first value that should be a quantity and is none.
func (n *node) badQuantity(path []step) (found []step, text string) {
	for s, child := range n.children {
		if found, text = child.badQuantity(append(path[:len(path):len(path)], s)); found != nil {
			return found, text
		}
	}
	within := slices.ContainsFunc(path, func(s step) bool { return slices.Contains(quantityFields, s.key) })
	if !within || n.scalar == "" && !n.quoted || n.scalar == "null" && !n.quoted {
		return nil, ""
	}
	if _, err := quantity.Parse(n.scalar); err == nil {
		return nil, ""
	}
	if n.quoted {
		return path, strconv.Quote(n.scalar)
	}
	return path, n.scalar
}
