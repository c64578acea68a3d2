// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package journal

import (
	"strings"

	"k8s.io/apimachinery/pkg/types"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// Rewrite is what was written to an object of dapr.io itself.
type Rewrite struct {
	// References are those that values were moved to.
	References []Reference `json:"references,omitempty"`
	// Copy tells that kubectl's copy of the object was written with them.
	Copy bool `json:"copy,omitempty"`
	// Scopes are the apps that the object is for; nil where they were not written.
	Scopes *Scopes `json:"scopes,omitempty"`
	// Owners are those who owned what was written, by its place.
	Owners []Owners `json:"owners,omitempty"`
}

// Reference is one that the value of a field was moved to. The value itself is in that
// Secret, and here is only what it is known by.
type Reference struct {
	// Path leads to the list of the object, or to a value that stands alone.
	Path   []string `json:"path"`
	Secret string   `json:"secret"`
	Key    string   `json:"key"`
	// JSON tells that the value was no string.
	JSON bool   `json:"json,omitempty"`
	Hash string `json:"hash"`
}

// Scopes are lists of app IDs; nil where there was none.
type Scopes struct {
	Set []string `json:"set"`
	Was []string `json:"was"`
}

// Owners are the field managers of one place in an object.
type Owners struct {
	Path     []string  `json:"path"`
	Managers []Manager `json:"managers,omitempty"`
}

// BeginRewrite notes that an object of dapr.io is about to be written and returns the
// number of that write. Each of values is what its reference took the place of, and is
// kept as a hash.
func (j *Journal) BeginRewrite(object snapshot.Object, uid types.UID, r Rewrite, values []snapshot.Concealed) (int, error) {
	j.mutex.Lock()
	defer j.mutex.Unlock()
	w := &Write{ID: j.writes + 1, Object: object, UID: uid, Rewrite: &r, salt: j.salt}
	for i := range r.References {
		r.References[i].Hash = w.hash(r.References[i].place(), values[i].Text())
	}
	return j.begin(w)
}

// Was tells whether a value is the one that a reference took the place of.
func (w *Write) Was(r *Reference, value snapshot.Concealed) bool {
	return w.is(r.place(), Value{Hash: r.Hash}, value.Text())
}

// place is what tells a reference from the others of its object.
func (r *Reference) place() string { return strings.Join(append(r.Path, r.Key), "\x00") }

// Rewritten tells that the group is of an object of dapr.io itself.
func (g *Group) Rewritten() bool { return g.Writes[0].Rewrite != nil }
