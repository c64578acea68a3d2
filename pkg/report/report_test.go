// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package report_test

import (
	"bytes"
	"flag"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/report"
)

var update = flag.Bool("update", false, "write the golden files anew")

type format func(io.Writer, *report.Report, report.Options) error

const next = "Plan the changes:   kubectl dapr-prod fix\nThe whole story:    kubectl dapr-prod explain GUIDELINE\n"

// golden are the documents that testdata holds.
var golden = []struct {
	name    string
	print   format
	options report.Options
}{
	{"table-pipe.txt", report.Table, report.Options{Show: report.ShowFindings}},
	{"table-pipe-color.txt", report.Table, report.Options{Color: true}},
	{"table-pipe-all.txt", report.Table, report.Options{Show: report.ShowAll, Next: next}},
	{"table-pipe-warning.txt", report.Table, report.Options{Severity: guideline.Warning}},
	{"table-40.txt", report.Table, report.Options{Width: 40}},
	{"table-80.txt", report.Table, report.Options{Width: 80, Next: next}},
	{"table-80-color.txt", report.Table, report.Options{Width: 80, Color: true}},
	{"table-80-all.txt", report.Table, report.Options{Width: 80, Show: report.ShowAll}},
	{"table-80-error.txt", report.Table, report.Options{Width: 80, Severity: guideline.Error}},
	{"table-120.txt", report.Table, report.Options{Width: 120}},
	{"apps-pipe.txt", report.Table, report.Options{Show: report.ShowApps}},
	{"apps-80.txt", report.Table, report.Options{Width: 80, Show: report.ShowApps}},
	{"apps-80-namespaced.txt", report.Table, report.Options{Width: 80, Show: report.ShowApps, Namespaced: true, Color: true}},
	{"apps-120.txt", report.Table, report.Options{Width: 120, Show: report.ShowApps}},
	{"apps-160.txt", report.Table, report.Options{Width: 160, Show: report.ShowApps}},
	{"wide.txt", report.Wide, report.Options{Width: 80}},
	{"wide-all.txt", report.Wide, report.Options{Show: report.ShowAll}},
	{"wide-apps.txt", report.Wide, report.Options{Show: report.ShowApps, Namespaced: true}},
	{"report.json", report.JSON, report.Options{}},
	{"report-warning.yaml", report.YAML, report.Options{Severity: guideline.Warning}},
	{"name.txt", report.Name, report.Options{}},
	{"name-error.txt", report.Name, report.Options{Severity: guideline.Error}},
	{"check.html", report.HTML, report.Options{Guidelines: known()}},
	{"check.sarif", report.SARIF, report.Options{Guidelines: known()}},
	{"check-error.sarif", report.SARIF, report.Options{Severity: guideline.Error}},
	{"check.junit.xml", report.JUnit, report.Options{}},
	{"check-error.junit.xml", report.JUnit, report.Options{Severity: guideline.Error}},
	{"check.md", report.Markdown, report.Options{}},
	{"check-warning.md", report.Markdown, report.Options{Severity: guideline.Warning}},
	{"check-error.html", report.HTML, report.Options{Severity: guideline.Error}},
}

func TestGolden(t *testing.T) {
	for _, g := range golden {
		t.Run(g.name, func(t *testing.T) {
			compare(t, g.name, printed(t, g.print, shop(), g.options))
		})
	}
}

// compare holds a text against a file of testdata.
func compare(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("differs from %s (go test -update writes it anew):\n%s", path, got)
	}
}

func printed(t *testing.T, f format, r *report.Report, o report.Options) string {
	t.Helper()
	var b bytes.Buffer
	if err := f(&b, r, o); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

var ansi = regexp.MustCompile("\x1b\\[[0-9]*m")

func TestGoldenLines(t *testing.T) {
	for _, g := range golden {
		t.Run(g.name, func(t *testing.T) {
			readable(t, printed(t, g.print, shop(), g.options), g.options, g.name != "wide.txt")
		})
	}
}

// readable tells what no terminal likes.
func readable(t *testing.T, got string, o report.Options, fits bool) {
	t.Helper()
	if !strings.HasSuffix(got, "\n") || strings.HasSuffix(got, "\n\n") {
		t.Error("does not end in one newline")
	}
	if !o.Color && strings.Contains(got, "\x1b") {
		t.Error("coloured though not asked for")
	}
	for line := range strings.Lines(ansi.ReplaceAllString(got, "")) {
		line = strings.TrimSuffix(line, "\n")
		if strings.TrimRight(line, " \t") != line {
			t.Errorf("trailing blanks: %q", line)
		}
		// At 40 an address or a gap may be wider, and wide has no width at all.
		if limit := o.Width; limit >= 80 && fits && utf8.RuneCountInString(line) > limit {
			t.Errorf("%d columns: %q", len(line), line)
		}
	}
}
