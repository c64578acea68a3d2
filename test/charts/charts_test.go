// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

//go:build charts

// Package charts_test holds what is said of Dapr's charts, release by release,
// against what was written down and thought over: a file of testdata has the
// report on one installation, with the reasons as comments.
//
// Each chart gets a cluster of its own, one after the other. With -update the
// reports are written anew, and the comments stay with their lines.
package charts_test

import (
	"flag"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/dapr-prod/kubectl-dapr-prod/test/cluster/kube"
)

var update = flag.Bool("update", false, "write the reports anew")

// releases are one of each minor that the program knows; hack/testenv has their
// charts.
var releases = []string{"1.13.5", "1.14.4", "1.15.0", "1.16.2", "1.17.0", "1.18.3"}

// installations are the ways in which each chart is installed.
var installations = []struct {
	name string
	args []string
}{
	{name: "default"},
	{name: "ha", args: []string{"--helm-set", "global.ha.enabled=true"}},
}

func TestMain(m *testing.M) { os.Exit(kube.Apart(m, planted)) }

func TestCharts(t *testing.T) {
	for _, release := range releases {
		for _, how := range installations {
			t.Run(release+"-"+how.name, func(t *testing.T) {
				kubeconfig := start(t, append([]string{"--chart", release}, how.args...))
				report := reportOn(t, kubeconfig)
				if !strings.Contains(report, "\nDapr "+release+" in ") {
					t.Errorf("the report is not on Dapr %s:\n%s", release, report)
				}
				golden(t, "testdata/"+release+"-"+how.name+".txt", report)
			})
		}
	}
}

// lastDay is the one of a certificate, another one each day.
var lastDay = regexp.MustCompile(`ends on \d{4}-\d\d-\d\d`)

// reportOn is what is said of a cluster, whenever that is.
func reportOn(t *testing.T, kubeconfig string) string {
	t.Helper()
	o := kube.Run(t, "check", "-A", "--show=all", "--fail-on=never", "--kubeconfig", kubeconfig)
	if o.Code != 0 {
		t.Fatalf("exit code %d\n%s%s", o.Code, o.Stdout, o.Stderr)
	}
	return lastDay.ReplaceAllString(o.Stdout, "ends on YYYY-MM-DD")
}

// start runs a cluster until the test ends, and returns its kubeconfig.
func start(t *testing.T, args []string) string {
	t.Helper()
	return kube.Start(t, args...)
}

// timeless are the texts of a report that tell when it was made, and what stands
// for them: Sentry makes its certificates anew for each cluster, and the tables of
// the program grow old.
var timeless = []struct {
	text *regexp.Regexp
	is   string
}{
	{regexp.MustCompile(`( trust-anchors .*, ends on )\d{4}-\d\d-\d\d`), "${1}DATE"},
	{regexp.MustCompile(`, as far as known on \S+: that is long ago, so look for a newer release of this plugin`), ""},
	{regexp.MustCompile(`(?m)^What this tool knows of Dapr is of .*\n`), ""},
}

// golden compares a report with the lines of a file that are no comments, or
// writes it between the comments.
func golden(t *testing.T, name, report string) {
	t.Helper()
	for _, said := range timeless {
		report = said.text.ReplaceAllString(report, said.is)
	}
	content, err := os.ReadFile(name)
	if err != nil && !*update {
		t.Fatal(err)
	}
	want := parse(string(content))
	if !*update {
		if got := want.report(); got != report {
			t.Errorf("%s is no longer so; look at each difference, then run make charts:\n%s\nwant\n%s", name, report, got)
		}
		return
	}
	text, left := want.update(report)
	if left != "" {
		t.Errorf("%s: these comments have lost the line that they were above, and stand at the end now:\n%s", name, left)
	}
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
