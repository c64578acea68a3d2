// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package charts_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// argued is a report with comments between its lines: each comment, lines that
// begin with #, belongs to the line below it.
type argued []arguedLine

type arguedLine struct {
	comment string
	line    string // with its end
}

func parse(text string) argued {
	var a argued
	comment := ""
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, "#") {
			comment += line
			continue
		}
		a = append(a, arguedLine{comment, line})
		comment = ""
	}
	if comment != "" {
		a = append(a, arguedLine{comment: comment})
	}
	return a
}

// report is the text without the comments.
func (a argued) report() string {
	var text strings.Builder
	for _, l := range a {
		text.WriteString(l.line)
	}
	return text.String()
}

// update puts the comments into another report, and returns those which have no
// line there; they are at the end of the text, so that they are not lost.
func (a argued) update(report string) (text, left string) {
	lines := parse(report)
	named := map[string]*arguedLine{}
	for i, name := range lines.names() {
		named[name] = &lines[i]
	}
	for i, name := range a.names() {
		if l, found := named[name]; found {
			l.comment = a[i].comment
		} else {
			left += a[i].comment
		}
	}
	var b strings.Builder
	for _, l := range lines {
		b.WriteString(l.comment + l.line)
	}
	return b.String() + left, left
}

// names says by what each line is known in the next report. A verdict is known
// by its object and guideline: so a comment stays when outcome or message
// change, right above the line where that shows.
func (a argued) names() []string {
	outcomes := []string{"fail", "pass", "skip", "unknown", "ignored"}
	seen := map[string]int{}
	var names []string
	for _, l := range a {
		fields := strings.Fields(l.line)
		if len(fields) > 5 && slices.Contains(outcomes, fields[0]) {
			fields = fields[2:5]
		}
		name := strings.Join(fields, " ")
		if l.line == "" {
			name = "no line"
		}
		seen[name]++
		names = append(names, fmt.Sprint(name, " ", seen[name]))
	}
	return names
}

func TestArgued(t *testing.T) {
	t.Parallel()
	const before = `# on the whole
OUTCOME   OBJECT
# one
# one, too
fail      error     ns   deployment/a   g      is 1
# two, first
fail      error     ns   deployment/a   long   x
# two, second
fail      error     ns   deployment/a   long   y
# gone
fail      error     ns   deployment/b   g      is 1

# at the end
Dapr 1
`
	a := parse(before)
	if text, left := a.update(a.report()); text != before || left != "" {
		t.Errorf("the same report gives another text:\n%s\nleft: %s", text, left)
	}
	const report = `OUTCOME  OBJECT
fail     error    ns   deployment/a   long   z
fail     error    ns   deployment/a   long   y
new      line
pass     <none>   ns   deployment/a   g      is 3

Dapr 1
`
	const want = `# on the whole
OUTCOME  OBJECT
# two, first
fail     error    ns   deployment/a   long   z
# two, second
fail     error    ns   deployment/a   long   y
new      line
# one
# one, too
pass     <none>   ns   deployment/a   g      is 3

# at the end
Dapr 1
# gone
`
	text, left := a.update(report)
	if text != want || left != "# gone\n" {
		t.Errorf("got\n%s\nwant\n%s\nleft: %s", text, want, left)
	}
	if got := parse(text).report(); got != report {
		t.Errorf("without its comments the text is not the report:\n%s", got)
	}
	// A second update keeps what has no line, until somebody takes it away.
	if again, left := parse(text).update(report); again != want || left != "# gone\n" {
		t.Errorf("a second update changes the text:\n%s", again)
	}
}
