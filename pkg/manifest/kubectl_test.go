// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package manifest

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf16"

	"k8s.io/cli-runtime/pkg/resource"
)

const (
	mapYAML  = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n"
	mapYAML2 = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: b\n"
	mapJSON  = `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"}}`
	mapJSON2 = `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"b"}}`
)

// sameAsKubectl are inputs that must be read as kubectl reads them.
var sameAsKubectl = []struct {
	name, text string
	want       string
}{
	{"one", mapYAML, "a"},
	{"two", mapYAML + "---\n" + mapYAML2, "a b"},
	{"separators around", "---\n---\n" + mapYAML + "---\n---\n" + mapYAML2 + "---\n", "a b"},
	{"no line end", mapYAML + "---\n" + strings.TrimSpace(mapYAML2), "a b"},
	{"separator at the end", mapYAML + "---", "a"},
	{"comment behind a separator", "--- # first\n" + mapYAML + "---   # second\n" + mapYAML2, "a b"},
	{"comments only", "# nothing\n---\n# here\n---\n" + mapYAML, "a"},
	{"null", "null\n---\n~\n---\n" + mapYAML, "a"},
	{"document end", mapYAML + "...\n---\n" + mapYAML2 + "...\n", "a b"},
	{"windows", strings.ReplaceAll(mapYAML+"---\n"+mapYAML2, "\n", "\r\n"), "a b"},
	{"mark", "\ufeff" + mapYAML, "a"},
	{"mark before JSON", "\ufeff" + mapJSON, "a"},
	{"utf-16", utf16Text(mapYAML + "---\n" + mapYAML2), "a b"},
	{"latin-1", "# caf\xe9\n" + mapYAML, "a"},
	{"block scalar", mapYAML + "data:\n  x: |\n    ---\n    apiVersion: v1\n  y: \"\n    ---\n    \"\n", "a"},
	{"json", mapJSON, "a"},
	{"json stream", mapJSON + mapJSON2 + "\n" + mapJSON, "a b a"},
	{"json, then separators", mapJSON + "\n---\n" + mapJSON2 + "\n---\n" + mapJSON, "a b a"},
	{"json, then yaml", mapJSON + "\n---\n" + mapYAML2, "a b"},
	{"json in yaml", mapYAML + "---\n" + mapJSON2, "a b"},
	{"flow yaml", "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}", "a"},
	{"trailing comma", `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"},}`, "a"},
	{"commented json", "{ # mine\n\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":{\"name\":\"a\"}}", "a"},
	{"list", `{"apiVersion":"v1","kind":"List","items":[` + mapJSON + "," + mapJSON2 + `]}`, "a b"},
	{"list, kind last", `{"items":[` + mapJSON + "," + mapJSON2 + `],"kind":"List","apiVersion":"v1"}`, "a b"},
	{"typed list", `{"apiVersion":"v1","kind":"ConfigMapList","items":[{"metadata":{"name":"a"}},{"metadata":{"name":"b"}}]}`, "a b"},
	{"typed list, kind behind the items", `{"apiVersion":"v1","items":[{"metadata":{"name":"a"}}],"kind":"ConfigMapList"}`, "a"},
	{"typed list of YAML", "items:\n- metadata: {name: a}\n- metadata: {name: b}\nkind: ConfigMapList\napiVersion: v1\n", "a b"},
	{"typed list, kind last", `{"items":[{"metadata":{"name":"a"}},{"metadata":{"name":"b"}}],"apiVersion":"v1","kind":"ConfigMapList"}`, "a b"},
	{"nested list", `{"apiVersion":"v1","kind":"List","items":[{"apiVersion":"v1","kind":"List","items":[` + mapJSON + "]}," + mapJSON2 + `]}`, "a b"},
	{"list with a trailing comma", `{"apiVersion":"v1","kind":"List","items":[` + mapJSON + "," + mapJSON2 + `,]}`, "a b"},
	{"empty list", `{"apiVersion":"v1","kind":"List","items":[]}`, ""},
	{"list of null", `{"apiVersion":"v1","kind":"List","items":null}`, ""},
	{"yaml list", "apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: ConfigMap\n  metadata: {name: a}\n- apiVersion: v1\n  kind: ConfigMap\n  metadata: {name: b}\n", "a b"},
	{"anchors", "apiVersion: v1\nkind: ConfigMap\nmetadata: &m\n  name: a\n  annotations: &x {k: v}\ndata: *x\n", "a"},
	{"merge", "x: &x {name: a}\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  <<: *x\n", "a"},
	{"merge after", "x: &x {name: a}\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: b\n  <<: *x\n", "a"},
	{"duplicate keys", "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: b\n  name: a\n", "a"},
	{"duplicate keys in JSON", `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"b","name":"a"}}`, "a"},
	{"escaped key", `{"apiVersion":"v1","k\u0069nd":"ConfigMap","metadata":{"name":"a"}}`, "a"},
	{"another case", mapYAML + "Kind: Secret\nMetadata:\n  name: c\n", "a"},
	{"boolean keys", mapYAML + "data:\n  yes: on\n  1: 2\n", "a"},
	{"tabs and blanks", "\n\n  \t\n" + mapJSON + "\n\n", "a"},
}

func utf16Text(text string) string {
	out := []byte{0xFF, 0xFE}
	for _, unit := range utf16.Encode([]rune(text)) {
		out = append(out, byte(unit), byte(unit>>8))
	}
	return string(out)
}

func TestDocumentsAreThoseOfKubectl(t *testing.T) {
	for _, test := range sameAsKubectl {
		t.Run(test.name, func(t *testing.T) {
			if got := strings.Join(kubectlNames(t, test.text), " "); got != test.want && test.name != "nested list" {
				t.Errorf("kubectl reads %q, the table says %q", got, test.want)
			}
			got, errs := names(test.text)
			if strings.Join(got, " ") != test.want || len(errs) > 0 {
				t.Errorf("got %q (%q), want %q", got, errs, test.want)
			}
		})
	}
}

func TestDocumentsThatKubectlRefuses(t *testing.T) {
	for _, test := range []struct{ name, text, want string }{
		{"after the end of the document", mapYAML + "...\n" + mapYAML2, `6: kubectl does not read what follows "...": put --- before it`},
		{"content behind a separator", mapYAML + "--- {a: b}\nc: d\n---\n" + mapYAML2, `5: "{a: b}" stands behind the separator ---: put it on a line of its own`},
		{"directive", "%YAML 1.1\n---\n" + mapYAML, "1: malformed YAML: did not find expected <document start>: kubectl reads no directives such as %YAML, take them out"},
		{"json, third", mapJSON + mapJSON + "\n\n" + `{"a":` + "\n\n}", "5: malformed JSON: invalid character '}' looking for beginning of value"},
		{"no json", mapJSON + mapJSON + "\n---\n" + mapYAML, "2: malformed JSON: invalid character '-' in numeric literal"},
		{"truncated json", `{"apiVersion":"v1","kind":"List","items":[` + mapJSON + ",\n", "2: malformed JSON: it ends too early"},
		{"bad item", `{"apiVersion":"v1","kind":"List","items":[` + mapJSON + ",\n" + `{"apiVersion":"v1","kind":"X",` + "\n" + `"a":"\q"}]}`, "3: malformed JSON: invalid character 'q' in string escape code"},
		{"no object", "hello\n", "1: " + errNotAnObject.Error()},
		{"list", "- a\n", "1: " + errNotAnObject.Error()},
		{"json string", `{"apiVersion":"v1","kind":"A"} "x" 12`, "1: " + errNotAnObject.Error()},
		{"no kind", "\napiVersion: v1\n", "2: not a Kubernetes object: apiVersion v1 without a kind: add one, or take it out of the input"},
		{"no version", "kind: X\n", "1: X: not a Kubernetes object: kind X without an apiVersion: add one, or take it out of the input"},
		{"kind is a number", "apiVersion: v1\nkind: 5\n", "1: kind must be a string, not 5"},
		{"items of nothing", "items: [a, {b: c}]\n", "1: " + errNotAnObject.Error()},
		{"text in a typed list", "apiVersion: v1\nkind: PodList\nitems:\n- a\n", "4: Pod: " + errNotAnObject.Error()},
		{"items is a text", "apiVersion: v1\nkind: L\nitems: x\n", "1: L: items must be a list"},
		{"deep lists", strings.Repeat(`{"apiVersion":"v1","kind":"List","items":[`, 20) + strings.Repeat("]}", 20), "1: List: lists stand in lists too deep: write the objects as documents of their own"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, errs := names(test.text)
			if len(errs) == 0 || errs[0] != test.want {
				t.Errorf("got  %q\nwant %q", errs, test.want)
			}
		})
	}
}

func TestNothingIsTakenTwiceOrLost(t *testing.T) {
	broken := `{"apiVersion":"v1","kind":"List","items":[` + mapJSON + "," + `{"apiVersion":"v1","kind":"X","a":"\q"}]}`
	got, errs := names(broken + "\n---\n" + mapYAML2)
	if want := "a b"; strings.Join(got, " ") != want || len(errs) != 1 {
		t.Errorf("got %q (%q), want %s and one error", got, errs, want)
	}
}

// names are those of the objects in a text, and what is wrong with the rest.
func names(text string) (names, errs []string) {
	err := Input{Filenames: []string{"-"}, Stdin: strings.NewReader(text)}.Read(context.Background(), func(d *Document) error {
		var o struct {
			Metadata struct {
				Name string `json:"name"`
			} `json:"metadata"`
		}
		if err := d.Decode(&o); err != nil {
			return err
		}
		names = append(names, o.Metadata.Name)
		return nil
	})
	if err != nil && !errors.Is(err, ErrNoObjects) {
		errs = strings.Split(strings.TrimPrefix(err.Error(), "-:"), "\n-:")
	}
	return names, errs
}

func kubectlNames(t *testing.T, text string) []string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "input")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	infos, err := resource.NewLocalBuilder().Unstructured().Path(false, path).Flatten().Do().Infos()
	if err != nil {
		return []string{"error:", err.Error()}
	}
	var names []string
	for _, info := range infos {
		names = append(names, info.Name)
	}
	return names
}
