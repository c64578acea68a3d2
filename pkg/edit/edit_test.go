// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package edit_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/edit"
)

// app is a Deployment with something in its template, at its own indentation.
func app(template string) string {
	return "apiVersion: apps/v1\nkind: Deployment\nspec:\n  template:\n" + template
}

// TestRefused are the texts that stay as they are, and what is said of them.
func TestRefused(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ text, want string }{
		"a template":             {app("    metadata:\n      annotations:\n        a: \"{{ .Values.a }}\"\n"), "may be a template"},
		"a template in comments": {app("    # {{- if .Values.a }}\n    spec: {}\n"), "may be a template"},
		"SOPS":                   {app("    spec: {}\n") + "sops:\n  version: 3.8.1\n", "encrypted with SOPS"},
		"SOPS in JSON":           {`{"apiVersion":"apps/v1","kind":"Deployment","spec":{"template":{}},"sops":{}}`, "encrypted with SOPS"},
		"an alias":               {"a: &a {x: y}\n" + app("    metadata:\n      annotations: *a\n"), "metadata.annotations comes from an anchor"},
		"an alias above":         {"a: &a {annotations: {x: y}}\n" + app("    metadata: *a\n"), "spec.template.metadata comes from an anchor"},
		"an alias for a value":   {"a: &a \"no\"\n" + app("    metadata:\n      annotations:\n        dapr.io/enabled: *a\n"), "[dapr.io/enabled] comes from an anchor"},
		"an anchor used":         {app("    metadata:\n      annotations: &a {x: y}\n") + "metadata:\n  annotations: *a\n", "used at other places"},
		"an anchor on a value":   {app("    metadata:\n      annotations:\n        dapr.io/enabled: &a \"no\"\n"), "has an anchor or a tag"},
		"a tag on a value":       {app("    metadata:\n      annotations:\n        dapr.io/enabled: !!str no\n"), "has an anchor or a tag"},
		"an anchor on nothing":   {app("    metadata:\n      annotations: &a\n"), "has an anchor or a tag and nothing else"},
		"a merge key":            {"a: &a\n  dapr.io/enabled: \"no\"\n" + app("    metadata:\n      annotations:\n        <<: *a\n        x: y\n"), "[dapr.io/enabled] comes from a merge key"},
		"a merge key in a merge": {"a: &a\n  dapr.io/enabled: \"no\"\nb: &b\n  <<: *a\n" + app("    metadata:\n      annotations:\n        <<: [*b]\n        x: y\n"), "comes from a merge key"},
		"a merge key above":      {"a: &a\n  annotations: {x: y}\n" + app("    metadata:\n      <<: *a\n      labels: {}\n"), "metadata.annotations comes from a merge key"},
		"the key twice":          {app("    metadata:\n      annotations:\n        dapr.io/enabled: \"no\"\n        dapr.io/enabled: \"yes\"\n"), "[dapr.io/enabled] stands there 2 times"},
		"a key above twice":      {app("    metadata:\n      annotations: {a: b}\n      annotations: {c: d}\n"), "metadata.annotations stands there 2 times"},
		"the key twice in JSON":  {`{"apiVersion":"apps/v1","kind":"Deployment","spec":{"template":{"metadata":{"annotations":{"dapr.io/enabled":"a","dapr.io/enabled":"b"}}}}}`, "stands there 2 times"},
		"a list":                 {app("    metadata: []\n"), "metadata is no mapping"},
		"a list for a value":     {app("    metadata:\n      annotations:\n        dapr.io/enabled: []\n"), "is no text"},
		"explicit keys":          {app("    metadata:\n      annotations:\n        ? a\n        : b\n"), "change it by hand"},
		"kept lines at the end":  {app("    metadata:\n      annotations:\n        a: |+\n          b\n\n\n"), ""},
		"not UTF-8":              {app("    # \xff\n    spec: {}\n"), "not written in UTF-8"},
		"nothing":                {"", "by hand"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			spot := edit.Spot{JSON: strings.HasPrefix(test.text, "{")}
			next, errs := edit.Write([]byte(test.text), []edit.Object{{Spot: spot, Sets: sets()}})
			if test.want == "" {
				if errs[0] != nil {
					t.Errorf("refused: %v", errs[0])
				}
				return
			}
			if string(next) != test.text {
				t.Errorf("it was written:\n%s", next)
			}
			if errs[0] == nil || !strings.Contains(errs[0].Error(), test.want) {
				t.Errorf("got %v, want %q", errs[0], test.want)
			}
		})
	}
}

// TestOthers holds that what is wrong with one object of a list leaves the others.
func TestOthers(t *testing.T) {
	t.Parallel()
	text := []byte("items:\n- {kind: a, spec: []}\n- kind: b\n")
	next, errs := edit.Write(text, []edit.Object{
		{Spot: edit.Spot{Items: []int{0}}, Sets: sets()},
		{Spot: edit.Spot{Items: []int{1}}, Sets: []edit.Set{{Path: []string{"x"}, Value: 1}}},
		{Spot: edit.Spot{Items: []int{2}}, Sets: sets()},
	})
	if errs[0] == nil || errs[1] != nil || errs[2] == nil {
		t.Errorf("%v", errs)
	}
	if want := string(text) + "  x: 1\n"; string(next) != want {
		t.Errorf("got %q, want %q", next, want)
	}
}

// TestValues writes what is no text.
func TestValues(t *testing.T) {
	t.Parallel()
	text := "# values\nglobal:\n    ha:\n        enabled: false # later\n"
	next, errs := edit.Write([]byte(text), []edit.Object{{Sets: []edit.Set{
		{Path: []string{"global", "ha", "enabled"}, Value: true},
		{Path: []string{"global", "ha", "replicaCount"}, Value: 5},
		{Path: []string{"global", "priorityClassName"}, Value: "system-cluster-critical"},
		{Path: []string{"dapr_operator", "watchInterval"}, Value: "30s"},
	}}})
	want := "# values\nglobal:\n    ha:\n        enabled: true # later\n        replicaCount: 5\n    priorityClassName: system-cluster-critical\ndapr_operator:\n    watchInterval: 30s\n"
	if errs[0] != nil || string(next) != want {
		t.Errorf("%v\n%s", errs[0], next)
	}
}

// TestMasked holds that no value and no comment is shown that is not let through, on as
// many lines as there were.
func TestMasked(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/corpus/*.*")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, value := range []string{"GOMEMLIMIT", "example.com", "here", "the name", "Copyright", "folded", "deeper", "over several", "echo", "pinned"} {
			masked := edit.Masked(text, func(edit.Scalar) string { return "***" })
			if bytes.Contains(masked, []byte(value)) {
				t.Errorf("%s: %s is shown:\n%s", file, value, masked)
			}
			if bytes.Count(masked, []byte{'\n'}) != bytes.Count(text, []byte{'\n'}) {
				t.Errorf("%s: another number of lines:\n%s", file, masked)
			}
		}
	}
}

// FuzzWrite holds that a text is either left as it is, with a reason, or holds what was
// to be written and nothing else that is new; and that a second time changes nothing.
func FuzzWrite(f *testing.F) {
	files, err := filepath.Glob("testdata/corpus/*.*")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text, "100m", 0)
	}
	f.Fuzz(func(t *testing.T, text []byte, value string, offset int) {
		value = strings.ReplaceAll(value, "{{", "") // which makes a template of it
		object := edit.Object{
			Spot: edit.Spot{Offset: offset % (len(text) + 1), JSON: bytes.HasPrefix(text, []byte("{"))},
			Sets: []edit.Set{{Path: append(annotations[:4:4], "dapr.io/x"), Value: value}},
		}
		next, errs := edit.Write(text, []edit.Object{object})
		if errs[0] != nil {
			if !bytes.Equal(text, next) {
				t.Errorf("%v, and it was written", errs[0])
			}
			return
		}
		again, errs := edit.Write(next, []edit.Object{object})
		if errs[0] != nil || !bytes.Equal(next, again) {
			t.Errorf("a second time: %v\n%q\n%q\n%q", errs[0], text, next, again)
		}
		masked := edit.Masked(next, func(edit.Scalar) string { return "***" })
		if bytes.Count(masked, []byte{'\n'}) != bytes.Count(next, []byte{'\n'}) {
			t.Errorf("masked, it has another number of lines:\n%q\n%q", next, masked)
		}
	})
}
