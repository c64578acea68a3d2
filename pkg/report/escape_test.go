// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package report_test

import (
	"reflect"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/report"
)

// hostile is what nobody wants to find in the name of a Pod: colours and titles
// for the terminal, CR, line ends of all kinds, a C1 control, bidi overrides, a
// blank of no width, a tag, and a byte that is no UTF-8.
const hostile = "a\x1b[31mb\x1b]0;c\x07d\re\nf\tg\v\fh\u0085\u2028\u2029\u009b1mi\u202ej\u2066k\u200bl\U000e0041m\xffn\x7fo\x00p"

func TestHostileText(t *testing.T) {
	for _, g := range golden {
		if strings.HasPrefix(g.name, "report") {
			continue // JSON and YAML have their own escapes.
		}
		t.Run(g.name, func(t *testing.T) {
			clean, r := shop(), shop()
			poison(reflect.ValueOf(r).Elem())
			o := g.options
			o.Next = "one " + hostile
			o.Guidelines = nil
			for _, g := range g.options.Guidelines {
				copied := *g
				poison(reflect.ValueOf(&copied))
				o.Guidelines = append(o.Guidelines, &copied)
			}
			got := printed(t, g.print, r, o)
			if !strings.Contains(got, "a^[[31mb") && !strings.Contains(got, "a^[[31mb^[]0;c") {
				t.Error("no escaped text at all")
			}
			rest := got
			if g.options.Color {
				rest = ansi.ReplaceAllString(got, "")
			}
			for i, char := range rest {
				_, size := utf8.DecodeRuneInString(rest[i:])
				if char != '\n' && !unicode.IsPrint(char) || char == utf8.RuneError && size == 1 {
					t.Fatalf("%U reaches the terminal", char)
				}
			}
			if g.options.Width > 0 && g.name != "wide.txt" || strings.HasSuffix(g.name, ".sarif") {
				return // Wrapped, or a line a field: the number of lines means nothing.
			}
			o.Next, o.Guidelines = "one line\nanother", g.options.Guidelines
			if lines, want := strings.Count(got, "\n"), strings.Count(printed(t, g.print, clean, o), "\n"); lines != want {
				t.Errorf("%d lines instead of %d", lines, want)
			}
		})
	}
}

// poison appends the hostile text to every text in v.
func poison(v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			poison(v.Elem())
		}
	case reflect.Slice:
		for i := range v.Len() {
			poison(v.Index(i))
		}
	case reflect.Struct:
		for i := range v.NumField() {
			poison(v.Field(i))
		}
	case reflect.String:
		// Types of their own, such as an outcome, do not come from a cluster.
		if v.CanSet() && v.Type() == reflect.TypeFor[string]() {
			v.SetString(v.String() + hostile)
		}
	}
}

func TestColorOnlyWhereAsked(t *testing.T) {
	r := shop()
	for _, width := range []int{0, 80, 120} {
		colored := printed(t, report.Table, r, report.Options{Width: width, Color: true})
		plain := printed(t, report.Table, r, report.Options{Width: width})
		first, bold := "\x1b[31merror\x1b[0m ", ""
		if width > 0 {
			first, bold = "\x1b[31m2 errors\x1b[0m\n", "\x1b[1mshop/deployment/orders:\x1b[0m"
		}
		if !strings.Contains(colored, first) || !strings.Contains(colored, bold) {
			t.Errorf("no colours at %d", width)
		}
		if ansi.ReplaceAllString(colored, "") != plain {
			t.Errorf("colours change the layout at %d:\n%s\n%s", width, colored, plain)
		}
	}
}
