// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package manifest

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/edit"
)

// TestSpots holds where documents are said to stand against their text: a value that
// is written at the spot of an object is read in that object, and in no other.
func TestSpots(t *testing.T) {
	t.Parallel()
	object := func(name string) string { return "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: " + name + "\n" }
	jsonOf := func(name string) string {
		return `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"` + name + `"}}`
	}
	large := strings.Repeat("# "+strings.Repeat("x", 80)+"\n", 2000)
	for name, text := range map[string]string{
		"one":                object("a"),
		"a mark in front":    "\ufeff" + object("a"),
		"separators":         "---\n" + object("a") + "--- # and\n" + object("b") + "---\n# nothing\n---\n" + object("c") + "...\n",
		"separators in CRLF": strings.ReplaceAll("---\n"+object("a")+"---\n"+object("b"), "\n", "\r\n"),
		"JSON":               jsonOf("a"),
		"a mark and JSON":    "\ufeff" + jsonOf("a"),
		"JSON in a row":      jsonOf("a") + "\n\n" + jsonOf("b") + jsonOf("c"),
		"JSON, then YAML":    jsonOf("a") + "\n---\n" + object("b"),
		"JSON behind ---":    "---\n" + jsonOf("a") + "\n---\n" + object("b"),
		"much before":        large + object("a") + "---\n" + large + object("b"),
		"much JSON":          strings.Repeat(strings.Replace(jsonOf("big"), "big", strings.Repeat("b", 200<<10), 1)+"\n", 3) + jsonOf("a"),
		"a list":             "apiVersion: v1\nkind: List\nitems:\n- " + strings.ReplaceAll(strings.TrimSpace(object("a")), "\n", "\n  ") + "\n- " + strings.ReplaceAll(strings.TrimSpace(object("b")), "\n", "\n  ") + "\n",
		"lists in lists":     `{"apiVersion":"v1","kind":"List","items":[` + jsonOf("a") + `,{"apiVersion":"v1","kind":"List","items":[` + jsonOf("b") + `,` + jsonOf("c") + `]}]}`,
		"a typed list":       `{"items":[{"metadata":{"name":"a"}},{"metadata":{"name":"b"}}],"kind":"ConfigMapList","apiVersion":"v1"}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			before, spots := objects(t, []byte(text))
			for i, spot := range spots {
				next, errs := edit.Write([]byte(text), []edit.Object{{Spot: spot, Sets: []edit.Set{{Path: []string{"metadata", "here"}, Value: "yes"}}}})
				if errs[0] != nil {
					t.Fatal(errs[0])
				}
				after, _ := objects(t, next)
				for j := range before {
					meta := after[j]["metadata"].(map[string]any)
					if _, here := meta["here"]; here != (i == j) {
						t.Fatalf("object %d was to be written, and of %d it is %v:\n%.500s", i, j, here, next)
					}
					delete(meta, "here")
				}
				if !reflect.DeepEqual(before, after) {
					t.Errorf("object %d: something else became another", i)
				}
			}
		})
	}
}

// objects are those of a text, and where they stand.
func objects(t *testing.T, text []byte) ([]map[string]any, []edit.Spot) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "manifest.yaml")
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
	var all []map[string]any
	var spots []edit.Spot
	err := Input{Filenames: []string{file}}.Read(t.Context(), func(d *Document) error {
		var value map[string]any
		if err := json.Unmarshal(d.raw, &value); err != nil {
			return err
		}
		all, spots = append(all, value), append(spots, d.Spot)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all, spots
}

// TestTexts holds that what was kept is read again, with nothing of what it came from.
func TestTexts(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	one := "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: one\n"
	if err := os.WriteFile(filepath.Join(folder, "one.yaml"), []byte(one), 0o600); err != nil {
		t.Fatal(err)
	}
	texts := &Texts{}
	names := func(texts *Texts) (all []string) {
		in := Input{Filenames: []string{folder, "-"}, Stdin: strings.NewReader(strings.Replace(one, "one", "two", 1)), Texts: texts}
		if err := in.Read(t.Context(), func(d *Document) error { all = append(all, d.title(d.tree())); return nil }); err != nil {
			t.Fatal(err)
		}
		return all
	}
	want := []string{"ConfigMap one", "ConfigMap two"}
	if got := names(texts); !reflect.DeepEqual(got, want) {
		t.Errorf("read %q, want %q", got, want)
	}
	if err := os.Remove(filepath.Join(folder, "one.yaml")); err != nil {
		t.Fatal(err)
	}
	if got := names(texts); !reflect.DeepEqual(got, want) {
		t.Errorf("read again %q, want %q", got, want)
	}
	if all := texts.All(); !all[0].File || all[1].File || string(all[0].Content) != one {
		t.Errorf("kept %+v", all)
	}
	other := texts.With(map[int][]byte{0: []byte(strings.Replace(one, "one", "three", 1))})
	if got := names(other); got[0] != "ConfigMap three" || got[1] != want[1] {
		t.Errorf("with another text %q", got)
	}
}
