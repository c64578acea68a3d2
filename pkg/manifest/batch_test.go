// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package manifest

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// TestListsInARow: lists that follow one another are read one by one.
func TestListsInARow(t *testing.T) {
	t.Parallel()
	var text strings.Builder
	var want []string
	for i := range 3 {
		text.WriteString(`{"apiVersion":"v1","kind":"List","items":[`)
		for j := range 3000 {
			name := fmt.Sprint(i, "-", j)
			want = append(want, name)
			fmt.Fprintf(&text, `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":%q,"namespace":"in-a-row"}},`, name)
		}
		text.WriteString(`{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"last"}}]}`)
		want = append(want, "last")
	}
	if got, errs := names(text.String()); !slices.Equal(got, want) || len(errs) > 0 {
		t.Errorf("got %d objects (%q), want %d", len(got), errs, len(want))
	}
}

// TestLargeMalformedList: what stands before a fault far behind is read, and the fault named.
func TestLargeMalformedList(t *testing.T) {
	t.Parallel()
	item := `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"},"data":{"x":"` + strings.Repeat("x", 900) + `"}}`
	for _, n := range []int{1, 1000, 4000, 6000} {
		text := `{"apiVersion":"v1","kind":"List","items":[` + strings.Repeat(item+",\n", n) + `{"apiVersion":"v1","kind":"X","a":"\q"},` + item + `]}`
		got, errs := names(text)
		want := fmt.Sprintf("%d: malformed JSON: invalid character 'q' in string escape code", n+1)
		if len(got) != n || len(errs) != 1 || errs[0] != want {
			t.Errorf("%d objects, %q, want %d and %q", len(got), errs, n, want)
		}
	}
}

// TestErrorsInOrder: what is wrong is said from the top to the bottom, whatever it is.
func TestErrorsInOrder(t *testing.T) {
	t.Parallel()
	_, errs := names("apiVersion: v1\n---\na: 'b\n---\nkind: X\n--- c\nd: e\n---\napiVersion: v1\n...\nf: g\n---\nh: [i\n")
	var lines []string
	for _, err := range errs {
		line, _, _ := strings.Cut(err, ":")
		lines = append(lines, line)
	}
	if got := strings.Join(lines, " "); got != "1 3 5 6 9 11 13" {
		t.Errorf("on lines %s: %q", got, errs)
	}
}
