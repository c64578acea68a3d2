// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package kustomize_test

import (
	"strings"
	"testing"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/kustomize"
)

// TestInclude: apart from what is added, every byte stays. What is added stands between
// « and » in want.
func TestInclude(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, want string }{
		{"no components", "resources:\n- a # why\n«components: [dapr-prod]\n»"},
		{"no end of line", "resources: [a]«\ncomponents: [dapr-prod]»"},
		{"empty", "«components: [dapr-prod]\n»"},
		{"comments alone", "# nothing yet\n«components: [dapr-prod]\n»"},
		{"comment at the end", "resources: [a]\n\n# the end\n«components: [dapr-prod]\n»"},
		{"CRLF", "resources:\r\n- a\r\n«components: [dapr-prod]\r\n»"},
		{"BOM", "\ufeffresources: [a]\n«components: [dapr-prod]\n»"},
		{"marked end", "resources: [a]\n«components: [dapr-prod]\n»...\n"},
		{"marked beginning", "# why\n---\nresources: [a]\n«components: [dapr-prod]\n»"},
		{"block scalar at the end", "resources: [a]\npatches:\n- patch: |-\n    kind: X\n«components: [dapr-prod]\n»"},
		{"block scalar that keeps its lines", "resources: [a]\npatches:\n- patch: |+\n    kind: X\n\n«components: [dapr-prod]\n»"},
		{"block list", "components:\n- a\n- b # why\n«- dapr-prod\n»resources: [a]\n"},
		{"indented list", "components:\n    # why\n    - a\n«    - dapr-prod\n»\n# more\nresources: [a]\n"},
		{"list at the end", "components:\n  - a«\n  - dapr-prod»"},
		{"CRLF list", "components:\r\n- a\r\n«- dapr-prod\r\n»resources: [a]\r\n"},
		{"empty value", "components:\n«- dapr-prod\n»resources: [a]\n"},
		{"empty flow list", "components: [«dapr-prod»] # none\nresources: [a]\n"},
		{"flow list", "components: [ ../a, 'b'«, dapr-prod» ] # why\n"},
		{"flow list of several lines", "components: [\n  ../a,\n  \"ü\"«, dapr-prod»,\n]\n"},
		{"there already", "components: [dapr-prod, a]\n"},
		{"key in quotes", "\"components\":\n- a\n«- dapr-prod\n»"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			before, added, _ := strings.Cut(test.want, "«")
			_, after, _ := strings.Cut(added, "»")
			got, err := kustomize.Include([]byte(before+after), "dapr-prod")
			if want := strings.NewReplacer("«", "", "»", "").Replace(test.want); err != nil || string(got) != want {
				t.Errorf("got %q and %v, want %q", got, err, want)
			}
			again, err := kustomize.Include(got, "dapr-prod")
			if err != nil || string(again) != string(got) {
				t.Errorf("once more: got %q and %v", again, err)
			}
		})
	}
}

// TestIncludeRefused: what there is no line for is left to a person.
func TestIncludeRefused(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"flow mapping":    "{resources: [a]}",
		"JSON":            "{\n  \"resources\": [\"a\"]\n}\n",
		"alias":           "x: &all [a]\ncomponents: *all\n",
		"no list":         "components: a\n",
		"null":            "components: null\n",
		"two keys":        "components: [a]\ncomponents: [b]\n",
		"malformed":       "resources: [a\n",
		"several lines":   "components:\n- \"a\\\n  b\"\n",
		"two documents":   "resources: [a]\n---\nresources: [b]\n",
		"unclosed scalar": "resources: [a]\nx: |\n  y",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := kustomize.Include([]byte(text), "dapr-prod")
			if err == nil {
				t.Errorf("got %q", got)
			}
		})
	}
}

// FuzzInclude: whatever it is given, it adds one component or refuses.
func FuzzInclude(f *testing.F) {
	for _, seed := range []string{"", "components:\n- a\n", "components: [a]\r\n", "a: |\n  b", "{}", "...", "components: &x [a, *x]"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		got, err := kustomize.Include(text, "dapr-prod")
		if err != nil {
			return
		}
		for i, j := 0, 0; i < len(text); i, j = i+1, j+1 {
			for j < len(got) && got[j] != text[i] {
				j++
			}
			if j >= len(got) {
				t.Fatalf("%q is not in %q", text, got)
			}
		}
	})
}
