// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package report

import (
	"fmt"
	"slices"
	"strings"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
)

// tally is what stands below a table: the counts, then what they cannot say by
// themselves, then what to do next.
func tally(r *Report, o Options) []string {
	lines := hang("", counts(r.Summary, painter(o.Color)), o.Width)
	for _, sentence := range []string{legend(r, o), verdict(r), hidden(r, o), lonely(r, o)} {
		if sentence != "" {
			lines = append(lines, hang("", sentence, o.Width)...)
		}
	}
	if len(r.Cluster.Gaps) > 0 {
		lines = append(lines, "Not everything could be read:")
		for i, gap := range r.Cluster.Gaps {
			if left := len(r.Cluster.Gaps) - i; i == most && left > 1 && !o.piped() {
				lines = append(lines, fmt.Sprintf("- and %d more: -o wide has them all", left))
				break
			}
			lines = append(lines, hang("- ", escape(gap), o.Width)...)
		}
	}
	if o.piped() {
		lines = append(lines, heading(r)...)
	}
	if next := strings.TrimRight(o.Next, "\n"); next != "" {
		lines = append(lines, "")
		for line := range strings.SplitSeq(next, "\n") {
			lines = append(lines, strings.TrimRight(escape(line), " "))
		}
	}
	return lines
}

// legend explains the mark of what is not of the guidelines page, where it was used.
func legend(r *Report, o Options) string {
	marked := func(result Result) bool { return strings.HasSuffix(text(result), notOfThePage) }
	if o.Show == ShowApps || !slices.ContainsFunc(shown(r, o), marked) {
		return ""
	}
	return legendOfMark
}

// legendOfMark explains notOfThePage.
const legendOfMark = "* not of the guidelines page: Dapr's documentation asks for it, or this tool (explain says which)"

// counts is the tally's first line. What is unknown always has its place there:
// it must not be taken for passed.
func counts(s Summary, p painter) string {
	fails := []string{
		counted(s.BySeverity.Error, guideline.Error, "errors", p),
		counted(s.BySeverity.Warning, guideline.Warning, "warnings", p),
		counted(s.BySeverity.Info, guideline.Info, "info", p),
	}
	others := []string{fmt.Sprintf("%d passed", s.Pass), fmt.Sprintf("%d skipped", s.Skip)}
	if s.Ignored > 0 {
		others = append(others, fmt.Sprintf("%d ignored", s.Ignored))
	}
	others = append(others, fmt.Sprintf("%d unknown", s.Unknown))
	return strings.Join(fails, ", ") + "; " + strings.Join(others, ", ")
}

// counted is a number of fails, in the colour of their severity if there are any.
func counted(n int, s guideline.Severity, many string, p painter) string {
	if n == 0 {
		return "0 " + many
	}
	if n == 1 {
		many = s.String()
	}
	return p.paint(colorOf(s), fmt.Sprintf("%d %s", n, many))
}

// verdict says plainly what it means that nothing falls short, and is empty where
// something does.
func verdict(r *Report) string {
	s := r.Summary
	switch {
	case s.Fail > 0:
		return ""
	case s.Unknown > 0:
		return fmt.Sprintf("Nothing is known to fall short, but %s could not be judged.", number(s.Unknown, "result", "results"))
	case len(r.Cluster.Gaps) > 0:
		return "Nothing is known to fall short."
	case s.Pass == 0 && s.Ignored > 0:
		return "Nothing was judged: the objects ask to be ignored."
	case s.Pass == 0:
		return "Nothing was judged: no guideline applies."
	case s.Ignored > 0:
		return fmt.Sprintf("Every guideline that applies is kept, apart from %s ignored because the objects ask for it.", number(s.Ignored, "result", "results"))
	default:
		return "Every guideline that applies is kept."
	}
}

// hidden says how many fails the severity asked for keeps out of the table.
func hidden(r *Report, o Options) string {
	n := 0
	for _, result := range r.Results {
		if below(result, o) {
			n++
		}
	}
	switch {
	case n == 0 || o.Show == ShowApps:
		return ""
	case n == 1:
		return fmt.Sprintf("1 finding below %s is not shown.", o.Severity)
	default:
		return fmt.Sprintf("%d findings below %s are not shown.", n, o.Severity)
	}
}

// lonely says why there is no table of apps.
func lonely(r *Report, o Options) string {
	if o.Show == ShowApps && len(r.Apps) == 0 {
		return "No app with a Dapr sidecar was found."
	}
	return ""
}

func number(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
