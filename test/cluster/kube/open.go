// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package kube

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/catalogue"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/report"
)

// OpenOnlyAs fails the test unless what fails of what is asked about is what a plan of
// harden said would stay open: each with who closes it, or how; and nothing else.
func (c Checked) OpenOnlyAs(t testing.TB, plan string, asked func(report.Result) bool) {
	t.Helper()
	open, seen := openIn(plan), 0
	for _, r := range c.Results {
		if r.Outcome != guideline.Failed || !asked(r) {
			continue
		}
		seen++
		finding := fmt.Sprintf("%s/%s/%s %s: %s", r.Object.Namespace, strings.ToLower(r.Object.Kind), r.Object.Name, r.Guideline, r.Message)
		if !slices.ContainsFunc(open, func(said string) bool {
			who, found := strings.CutPrefix(said, finding)
			return found && (strings.HasPrefix(who, "; left to you: ") || strings.HasPrefix(who, "; to close it: kubectl dapr-prod harden "))
		}) {
			t.Errorf("nobody is told to see to it: %s", finding)
		}
	}
	if seen == 0 || seen != len(open) {
		t.Errorf("%d findings are open, and %d are said to be:\n%s", seen, len(open), strings.Join(open, "\n"))
	}
}

// openIn are the findings that a plan says are open, each behind what has it.
func openIn(plan string) (all []string) {
	who := ""
	for line := range strings.Lines(plan) {
		line = strings.TrimSuffix(line, "\n")
		if head := opened.FindStringSubmatch(line); head != nil {
			who = head[1]
		} else if finding, is := strings.CutPrefix(line, "- "); is && who != "" {
			all = append(all, who+" "+finding)
		} else {
			who = ""
		}
	}
	return all
}

var opened = regexp.MustCompile(`^Open in (\S+):$`)

// Hardens tells whether a guideline is of the security section.
func Hardens(id string) bool {
	return slices.ContainsFunc(catalogue.All(), func(g *guideline.Guideline) bool { return g.ID == id && g.Hardens })
}
