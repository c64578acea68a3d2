// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package manifest

import (
	"encoding/json"
	"maps"
	"testing"
)

// FuzzLines holds that the lines of chosen fields are those that a tree of all fields has.
func FuzzLines(f *testing.F) {
	for _, text := range []string{
		`{"metadata":{"name":"a","annotations":{"x":1,"y":{"name":2}}},"spec":{"containers":[{"image":"i",` + "\n" + `"name":"c"},{"name":5},[],"d"]}}`,
		`{"spec":{"template":{"spec":{"containers":{"a":{"b":` + "\n" + `1}}}}},"scopes":["a",{"name":"b","c":1}],` + "\n" + `"spec":{"replicas":1}}`,
		`[{"name":"a"}]`, `"a"`, `{}`, `{"metadata":[{"name":"a","annotations":1}]}`,
	} {
		f.Add([]byte(text))
	}
	chosen := Fields{"scopes": {"[]": nil}, "list": {"[]": {"*": {"[]": nil}}}}
	maps.Copy(chosen, fields)
	f.Fuzz(func(t *testing.T, raw []byte) {
		if !json.Valid(raw) {
			return
		}
		part, whole := map[string]int{}, map[string]int{}
		chosen.lines((&scanner{buf: raw, line: 1}).chosen(chosen), "", part)
		chosen.lines(parse(raw, 1), "", whole)
		if !maps.Equal(part, whole) {
			t.Errorf("%s:\n got %v\nwant %v", raw, part, whole)
		}
	})
}
