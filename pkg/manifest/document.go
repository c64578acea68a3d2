// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package manifest

import (
	"bytes"
	"errors"
	"fmt"

	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/util/json"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/edit"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/quantity"
)

// Document is one object of the input. It is good until visit returns.
type Document struct {
	// File is the input as it was given; "-" is standard input.
	File string
	// APIVersion and Kind are never empty.
	APIVersion, Kind string
	// Spot is where in the text of File it stands.
	Spot edit.Spot
	// Prepared is what Prepare of the Input made of it.
	Prepared any

	// raw is the object in JSON.
	raw []byte
	// valid tells that raw is known to be JSON: it may be the input's own text.
	valid bool
	// made tells that its lines are those of no file.
	made bool
	// wrong is what makes it no object.
	wrong error
	// line is where it begins in the file; 0 where that is looked for in at.
	line int
	// at finds where its fields stand, if not in raw.
	at   func() *node
	root *node
}

// errNotAnObject is said of documents that are none of Kubernetes'.
var errNotAnObject = errors.New("not a Kubernetes object, which has an apiVersion and a kind: take it out of the input")

// check tells what makes a document no object.
func (d *Document) check() error {
	switch {
	case d.APIVersion == "" && d.Kind == "":
		return errNotAnObject
	case d.wrong != nil:
		return d.wrong
	case d.Kind == "":
		return fmt.Errorf("not a Kubernetes object: apiVersion %s without a kind: add one, or take it out of the input", d.APIVersion)
	case d.APIVersion == "":
		return fmt.Errorf("not a Kubernetes object: kind %s without an apiVersion: add one, or take it out of the input", d.Kind)
	}
	return nil
}

// validate tells whether the text is JSON where that is not known.
func (d *Document) validate() error {
	if d.valid {
		return nil
	}
	err := text{raw: d.raw, line: d.line}.check()
	d.valid = err == nil
	return err
}

// Decode stores the object in into, as the API server would: names of fields
// mind their case, fields that are not known are passed over.
func (d *Document) Decode(into any) error {
	if quantity.Absurd(d.raw) {
		if path, _ := parse(d.raw, d.line).badQuantity(nil); path != nil {
			return resource.ErrFormatWrong
		}
	}
	err := json.Unmarshal(d.raw, into)
	d.valid = d.valid || err == nil
	return err
}

// Mentions tells whether a text that needs no escaping occurs in the object.
func (d *Document) Mentions(text string) bool { return bytes.Contains(d.raw, []byte(text)) }

// Line is where the object begins, counted from 1; 0 where it stands in no file.
func (d *Document) Line() int {
	if d.made {
		return 0
	}
	if d.line == 0 {
		return d.tree().line
	}
	return d.line
}

// tree is where the fields stand in the file.
func (d *Document) tree() *node {
	switch {
	case d.root != nil:
	case d.at != nil:
		d.root = d.at()
	case d.validate() != nil:
		d.root = &node{line: d.line}
	default:
		d.root = parse(d.raw, d.line)
	}
	return d.root
}
