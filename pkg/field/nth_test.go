// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package field_test

import (
	"reflect"
	"testing"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/field"
)

// TestNth: an element is found by its place, and none is made there.
func TestNth(t *testing.T) {
	t.Parallel()
	object := map[string]any{"list": []any{map[string]any{"name": "a"}, map[string]any{"name": "b"}}}
	path := field.Path{"list", field.Nth(1), "key"}
	if err := field.Set(object, path, "x"); err != nil || field.Get(object, path) != "x" || path.String() != "list[1].key" || !path.InList() {
		t.Errorf("%s is %v, %v", path, field.Get(object, path), err)
	}
	was := []any{map[string]any{"name": "a"}, map[string]any{"name": "b", "key": "x"}}
	for _, path := range []field.Path{{"list", field.Nth(2)}, {"none", field.Nth(0), "key"}} {
		if err := field.Set(object, path, "x"); err == nil || field.Get(object, path) != nil {
			t.Errorf("%s was made", path)
		}
	}
	if !reflect.DeepEqual(object["list"], was) {
		t.Errorf("it is %v", object)
	}
}
