// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package manifest

import (
	"bytes"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	"sigs.k8s.io/yaml"
)

// manifestText is a Deployment; one in ten has a fault.
func manifestText(i int) string {
	replicas := "3"
	if i%10 == 7 {
		replicas = "three"
	}
	return fmt.Sprintf("apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  annotations:\n    dapr.io/enabled: \"true\"\n  name: app-%d\n"+
		"spec:\n  replicas: %s\n  template:\n    spec:\n      containers:\n      - name: app\n        args:\n        - |\n          - a\n\n          b\n", i, replicas)
}

// indented is a text as an item that begins in a column.
func indented(text string, column int) string {
	margin := strings.Repeat(" ", column)
	return margin + "- " + strings.ReplaceAll(strings.TrimSuffix(text, "\n"), "\n", "\n  "+margin) + "\n"
}

// manyItems are so many items that a list of them is large.
func manyItems(column int) string {
	var all strings.Builder
	for i := range 300 {
		all.WriteString(indented(manifestText(i), column))
	}
	return all.String()
}

// TestListInParts: a list that is parsed item by item is what it is as a whole, and on the
// same lines; where an item depends on what stands elsewhere it is parsed as a whole.
func TestListInParts(t *testing.T) {
	t.Parallel()
	const head, tail = "apiVersion: v1\nitems:\n", "kind: List\nmetadata: {}\n"
	items := manyItems(0)
	for name, test := range map[string]struct {
		text  string
		parts bool
	}{
		"kubectl's":                     {head + items + tail, true},
		"nothing behind it":             {"kind: List\n" + head + strings.TrimSuffix(items, "\n"), true},
		"indented":                      {head + manyItems(2) + tail, true},
		"comments and blank lines":      {"# one\n" + head + strings.ReplaceAll(items, "- apiVersion", "\n# two\n- apiVersion")[1:] + "# three\n" + tail, false},
		"comments behind the first one": {head + items + "# two\n\n" + items + tail, true},
		"comments behind the dash":      {head + items + "- # two\n  a: b\n" + tail, true},
		"an anchor for one item":        {head + items + "- {a: &x b, c: *x}\n" + tail, true},
		"an anchor of the list":         {"x: &x b\n" + head + items + "- {a: *x}\n" + tail, false},
		"an anchor of another item":     {head + "- {a: &x b}\n" + items + "- {a: *x}\n" + tail, false},
		"an anchor of an item":          {head + items + "- {a: &x b}\n" + tail + "x: *x\n", false},
		"a text over items":             {head + items + "- a: \"b\n- c\"\n" + tail, false},
		"a text over all":               {"x: 'a\n" + head + items + tail + "'\n", false},
		"an item that is no mapping":    {head + items + "- [a, b]\n" + tail, false},
		"two lists":                     {head + items + "x: y\nitems:\n- a: b\n" + tail, false},
		"items of something else":       {"apiVersion: v1\ndata:\n  items:\n" + items + tail, false},
		"items in another column":       {head + items + "  - a: b\n" + tail, false},
		"a dash by itself":              {head + items + "-\n  a: b\n" + tail, false},
		"more members":                  {"apiVersion: v1\ndata: {a: b}\nitems:\n" + items + tail, false},
		"merged":                        {"<<: {items: [a]}\n" + head + items + tail, false},
		"merged behind it":              {head + items + "<<: {items: null}\n" + tail, false},
		"no items behind it":            {head + items + tail + "\"items\": null\n", false},
		"in braces":                     {"{\nkind: List, apiVersion: v1,\nitems:\n" + strings.Repeat("- {a: b}\n", 10_000) + "}\n", false},
		"an anchor set anew":            {"a: &x b\n" + head + items + "- {a: &x c}\n" + "kind: *x\n", false},
		"an indented dash by itself":    {head + manyItems(2) + "  -\n    a: b\n" + tail, false},
		"a dash by itself between":      {head + manyItems(2) + "  -\n    a: b\n" + manyItems(2) + tail, false},
		"a line too far left":           {head + manyItems(2) + " a: b\n" + manyItems(2) + tail, false},
		"a list in it":                  {head + "- kind: List\n  items:\n" + manyItems(2) + tail, true},
		"blanks at the end":             {head + items + tail + "  ", true},
		"blanks behind the items":       {"kind: List\n" + head + items + "  ", true},
		"malformed":                     {head + items + "- a: b: c\n" + tail, false},
		"another end of lines":          {strings.ReplaceAll(head+items+tail, "\n", "\r\n"), false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := &chunk{text: []byte(test.text), line: 5, content: 5}
			raw, parts, err := c.json()
			want, wantErr := yaml.YAMLToJSON(c.text)
			if fmt.Sprint(err) != fmt.Sprint(wantErr) || !sameJSON(t, raw, want) {
				t.Errorf("error %v, want %v; or it is something else", err, wantErr)
			}
			if (parts != nil) != test.parts {
				t.Errorf("in %d parts", len(parts))
			}
			whole := c.tree()
			for i, part := range parts {
				item, _ := whole.child(step{key: "items"})
				if got, want := part.item(), item.items[i]; !reflect.DeepEqual(got, want) || part.content != 0 && part.content != want.line {
					t.Fatalf("item %d is on line %d (%d), want %d", i, got.line, part.content, want.line)
				}
			}
		})
	}
}

func sameJSON(t *testing.T, a, b []byte) bool {
	t.Helper()
	var values [2]any
	for i, raw := range [][]byte{a, b} {
		if err := yaml.Unmarshal(raw, &values[i]); len(raw) > 0 && err != nil {
			t.Fatal(err)
		}
	}
	return reflect.DeepEqual(values[0], values[1])
}

// TestSameInEveryForm: objects and what is wrong with them are the same as a large list in
// YAML, in JSON, and as documents of their own.
func TestSameInEveryForm(t *testing.T) {
	t.Parallel()
	list := "# a\n# b\napiVersion: v1\nitems:\n" + manyItems(0) + "kind: List\n"
	raw, err := yaml.YAMLToJSON([]byte(list))
	if err != nil {
		t.Fatal(err)
	}
	var documents strings.Builder
	for i := range 300 {
		documents.WriteString("---\n" + manifestText(i))
	}
	want := said(t, list, true)
	if len(want) != 330 {
		t.Fatalf("%d objects and errors", len(want))
	}
	if got := said(t, string(raw), false); !slices.Equal(got, said(t, list, false)) {
		t.Errorf("in JSON: %.300q, want %.300q", got, said(t, list, false))
	}
	lines := bytes.Count([]byte(manifestText(0)), []byte{'\n'})
	if !strings.Contains(want[299], fmt.Sprint(" on line ", 5+299*lines)) {
		t.Errorf("the last one is not where it is: %s", want[299])
	}
	if got := said(t, documents.String(), false); !slices.Equal(got, said(t, list, false)) {
		t.Errorf("as documents: %.300q", got)
	}
}

// said is all that is said of an input, with lines or without.
func said(t *testing.T, text string, lines bool) (all []string) {
	t.Helper()
	err := Input{Filenames: []string{"-"}, Stdin: strings.NewReader(text)}.Read(t.Context(), func(d *Document) error {
		what := fmt.Sprint(d.APIVersion, " ", d.Kind)
		if lines {
			what += fmt.Sprint(" on line ", d.Line(), " ", d.Lines(fields), d.Spot)
		}
		all = append(all, what)
		return d.Decode(&appsv1.Deployment{})
	})
	for line := range strings.SplitSeq(fmt.Sprint(err), "\n") {
		if _, without, found := strings.Cut(line, ": "); found && !lines {
			_, line, _ = strings.Cut(without, ": ")
		}
		all = append(all, line)
	}
	return all
}
