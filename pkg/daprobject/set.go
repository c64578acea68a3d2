// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package daprobject

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// LastApplied is where kubectl apply keeps a copy of what it was given.
const LastApplied = "kubectl.kubernetes.io/last-applied-configuration"

// ErrChanged says that an object is not the one that was planned for.
var ErrChanged = errors.New("what was to move is not there any more")

// Set is the object with references in the place of the values that move, and without
// them in kubectl's copy.
func (m *Move) Set(object *unstructured.Unstructured) (*unstructured.Unstructured, error) {
	next := object.DeepCopy()
	all := entries(m.Object.Kind, next.Object)
	for _, v := range m.Values {
		i := slices.IndexFunc(all, func(e entry) bool {
			return slices.Equal(e.path, v.Path) && e.index == v.Index && e.name() == v.Name
		})
		if i < 0 || taken(all[i].raw()) != v.Bytes.Text() {
			return nil, ErrChanged
		}
		all[i].refer(m.Secret, v.Key)
	}
	if m.Copy {
		annotations := next.GetAnnotations()
		text, err := m.scrubbed(annotations[LastApplied], all)
		if err != nil {
			return nil, err
		}
		annotations[LastApplied] = text
		next.SetAnnotations(annotations)
	}
	return next, nil
}

// refer puts a reference in the place of the value.
func (e *entry) refer(secret, key string) {
	delete(e.content, "value")
	e.content["secretKeyRef"] = map[string]any{"name": secret, "key": key}
}

// copied is kubectl's copy of an object; false where it cannot be read.
func copied(text string) (map[string]any, bool) {
	var object map[string]any
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.UseNumber() // a large one is not to become another
	return object, decoder.Decode(&object) == nil && object != nil
}

// copyLeaks tells whether kubectl's copy holds secrets that are taken out of it, and
// whether it holds any then.
func (m *Move) copyLeaks(object *unstructured.Unstructured) (leaks, left bool) {
	before, read := copied(object.GetAnnotations()[LastApplied])
	if !read {
		return false, false
	}
	judged := m.judgedCopy(before)
	stays := m.staying(entries(m.Object.Kind, object.Object))
	for _, e := range entries(m.Object.Kind, before) {
		s := e.setting()
		if !m.judge(judged, s) {
			continue
		}
		m.hidden = append(m.hidden, s.Value)
		if stays(&e) {
			left = true
		} else {
			leaks = true
		}
	}
	for _, s := range addresses(m.Object.Kind, before) {
		left = left || m.judge(judged, s)
	}
	return leaks, left
}

// judgedCopy is kubectl's copy as guidelines see it.
func (m *Move) judgedCopy(before map[string]any) *snapshot.DaprObject {
	judged := judgedAs(&unstructured.Unstructured{Object: before})
	judged.Object = m.Object
	return judged
}

// staying tells of an entry of the copy whether the object goes on holding a value in the
// same place: there is no use in taking that out of the copy.
func (m *Move) staying(now []entry) func(*entry) bool {
	return func(e *entry) bool {
		return slices.ContainsFunc(now, func(n entry) bool {
			moves := slices.ContainsFunc(m.Values, func(v Value) bool { return slices.Equal(v.Path, n.path) && v.Index == n.index })
			return !moves && slices.Equal(n.path, e.path) && n.name() == e.name() && taken(n.raw()) != ""
		})
	}
}

// scrubbed is kubectl's copy as it would be had the object been applied with references:
// the next kubectl apply of such a manifest then has nothing to do. now are the entries
// that the object has by then; what leaks and has no reference there loses its value. The
// manifest of the user is what counts in the end, since kubectl compares lists as a whole.
func (m *Move) scrubbed(text string, now []entry) (string, error) {
	before, read := copied(text)
	if !read {
		return "", ErrChanged
	}
	judged, stays := m.judgedCopy(before), m.staying(now)
	for _, e := range entries(m.Object.Kind, before) {
		if !m.judge(judged, e.setting()) || stays(&e) {
			continue
		}
		delete(e.content, "value")
		if n := e.in(now); n != nil {
			if name, key := n.ref(); name != "" {
				e.refer(name, key)
			}
		}
	}
	return copyText(before)
}

// in is the entry of an object that is called as this one of the copy; of several, the
// one in the same place.
func (e *entry) in(now []entry) *entry {
	var found *entry
	for i := range now {
		n := &now[i]
		if slices.Equal(n.path, e.path) && n.name() == e.name() && (found == nil || n.index == e.index) {
			found = n
		}
	}
	return found
}

// copyText is a copy as kubectl writes it.
func copyText(object map[string]any) (string, error) {
	raw, err := json.Marshal(object)
	return string(raw) + "\n", err
}
