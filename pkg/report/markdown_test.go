// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package report_test

import (
	"encoding/xml"
	"fmt"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/report"
)

// hostileMarkdown is what Markdown, or who shows it, makes something else of than text.
const hostileMarkdown = " | a | <b> *c* _d_ ~~e~~ `f` ``g`` [h](javascript:i) ![j](k) <!-- l --> @someone #12 https://evil.example \\` \\| &lt; $m$ a`b `` ` "

// spans finds code in Markdown, and links are our own.
var (
	spans = regexp.MustCompile("`[^`]+`")
	links = regexp.MustCompile(`\[\]\(https://docs\.dapr\.io/[^()<>| ]*\)`)
)

// TestMarkdownIsText: outside of code nothing of a cluster means anything, and no cell
// becomes two.
func TestMarkdownIsText(t *testing.T) {
	r := shop()
	docs := r.Results[0].Docs
	poisonWith(reflect.ValueOf(r), hostileMarkdown)
	for i := range r.Results {
		r.Results[i].Docs = docs
	}
	rows := 0
	for line := range strings.Lines(printed(t, report.Markdown, r, report.Options{})) {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "<") || strings.HasPrefix(line, "#") || strings.HasPrefix(line, "**") {
			if strings.Contains(line, "someone") {
				t.Errorf("a cluster's text in %q", line)
			}
			continue
		}
		rest := line
		if strings.HasPrefix(line, "|") {
			// A bar behind one backslash is none, also within code.
			rest = strings.ReplaceAll(strings.ReplaceAll(line, `\\`, "x"), `\|`, "x")
		}
		rest = links.ReplaceAllString(spans.ReplaceAllString(rest, ""), "")
		if strings.HasPrefix(line, "| ") && !strings.HasPrefix(line, "| severity") && !strings.HasPrefix(line, "| object") {
			rows++
			rest = strings.Replace(rest, "**error**", "error", 1)
			if n := strings.Count(rest, "|"); n != 6 && n != 4 {
				t.Errorf("%d bars in %q", n, line)
			}
			rest = strings.ReplaceAll(rest, "|", "")
		}
		if strings.ContainsAny(strings.TrimPrefix(rest, "|---"), "`*_<>@#~\\&$[]") {
			t.Errorf("%q is left of %q", rest, line)
		}
	}
	// What is unknown is unknown for one reason, on one object.
	if want := r.Summary.Fail + 1 + r.Summary.Ignored; r.Summary.Unknown != 2 || rows != want {
		t.Errorf("%d rows, want %d", rows, want)
	}
}

// TestMarkdownFits: a comment has room for it, and says what it leaves out.
func TestMarkdownFits(t *testing.T) {
	r := shop()
	one := r.Results[0]
	for i := range 3000 {
		one.Object.Name = fmt.Sprintf("%s-%d", statestore.Name, i)
		r.Results = append(r.Results, one)
	}
	count(r)
	text := printed(t, report.Markdown, r, report.Options{})
	if len(text) > 65536 {
		t.Errorf("%d bytes", len(text))
	}
	shown := strings.Count(text, "\n| **error**") + strings.Count(text, "\n| warning")
	if left := fmt.Sprintf("And %d more, for which", r.Summary.Fail-r.Summary.BySeverity.Info-shown); shown < 100 || !strings.Contains(text, left) {
		t.Errorf("%d are shown, and not %q", shown, left)
	}
	if !strings.Contains(text, "**3002 errors, 5 warnings, 2 info**") {
		t.Error("not all are counted")
	}
}

// TestJUnit: the numbers of the suites are those of their cases, and of the report.
func TestJUnit(t *testing.T) {
	r := shop()
	poisonWith(reflect.ValueOf(r), hostile+markup)
	var got struct {
		Tests    int `xml:"tests,attr"`
		Failures int `xml:"failures,attr"`
		Skipped  int `xml:"skipped,attr"`
		Suites   []struct {
			Tests int `xml:"tests,attr"`
			Cases []struct {
				Failure *struct {
					Type string `xml:"type,attr"`
				} `xml:"failure"`
				Skipped *struct{} `xml:"skipped"`
			} `xml:"testcase"`
		} `xml:"testsuite"`
	}
	if err := xml.Unmarshal([]byte(printed(t, report.JUnit, r, report.Options{})), &got); err != nil {
		t.Fatal(err)
	}
	cases, failures, skipped := 0, 0, 0
	for _, suite := range got.Suites {
		if suite.Tests != len(suite.Cases) {
			t.Errorf("%d cases instead of %d", len(suite.Cases), suite.Tests)
		}
		for _, c := range suite.Cases {
			cases++
			if c.Failure != nil {
				failures++
				if _, err := guideline.ParseSeverity(c.Failure.Type); err != nil {
					t.Error(err)
				}
			}
			if c.Skipped != nil {
				skipped++
			}
		}
	}
	s := r.Summary
	if cases != len(r.Results) || got.Tests != cases || failures != s.Fail || got.Failures != failures || skipped != s.Skip+s.Unknown+s.Ignored || got.Skipped != skipped {
		t.Errorf("%d cases, %d failures, %d skipped of %+v; it says %d, %d, %d", cases, failures, skipped, s, got.Tests, got.Failures, got.Skipped)
	}
}
