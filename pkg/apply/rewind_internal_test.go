// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package apply

import (
	"encoding/json"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/journal"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

const key = "dapr.io/log-as-json"

// liveObject has the value, owned by a manager; "" is none.
func liveObject(t *testing.T, value, owner, operation string) *unstructured.Unstructured {
	t.Helper()
	live := &unstructured.Unstructured{Object: parse(t, `{apiVersion: apps/v1, kind: Deployment, metadata: {name: orders, resourceVersion: "7"}, spec: {template: {metadata: {}}}}`)}
	if value != "" {
		if err := setText(live.Object, inTemplate("spec.template", key, nil), true, &value); err != nil {
			t.Fatal(err)
		}
	}
	if owner != "" {
		entry := map[string]any{
			"manager": owner, "operation": operation, "apiVersion": "apps/v1", "fieldsType": "FieldsV1",
			"fieldsV1": parse(t, `{"f:spec":{"f:template":{"f:metadata":{"f:annotations":{"f:`+key+`":{}}}}}}`),
		}
		if err := unstructured.SetNestedSlice(live.Object, []any{entry}, "metadata", "managedFields"); err != nil {
			t.Fatal(err)
		}
	}
	return live
}

// step is one write: from a value to another, "" for none.
type step struct {
	was, set string
	manager  journal.Manager
	// unknown tells that the run was killed before it knew.
	unknown bool
}

func journaled(t *testing.T, steps ...step) journal.Group {
	t.Helper()
	j, err := journal.Create(filepath.Join(t.TempDir(), "journal"), journal.Header{})
	if err != nil {
		t.Fatal(err)
	}
	defer j.Close()
	for _, s := range steps {
		c := journal.Change{Key: key, Set: s.set, Managers: []journal.Manager{s.manager}}
		if s.was != "" {
			c.Was = &s.was
		}
		id, err := j.Begin(snapshot.Object{Kind: "Deployment", Name: "orders"}, "uid", "spec.template", []journal.Change{c})
		if err != nil {
			t.Fatal(err)
		}
		if !s.unknown {
			if err := j.Written(id); err != nil {
				t.Fatal(err)
			}
		}
	}
	r, err := journal.Read(j.Path())
	if err != nil {
		t.Fatal(err)
	}
	return r.Groups()[0]
}

func TestRewind(t *testing.T) {
	t.Parallel()
	edit := journal.Manager{Name: "kubectl-edit", Operation: "Update", APIVersion: "apps/v1"}
	us := ours("apps/v1")
	chain := []step{{was: "a", set: "b", manager: edit}, {was: "b", set: "c", manager: us}, {was: "c", set: "d", manager: us}}
	for _, test := range []struct {
		name      string
		steps     []step
		now       string
		owner, op string
		target    string // "=" is no change
		returns   bool
		refused   string
	}{
		{name: "the newest", steps: chain, now: "d", owner: Manager, op: "Apply", target: "a"},
		{name: "one in between", steps: chain, now: "b", owner: Manager, op: "Apply", target: "a"},
		{name: "all but whose it is", steps: chain, now: "a", owner: Manager, op: "Apply", target: "=", returns: true},
		{name: "all", steps: chain, now: "a", owner: "kubectl-edit", op: "Update", target: "="},
		{name: "a value of nobody", steps: chain, now: "x", owner: "kubectl-edit", op: "Update", target: "=", refused: "it was changed since, by kubectl-edit (Update)"},
		{name: "none at all", steps: chain, target: "=", refused: "it was changed since"},
		{name: "somebody wrote between two writes", steps: []step{{was: "a", set: "b", manager: edit}, {was: "x", set: "c", manager: edit}}, now: "c", owner: Manager, op: "Apply", target: "x"},
		{name: "and wrote what an older write had set", steps: []step{{was: "p", set: "x", manager: us}, {was: "a", set: "b", manager: us}, {was: "x", set: "c", manager: edit}}, now: "c", owner: Manager, op: "Apply", target: "x"},
		{name: "not known to be written, and changed since", steps: []step{{was: "a", set: "b", manager: edit, unknown: true}}, now: "x", owner: "kubectl-edit", op: "Update", target: "="},
		{name: "not known to be written, and the same by somebody else", steps: []step{{was: "a", set: "b", manager: edit, unknown: true}}, now: "b", owner: "kubectl-edit", op: "Update", target: "="},
		{name: "not known to be written, and it was", steps: []step{{was: "a", set: "b", manager: edit, unknown: true}}, now: "b", owner: Manager, op: "Apply", target: "a"},
		{name: "not known to be written, and it was not", steps: []step{{was: "a", set: "b", manager: edit, unknown: true}}, now: "a", owner: "kubectl-edit", op: "Update", target: "="},
		{name: "the same by somebody else", steps: chain, now: "d", owner: "helm", op: "Apply", target: "=", refused: "belongs to somebody else by now, by helm (Apply)"},
		{name: "an entry of ours by update", steps: chain, now: "d", owner: Manager, op: "Update", target: "=", refused: "belongs to somebody else"},
		{name: "added, and nobody owns it", steps: []step{{set: "b"}}, now: "b", target: "=", refused: "remove it by hand"},
		{name: "added", steps: []step{{set: "b"}}, now: "b", owner: Manager, op: "Apply", target: ""},
		{name: "the run itself was there before", steps: []step{{was: "a", set: "b", manager: us}}, now: "a", owner: Manager, op: "Apply", target: "="},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			f := rewind(journaled(t, test.steps...), liveObject(t, test.now, test.owner, test.op)).fields[0]
			switch {
			case test.refused == "" && f.refused != "", !strings.Contains(f.refused, test.refused):
				t.Errorf("refused: %q, want %q", f.refused, test.refused)
			case f.changes() != (test.target != "="):
				t.Errorf("changes: %v", f.changes())
			case f.changes() && (f.target == nil) != (test.target == ""), f.changes() && f.target != nil && *f.target != test.target:
				t.Errorf("goes back to %v, want %q", f.target, test.target)
			case f.returns() != test.returns:
				t.Errorf("returns: %v", f.returns())
			}
		})
	}
}

// TestGiveBack: the patch is for the object that was read alone.
func TestGiveBack(t *testing.T) {
	t.Parallel()
	edit := journal.Manager{Name: "kubectl-edit", Operation: "Update", APIVersion: "apps/v1"}
	r := rewind(journaled(t, step{was: "a", set: "b", manager: edit}), liveObject(t, "a", Manager, "Apply"))
	text, err := r.managedFields()
	if err != nil {
		t.Fatal(err)
	}
	var patch []struct {
		Op, Path string
		Value    any
	}
	if err := json.Unmarshal(text, &patch); err != nil {
		t.Fatal(err)
	}
	var paths []string
	for _, p := range patch {
		paths = append(paths, p.Op+" "+p.Path)
	}
	if !slices.Equal(paths, []string{"replace /metadata/managedFields", "replace /metadata/resourceVersion"}) || patch[1].Value != "7" {
		t.Errorf("patch: %s", text)
	}
	entries, _ := patch[0].Value.([]any)
	if len(entries) != 1 || entries[0].(map[string]any)["manager"] != "kubectl-edit" {
		t.Errorf("managed fields: %v", entries)
	}
}
