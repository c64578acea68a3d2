// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package report_test

import (
	"strings"
	"testing"

	"github.com/dapr-prod/kubectl-dapr-prod/docs"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/report"
)

const someMarkdown = `
# Sizing

**Floors**: ` + "`10m`" + ` of *CPU*
([dapr#1](https://dapr.io/1)), see [the other](other.md).

- one, which is long enough to be taken to a second line
  of its own
- two

1. **first**, which is long enough to be
   taken to a second line of its own
2. second

| | |
|---|---|
| CPU | cores, each reading the mean of a step, five minutes of Prometheus |

| constant | why | from |
|---|---|---|
| half-life | later readings count more in percentiles, but not a Sunday | ours |
`

const spokenMarkdown = `
SIZING

Floors: 10m of CPU (dapr#1
(https://dapr.io/1)), see the other.

  - one, which is long enough to be
    taken to a second line of its own
  - two

  1. first, which is long enough to be
     taken to a second line of its own
  2. second

CPU   cores, each reading the mean of a
      step, five minutes of Prometheus

CONSTANT    FROM
half-life   ours
    why: later readings count more in
    percentiles, but not a Sunday
`

func TestManual(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	if err := report.Manual(&b, someMarkdown, report.Options{Width: 40}); err != nil {
		t.Fatal(err)
	}
	if b.String() != spokenMarkdown[1:] {
		t.Errorf("got\n%s", b.String())
	}
}

// TestDocumentOfSizing: what explain sizing prints has each word of the document, no mark
// of Markdown, and fits.
func TestDocumentOfSizing(t *testing.T) {
	t.Parallel()
	marks := strings.NewReplacer("*", "", "`", "", "|", " ", "#", " ", "[", " ", "]", " ", "(", " ", ")", " ", "-", " ", ",", " ", ".", " ", ":", " ", ";", " ")
	for _, width := range []int{0, 60, 80, 120} {
		var b strings.Builder
		if err := report.Manual(&b, docs.Sizing, report.Options{Width: width}); err != nil {
			t.Fatal(err)
		}
		said := map[string]bool{}
		for _, word := range strings.Fields(strings.ToLower(marks.Replace(b.String()))) {
			said[word] = true
		}
		for _, word := range strings.Fields(strings.ToLower(marks.Replace(docs.Sizing))) {
			if !said[word] {
				t.Errorf("%d columns: %q is not said", width, word)
			}
		}
		for line := range strings.Lines(b.String()) {
			if strings.ContainsAny(line, "*`|") {
				t.Errorf("%d columns: %q", width, line)
			}
			if line = strings.TrimRight(line, "\n"); width > 0 && len([]rune(line)) > width && !strings.Contains(line, "://") {
				t.Errorf("more than %d columns: %q", width, line)
			}
		}
	}
}
