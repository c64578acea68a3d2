// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// mostMarkdown is how many bytes of tables a comment has at most: GitHub takes 65,536
// characters, and the rest of a comment needs some.
const mostMarkdown = 55_000

// commentMark begins a comment, so that a later run finds it and writes it anew.
const commentMark = "<!-- kubectl dapr-prod check -->"

// Markdown writes the report for a comment on a pull request: errors and warnings in a
// table, the rest folded. What is too long for a comment is counted.
func Markdown(w io.Writer, r *Report, o Options) error {
	lines := []string{commentMark, "## Dapr's production guidelines", "", "**" + strings.Replace(counts(r.Summary, painter(false)), ";", "**;", 1)}
	for _, sentence := range append([]string{verdict(r), hidden(r, Options{Severity: o.Severity})}, heading(r)...) {
		if sentence != "" {
			lines = append(lines, "", prose(sentence))
		}
	}
	if len(r.Cluster.Gaps) > 0 {
		lines = append(lines, "", "Not everything could be read:", "")
		for _, gap := range r.Cluster.Gaps[:min(most, len(r.Cluster.Gaps))] {
			lines = append(lines, "- "+prose(gap))
		}
		if more := len(r.Cluster.Gaps) - most; more > 0 {
			lines = append(lines, fmt.Sprintf("- and %d more", more))
		}
	}
	left := mostMarkdown
	var grave, info, unknown, ignored []Result
	for _, result := range r.Results {
		switch {
		case below(result, o):
		case result.Outcome == guideline.Failed && result.Severity > guideline.Info:
			grave = append(grave, result)
		case result.Outcome == guideline.Failed:
			info = append(info, result)
		case result.Outcome == guideline.Unjudged:
			unknown = append(unknown, result)
		case result.Outcome == guideline.Ignored:
			ignored = append(ignored, result)
		}
	}
	lines = append(lines, findingsTable(grave, &left)...)
	lines = append(lines, folded(number(len(info), "finding", "findings")+" for information", findingsTable(info, &left))...)
	lines = append(lines, folded(number(len(unknown), "result", "results")+" not known", reasonsTable(unknown, &left))...)
	lines = append(lines, folded(number(len(ignored), "result", "results")+" ignored", reasonsTable(ignored, &left))...)
	return writeLines(w, lines)
}

// folded are lines that are shown when somebody asks for them.
func folded(summary string, lines []string) []string {
	if len(lines) == 0 {
		return nil
	}
	return append(append([]string{"", "<details><summary>" + summary + "</summary>"}, lines...), "", "</details>")
}

// findingsTable has a line a finding. left is how many bytes there is room for.
func findingsTable(results []Result, left *int) []string {
	return markdownTable([]string{"severity", "object", "guideline", "found", "fix"}, results, left, func(result Result) []string {
		object := codeSpan(place(result.Object))
		if where := result.Source.String(); where != "" {
			object += " in " + codeSpan(where)
		}
		return []string{strong(result.Severity), object, linked(result), prose(result.Message), prose(result.Remedy)}
	})
}

// reasonsTable has a line for the results of an object that are neither kept nor known to
// fall short, for one reason.
func reasonsTable(results []Result, left *int) []string {
	type said struct {
		object snapshot.Object
		why    string
	}
	guidelines := map[said][]string{}
	whyOf := func(result Result) said {
		if result.Outcome == guideline.Ignored {
			return said{result.Object, result.Reason}
		}
		return said{result.Object, result.Message}
	}
	var first []Result
	for _, result := range results {
		key := whyOf(result)
		if len(guidelines[key]) == 0 {
			first = append(first, result)
		}
		guidelines[key] = append(guidelines[key], linked(result))
	}
	return markdownTable([]string{"object", "guidelines", "why"}, first, left, func(result Result) []string {
		key := whyOf(result)
		return []string{codeSpan(place(key.object)), strings.Join(guidelines[key], ", "), prose(key.why)}
	})
}

func markdownTable(header []string, results []Result, left *int, cells func(Result) []string) []string {
	if len(results) == 0 {
		return nil
	}
	lines := []string{"", "| " + strings.Join(header, " | ") + " |", strings.Repeat("|---", len(header)) + "|"}
	for i, result := range results {
		line := "|"
		for _, text := range cells(result) {
			line += " " + inCell(text) + " |"
		}
		if len(line) > *left {
			*left = 0 // what comes later is not shown in the place of what is worse
			return append(lines, "", fmt.Sprintf("And %d more, for which there is no room here: the report itself has them.", len(results)-i))
		}
		*left -= len(line) + 1
		lines = append(lines, line)
	}
	return lines
}

// strong is a severity; an error stands out.
func strong(s guideline.Severity) string {
	if s == guideline.Error {
		return "**" + s.String() + "**"
	}
	return s.String()
}

// linked is a guideline, with the address of what says so.
func linked(result Result) string {
	address := webAddress(result.Docs)
	if address == "" || strings.ContainsAny(address, "()<>|\\ ") {
		return codeSpan(result.Guideline)
	}
	return "[" + codeSpan(result.Guideline) + "](" + address + ")"
}
