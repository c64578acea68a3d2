// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

// Package journal keeps what a run wrote to a cluster, so that it can be undone. A
// journal is a file of JSON lines: what is going to be written stands in it before
// it is written. It holds no value that may be secret: only a salted hash of it,
// and how to come back to it. This package knows no cluster.
package journal

import (
	"time"

	"k8s.io/apimachinery/pkg/types"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/field"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// Format is the version of what this package writes, and all that it reads.
const Format = "kubectl-dapr-prod/journal/v1"

// Header is the first line of a journal.
type Header struct {
	Format string    `json:"format"`
	Tool   string    `json:"tool"`
	Time   time.Time `json:"time"`
	// Context is the kubeconfig's, for people.
	Context string `json:"context,omitempty"`
	// Cluster is the uid of the namespace kube-system, which tells clusters apart;
	// empty where it could not be read.
	Cluster types.UID `json:"cluster,omitempty"`
	// Salt goes into every hash of this journal.
	Salt []byte `json:"salt"`
}

// Write is one write to one object.
type Write struct {
	ID     int             `json:"id"`
	Object snapshot.Object `json:"object"`
	UID    types.UID       `json:"uid,omitempty"`
	// Path is where the Pod template stands in the object, such as "spec.template".
	Path   string  `json:"path,omitempty"`
	Fields []Field `json:"fields,omitempty"`
	// Content is the whole object where the write made it, and nothing else is set
	// then; the UID is not known before it is Written.
	Content map[string]any `json:"content,omitempty"`
	// Rewrite is set where the write changed an object of dapr.io itself.
	Rewrite *Rewrite `json:"rewrite,omitempty"`
	// Removed are the keys of a Secret that the write deleted, each of which held a random
	// token, and nothing else is set then.
	Removed []string `json:"removed,omitempty"`
	// Written tells that the server took it. Where it is false nobody knows: the run
	// ended in between.
	Written bool `json:"-"`

	salt []byte
}

// Field is one annotation of the Pod template, or another field of it.
type Field struct {
	// Key is the annotation's, or the field's path as it is written.
	Key string `json:"key"`
	// At leads to the field from the template; empty for an annotation.
	At  field.Path `json:"at,omitempty"`
	Set Value      `json:"set"`
	// Was is the value before; nil where there was none.
	Was *Value `json:"was,omitempty"`
	// Undo leads from the value that is set to the one before, where that is not
	// kept itself.
	Undo []Edit `json:"undo,omitempty"`
	// Managers are those that owned the field before.
	Managers []Manager `json:"managers,omitempty"`
}

// Value is a value, of a field in JSON, that is known to be harmless, or the hash of one that is not.
type Value struct {
	Text *string `json:"value,omitempty"`
	Hash string  `json:"hash,omitempty"`
}

// Edit is one step back in the value of dapr.io/env: the last element is removed, the
// value of an element set, or an element put in.
type Edit struct {
	Name string `json:"name"`
	// Set is what the variable's value was; nil removes the variable.
	Set *string `json:"set,omitempty"`
	// Element is the element that is set, counted from 0.
	Element int `json:"element,omitempty"`
	// Insert puts a new element in front of that one, and Lead the blanks before its
	// name.
	Insert bool   `json:"insert,omitempty"`
	Lead   string `json:"lead,omitempty"`
	// Tail is what stood in the place of the one that is removed: blanks and a comma.
	Tail string `json:"tail,omitempty"`
}

// Manager is a field manager, as managedFields names it.
type Manager struct {
	Name        string `json:"name"`
	Operation   string `json:"operation"`
	APIVersion  string `json:"apiVersion,omitempty"`
	Subresource string `json:"subresource,omitempty"`
}

// line is one line of the file; one of its fields is set.
type line struct {
	Journal *Header `json:"journal,omitempty"`
	Write   *Write  `json:"write,omitempty"`
	Written *mark   `json:"written,omitempty"`
	Refused *mark   `json:"refused,omitempty"`
}

// mark says what became of a write.
type mark struct {
	ID int `json:"id"`
	// UID is that of the object that was made.
	UID types.UID `json:"uid,omitempty"`
}
