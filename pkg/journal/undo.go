// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package journal

import (
	"slices"
	"strings"

	"github.com/dapr/dapr/pkg/injector/annotations"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/dapr"
)

// undo is how to come back from what is set to what was, byte by byte, without
// saying anything that may be secret. It tells whether there is such a way.
func undo(key, was, set string) ([]Edit, bool) {
	if key != annotations.KeyEnv {
		return nil, false
	}
	old, now := dapr.EnvElements(was), dapr.EnvElements(set)
	from, appended := matched(old, now)
	if len(appended) == len(now) {
		return nil, false // nothing is left of what was
	}
	var edits []Edit
	for _, e := range slices.Backward(appended) {
		edits = append(edits, Edit{Name: e.Name})
	}
	if len(edits) > 0 {
		last := &now[len(now)-len(appended)-1]
		edits[len(edits)-1].Tail = tail(old[len(old)-1].Value, last.Value)
		last.Value += edits[len(edits)-1].Tail
	}
	for i, e := range old {
		kept := from[i] >= 0
		if kept && now[from[i]].Value == e.Value {
			continue
		}
		if !harmlessVariable(e.Name, e.Value) {
			return nil, false
		}
		edit := Edit{Name: e.Name, Element: i, Set: &e.Value}
		if !kept {
			edit.Insert, edit.Lead = true, e.Lead
		}
		edits = append(edits, edit)
	}
	back, ok := edited(edits, set)
	return edits, ok && back == was
}

// matched tells which element of now each of old has become, -1 for one that was taken
// out, and which of now were appended. Of several of a name the last ones stay.
func matched(old, now []dapr.EnvElement) (from []int, appended []dapr.EnvElement) {
	left := func(all []dapr.EnvElement, name string) (n int) {
		for _, e := range all {
			if e.Name == name {
				n++
			}
		}
		return n
	}
	j := 0
	for i, e := range old {
		if j < len(now) && now[j].Name == e.Name && left(old[i:], e.Name) <= left(now[j:], e.Name) {
			from = append(from, j)
			j++
		} else {
			from = append(from, -1)
		}
	}
	return from, now[j:]
}

// tail are the blanks and commas at the end of the last value, which gave way to what
// was appended; empty if anything else did.
func tail(was, now string) string {
	rest, kept := strings.CutPrefix(was, now)
	if !kept || strings.TrimFunc(rest, blank) != "" {
		return ""
	}
	return rest
}

// edited is a value with the edits made. It tells whether they could be.
func edited(edits []Edit, value string) (string, bool) {
	for _, e := range edits {
		var ok bool
		switch {
		case e.Set != nil && e.Insert:
			value, ok = dapr.InsertEnv(value, e.Element, e.Lead+e.Name+"="+*e.Set)
		case e.Set != nil:
			value, ok = dapr.RestoreEnv(value, e.Element, e.Name, *e.Set)
		default:
			value, ok = dapr.RemoveEnv(value, e.Name, e.Tail)
		}
		if !ok {
			return "", false
		}
	}
	return value, true
}
