// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package edit_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/diff"
	"sigs.k8s.io/yaml"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/edit"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/field"
)

// inLists is what is written into the lists of an object, as harden does: a variable of
// each container, and references in the place of passwords.
func inLists(o map[string]any) []edit.Set {
	spec := field.Path{"spec", "template", "spec"}
	var sets []edit.Set
	if o["kind"] == "Deployment" {
		sets = append(sets, edit.Set{Path: spec.Below("automountServiceAccountToken"), Value: false})
	}
	containers, _ := field.Get(o, spec.Below("containers")).([]any)
	for _, c := range containers {
		name, _ := c.(map[string]any)["name"].(string)
		sets = append(sets, edit.Set{
			Path:  spec.Below("containers", field.Named(name), "env", field.Named("TOKEN")),
			Value: map[string]any{"name": "TOKEN", "valueFrom": map[string]any{"secretKeyRef": map[string]any{"name": "orders-token", "key": "token"}}},
		})
	}
	metadata, _ := field.Get(o, field.Path{"spec", "metadata"}).([]any)
	for i, m := range metadata {
		entry, _ := m.(map[string]any)
		if name, _ := entry["name"].(string); !strings.Contains(strings.ToLower(name), "password") || entry["value"] == nil {
			continue
		}
		sets = append(sets, edit.Set{
			Path:  field.Path{"spec", "metadata", field.Nth(i), "secretKeyRef"},
			Value: map[string]any{"key": fmt.Sprint("k", i), "name": "store-secrets"}, Instead: "value",
		})
	}
	return sets
}

// writeLists writes into the lists of all objects of a text, and holds what is read then
// against what was to be written.
func writeLists(t *testing.T, file string, before []byte) []byte {
	t.Helper()
	was, spots := read(t, file, before)
	var all []edit.Object
	for i, o := range was {
		sets := inLists(o)
		all = append(all, edit.Object{Spot: spots[i], Sets: sets})
		for _, set := range sets {
			if set.Instead != "" {
				delete(field.Get(o, set.Path[:len(set.Path)-1]).(map[string]any), set.Instead)
			}
			if err := field.Set(o, set.Path, set.Value); err != nil {
				t.Fatal(err)
			}
		}
	}
	after, errs := edit.Write(before, all)
	for _, err := range errs {
		if err != nil {
			t.Fatalf("%v\n%s", err, before)
		}
	}
	is, _ := read(t, file, after)
	if !reflect.DeepEqual(was, is) {
		t.Fatalf("not what was to be written:\n%s", diff.Diff("before", before, "after", after))
	}
	return after
}

// TestLists writes into lists as people write them. What is not written stays, byte for
// byte; what is read then is what was to be written; and a second time there is nothing
// to do.
func TestLists(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/lists/*")
	if err != nil || len(files) == 0 {
		t.Fatal("no files")
	}
	for _, file := range files {
		if strings.HasSuffix(file, ".want") {
			continue
		}
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			before, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			after := writeLists(t, file, before)
			if again := writeLists(t, file, after); !bytes.Equal(again, after) {
				t.Errorf("a second time:\n%s", diff.Diff("once", after, "twice", again))
			}
			if bytes.Contains(after, []byte("planted")) {
				t.Errorf("a value is left:\n%s", after)
			}
			for _, line := range gone(slices.Collect(bytes.Lines(before)), slices.Collect(bytes.Lines(after))) {
				if !bytes.Contains(line, []byte("value:")) && !strings.ContainsAny(string(line), "{[]}\"") && !bytes.Contains(line, []byte("planted")) && !bytes.Contains(line, []byte("env:")) && len(bytes.TrimSpace(line)) > 0 {
					t.Errorf("a line is gone: %q", line)
				}
			}
			golden(t, file+".want", after)
		})
	}
}

// TestListsRefused are the lists that stay as they are, and what is said of them.
func TestListsRefused(t *testing.T) {
	t.Parallel()
	containers := func(text string) string { return app("    spec:\n      containers:\n" + text) }
	component := func(text string) string {
		return "kind: Component\nspec:\n  metadata:\n  - name: password\n" + text
	}
	for name, test := range map[string]struct{ text, want string }{
		"the name twice":       {containers("      - name: app\n      - name: app\n"), "spec.template.spec.containers[app] stands there 2 times"},
		"an alias":             {"a: &a {name: app}\n" + containers("      - *a\n"), "spec.template.spec.containers[app] comes from an anchor"},
		"an alias for a list":  {"a: &a [{name: A, value: b}]\n" + containers("      - name: app\n        env: *a\n"), "containers[app].env comes from an anchor"},
		"an anchor on it":      {containers("      - &c\n        name: app\n") + "x: *c\n", "is used at other places"},
		"a merge key":          {"a: &a {env: [{name: A}]}\n" + containers("      - <<: *a\n        name: app\n"), "comes from a merge key"},
		"no list":              {containers("        name: app\n"), "spec.template.spec.containers is no list"},
		"a mapping for env":    {containers("      - name: app\n        env: {A: b}\n"), "containers[app].env is no list"},
		"an alias for a value": {"a: &a planted\n" + component("    value: *a\n"), "spec.metadata[0].value comes from an anchor"},
		"an anchored value":    {component("    value: &a planted\n"), "spec.metadata[0].value has an anchor or a tag"},
		"a merged value":       {"a: &a {value: planted}\n" + component("    <<: *a\n"), "spec.metadata[0].value comes from a merge key"},
		"a value twice":        {component("    value: planted\n    value: b\n"), "spec.metadata[0].value stands there 2 times"},
		"a reference as well":  {component("    value: planted\n    secretKeyRef: {name: a, key: b}\n"), "spec.metadata[0].secretKeyRef stands there already, beside value"},
		"a comment in it":      {component("    value: | # why\n      planted\n"), "change it by hand"},
		"no such place":        {"kind: Component\nspec:\n  metadata: []\n", "could not be taken apart"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sets := []edit.Set{{Path: field.Path{"spec", "metadata", field.Nth(0), "secretKeyRef"}, Value: map[string]any{"name": "x", "key": "y"}, Instead: "value"}}
			if strings.Contains(test.text, "containers") {
				sets = []edit.Set{{Path: field.Path{"spec", "template", "spec", "containers", field.Named("app"), "env", field.Named("A")}, Value: map[string]any{"value": "c"}}}
			}
			next, errs := edit.Write([]byte(test.text), []edit.Object{{Sets: sets}})
			if string(next) != test.text {
				t.Errorf("it was written:\n%s", next)
			}
			if errs[0] == nil || !strings.Contains(errs[0].Error(), test.want) {
				t.Errorf("got %v, want %q", errs[0], test.want)
			}
			if errs[0] != nil && strings.Contains(errs[0].Error(), "planted") {
				t.Errorf("a value is said: %v", errs[0])
			}
		})
	}
}

// maker writes manifests in many ways.
type maker struct{ *rand.Rand }

func (m maker) pick(words ...string) string { return words[m.IntN(len(words))] }

// value is a tree as text at a column, begun behind a key or a dash.
func (m maker) value(tree any, column int, flow bool) string {
	flow = flow || m.IntN(5) == 0
	switch v := tree.(type) {
	case map[string]any:
		keys := slices.Sorted(func(yield func(string) bool) {
			for key := range v {
				if !yield(key) {
					return
				}
			}
		})
		m.Shuffle(len(keys), func(i, j int) { keys[i], keys[j] = keys[j], keys[i] })
		var parts []string
		if flow {
			for _, key := range keys {
				parts = append(parts, key+": "+m.value(v[key], 0, true))
			}
			return "{" + strings.Join(parts, m.pick(", ", ",")) + "}"
		}
		for i, key := range keys {
			pad := strings.Repeat(" ", column)
			if i == 0 {
				pad = ""
			}
			parts = append(parts, pad+key+":"+m.below(v[key], column))
		}
		return strings.Join(parts, "\n"+m.pick("", "", strings.Repeat(" ", column)+"# said\n"))
	case []any:
		var parts []string
		for _, item := range v {
			parts = append(parts, m.value(item, 0, true))
		}
		return "[" + strings.Join(parts, m.pick(", ", ",")) + "]"
	default:
		return m.pick(fmt.Sprint(tree), `"`+fmt.Sprint(tree)+`"`)
	}
}

// below is a value behind its key.
func (m maker) below(tree any, column int) string {
	step := 1 + m.IntN(4)
	pad := strings.Repeat(" ", column+step)
	switch v := tree.(type) {
	case map[string]any:
		if len(v) > 0 && m.IntN(4) > 0 {
			text := m.value(v, column+step, false)
			if !strings.HasPrefix(text, "{") {
				return m.pick("", " # why") + "\n" + pad + text
			}
			return " " + text
		}
	case []any:
		if len(v) > 0 && m.IntN(4) > 0 {
			pad, gap, lines := pad[:len(pad)-m.IntN(2)*step], 1+m.IntN(3), ""
			for _, item := range v {
				lines += "\n" + pad + "-" + strings.Repeat(" ", gap) + m.value(item, len(pad)+1+gap, false)
			}
			return lines
		}
		if len(v) == 0 {
			return m.pick("", " []", " null")
		}
	}
	return " " + m.value(tree, 0, true) + m.pick("", " # why")
}

// TestListsAtRandom writes into made-up manifests: what is read then is what was to be
// written, and every line that holds nothing of it is there still.
func TestListsAtRandom(t *testing.T) {
	t.Parallel()
	tried := 0
	for seed := range uint64(300) {
		m := maker{rand.New(rand.NewPCG(seed, 8))}
		containers, metadata := []any{}, []any{}
		for i := range 1 + m.IntN(3) {
			c := map[string]any{"name": fmt.Sprint("c", i), "image": "a:1"}
			if m.IntN(2) == 0 {
				env := []any{}
				for j := range m.IntN(3) {
					env = append(env, map[string]any{"name": fmt.Sprint("E", j), "value": "x"})
				}
				c["env"] = env
			}
			containers = append(containers, c)
			metadata = append(metadata, map[string]any{"name": m.pick("host", "password"), "value": "planted"})
		}
		text := []byte(m.value(map[string]any{"apiVersion": "apps/v1", "kind": "Deployment", "metadata": map[string]any{"name": "a"}, "spec": map[string]any{
			"template": map[string]any{"spec": map[string]any{"containers": containers}}, "metadata": metadata,
		}}, 0, false) + m.pick("", "\n"))
		if yaml.Unmarshal(text, &map[string]any{}) != nil {
			continue // a way that YAML does not know
		}
		tried++
		after := writeLists(t, "a.yaml", text)
		if again := writeLists(t, "a.yaml", after); !bytes.Equal(again, after) {
			t.Fatalf("a second time:\n%s", diff.Diff("once", after, "twice", again))
		}
		for _, word := range []string{"# said", "# why"} {
			if bytes.Count(after, []byte(word)) != bytes.Count(text, []byte(word)) {
				t.Fatalf("a comment is gone:\n%s", diff.Diff("before", text, "after", after))
			}
		}
		for _, line := range gone(slices.Collect(bytes.Lines(text)), slices.Collect(bytes.Lines(after))) {
			if !strings.ContainsAny(string(line), "{[]}") && !bytes.Contains(line, []byte("value")) && !bytes.Contains(line, []byte("env:")) && bytes.HasSuffix(line, []byte("\n")) {
				t.Fatalf("line %q is gone:\n%s", line, diff.Diff("before", text, "after", after))
			}
		}
	}
	if tried < 100 {
		t.Errorf("of what was made up, %d were YAML", tried)
	}
}
