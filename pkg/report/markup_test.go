// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package report_test

import (
	"reflect"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/report"
)

// markup is what a page, a program in it or a style could take for their own.
const markup = "</script></style></title>-->]]><script>alert(1)</script><img src=x onerror=alert(1)>\" ' onload=x `&lt; {{.}} javascript:alert(1) "

// poisonWith puts a text before and after every text in v that may come from a cluster.
func poisonWith(v reflect.Value, text string) {
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() {
			poisonWith(v.Elem(), text)
		}
	case reflect.Slice:
		for i := range v.Len() {
			poisonWith(v.Index(i), text)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			poisonWith(v.Field(i), text)
		}
	case reflect.String:
		if v.CanSet() && v.String() != "" && v.Type() == reflect.TypeFor[string]() {
			v.SetString(text + v.String() + text)
		}
	}
}

// outline is the structure of a page: its elements with the names of their attributes,
// and what programs and styles it has.
func outline(t *testing.T, page string) string {
	t.Helper()
	root, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for n := range root.Descendants() {
		switch {
		case n.Type == html.ElementNode:
			b.WriteString("<" + n.Data)
			for _, a := range n.Attr {
				b.WriteString(" " + a.Key)
			}
			b.WriteString(">\n")
		case n.Type == html.TextNode && (n.Parent.Data == "script" || n.Parent.Data == "style"):
			b.WriteString(n.Data + "\n")
		case n.Type == html.CommentNode:
			t.Errorf("a comment %q", n.Data)
		}
	}
	return b.String()
}

// TestMarkupIsText: what is written in a cluster is text on a page, whatever it looks like.
func TestMarkupIsText(t *testing.T) {
	check := func(text string) string {
		r := shop()
		all := known()
		if text != "" {
			poisonWith(reflect.ValueOf(r), text)
			poisonWith(reflect.ValueOf(&all), text)
		}
		return printed(t, report.HTML, r, report.Options{Guidelines: all, Severity: guideline.Info})
	}
	sizes := func(text string) string {
		s := busy()
		if text != "" {
			s.Source, s.Scope = s.Source+text, s.Scope+text
			for i := range s.Rows {
				poisonWith(reflect.ValueOf(&s.Rows[i].Workload.Object), text)
				poisonWith(reflect.ValueOf(&s.Rows[i].Notes), text)
				poisonWith(reflect.ValueOf(&s.Rows[i].Reasons), text)
				if s.Rows[i].Withheld != "" {
					s.Rows[i].Withheld = text
				}
			}
		}
		return sizingPage(t, s)
	}
	for name, page := range map[string]func(string) string{"check": check, "sizing": sizes} {
		poisoned := page(markup)
		if !strings.Contains(poisoned, "&lt;img src=x onerror=alert(1)&gt;") {
			t.Errorf("%s: no text of the cluster at all", name)
		}
		got, want := strings.Split(outline(t, poisoned), "\n"), strings.Split(outline(t, page("")), "\n")
		for i := range max(len(got), len(want)) {
			if i >= len(got) || i >= len(want) || got[i] != want[i] {
				t.Errorf("%s: %d pieces instead of %d, the first that differs is %d: %q", name, len(got), len(want), i, got[min(i, len(got)-1)])
				break
			}
		}
		for _, n := range strings.Split(poisoned, "href=\"")[1:] {
			if address, _, _ := strings.Cut(n, "\""); strings.HasPrefix(strings.ToLower(address), "javascript:") {
				t.Errorf("%s: a link to %s", name, address)
			}
		}
	}
}
