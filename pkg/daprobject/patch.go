// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package daprobject

import (
	"strconv"
	"strings"
)

// Patch are the operations of a JSON patch that write the change to the object as it was
// read, without any value that moves. kubectl's copy is not in them: kubectl apply of the
// corrected manifest writes that.
func (m *Move) Patch() []map[string]any {
	var all []map[string]any
	for _, v := range m.Values {
		at := "/" + strings.Join(v.Path, "/")
		if !v.Alone {
			at += "/" + strconv.Itoa(v.Index)
			if plainName.MatchString(v.Name) {
				all = append(all, map[string]any{"op": "test", "path": at + "/name", "value": v.Name})
			}
		}
		all = append(all,
			map[string]any{"op": "remove", "path": at + "/value"},
			map[string]any{"op": "add", "path": at + "/secretKeyRef", "value": map[string]any{"name": m.Secret, "key": v.Key}},
		)
	}
	return all
}

// Patch is the operation of a JSON patch that writes the scopes.
func (s *Scoping) Patch() []map[string]any {
	return []map[string]any{{"op": "add", "path": "/scopes", "value": s.Apps}}
}
