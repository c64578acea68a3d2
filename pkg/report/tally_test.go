// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package report_test

import (
	"strings"
	"testing"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/report"
)

func failed(s guideline.Severity) report.Result {
	return report.Result{Severity: s, Outcome: guideline.Failed, Object: orders}
}

func outcome(o guideline.Outcome) report.Result {
	return report.Result{Severity: guideline.Error, Outcome: o, Object: orders}
}

var tallies = []struct {
	name    string
	results []report.Result
	gaps    []string
	options report.Options
	want    string
}{
	{
		name:    "one of each",
		results: []report.Result{failed(guideline.Error), failed(guideline.Warning), failed(guideline.Info), outcome(guideline.Passed), outcome(guideline.Skipped), outcome(guideline.Ignored), outcome(guideline.Unjudged)},
		want:    "1 error, 1 warning, 1 info; 1 passed, 1 skipped, 1 ignored, 1 unknown\n",
	},
	{
		name:    "two of each",
		results: []report.Result{failed(guideline.Error), failed(guideline.Error), failed(guideline.Warning), failed(guideline.Warning), failed(guideline.Info), failed(guideline.Info)},
		want:    "2 errors, 2 warnings, 2 info; 0 passed, 0 skipped, 0 unknown\n",
	},
	{
		name:    "one hidden",
		results: []report.Result{failed(guideline.Error), failed(guideline.Info)},
		options: report.Options{Severity: guideline.Warning},
		want:    "1 error, 0 warnings, 1 info; 0 passed, 0 skipped, 0 unknown\n1 finding below warning is not shown.\n",
	},
	{
		name:    "all hidden",
		results: []report.Result{failed(guideline.Info), failed(guideline.Warning)},
		options: report.Options{Severity: guideline.Error},
		want:    "0 errors, 1 warning, 1 info; 0 passed, 0 skipped, 0 unknown\n2 findings below error are not shown.\n",
	},
	{
		name:    "all well",
		results: []report.Result{outcome(guideline.Passed), outcome(guideline.Skipped)},
		want:    "0 errors, 0 warnings, 0 info; 1 passed, 1 skipped, 0 unknown\nEvery guideline that applies is kept.\n",
	},
	{
		name:    "all well but what was ignored",
		results: []report.Result{outcome(guideline.Passed), outcome(guideline.Ignored)},
		want:    "0 errors, 0 warnings, 0 info; 1 passed, 0 skipped, 1 ignored, 0 unknown\nEvery guideline that applies is kept, apart from 1 result ignored because the objects ask for it.\n",
	},
	{
		name:    "unknown is not well",
		results: []report.Result{outcome(guideline.Passed), outcome(guideline.Unjudged), outcome(guideline.Unjudged)},
		want:    "0 errors, 0 warnings, 0 info; 1 passed, 0 skipped, 2 unknown\nNothing is known to fall short, but 2 results could not be judged.\n",
	},
	{
		name:    "a gap is not well",
		results: []report.Result{outcome(guideline.Passed)},
		gaps:    []string{"secrets: not in the input"},
		want:    "0 errors, 0 warnings, 0 info; 1 passed, 0 skipped, 0 unknown\nNothing is known to fall short.\nNot everything could be read:\n- secrets: not in the input\n",
	},
	{
		name: "nothing",
		want: "0 errors, 0 warnings, 0 info; 0 passed, 0 skipped, 0 unknown\nNothing was judged: no guideline applies.\n",
	},
	{
		name:    "everything ignored",
		results: []report.Result{outcome(guideline.Ignored)},
		want:    "0 errors, 0 warnings, 0 info; 0 passed, 0 skipped, 1 ignored, 0 unknown\nNothing was judged: the objects ask to be ignored.\n",
	},
	{
		name:    "no apps",
		results: []report.Result{outcome(guideline.Passed)},
		options: report.Options{Show: report.ShowApps},
		want:    "0 errors, 0 warnings, 0 info; 1 passed, 0 skipped, 0 unknown\nEvery guideline that applies is kept.\nNo app with a Dapr sidecar was found.\n",
	},
}

func TestTally(t *testing.T) {
	for _, test := range tallies {
		t.Run(test.name, func(t *testing.T) {
			r := &report.Report{Results: test.results, Cluster: report.Cluster{Gaps: test.gaps}}
			count(r)
			got := printed(t, report.Table, r, test.options)
			if _, after, hasTable := strings.Cut(got, "\n\n"); hasTable {
				got = after
			}
			if want := test.want + "No control plane of Dapr was read\n"; got != want {
				t.Errorf("got:\n%s\nwant:\n%s", got, want)
			}
		})
	}
}

func TestJudged(t *testing.T) {
	plane := report.ControlPlane{Namespace: "dapr-system", Version: "1.18.3"}
	tests := []struct {
		name    string
		cluster report.Cluster
		want    string
	}{
		{"live", report.Cluster{Context: "prod", KubernetesVersion: "v1.36.3", ControlPlanes: []report.ControlPlane{plane}}, "Dapr 1.18.3 in dapr-system (context prod, Kubernetes v1.36.3)"},
		{"manifests", report.Cluster{ControlPlanes: []report.ControlPlane{plane}}, "Dapr 1.18.3 in dapr-system"},
		{"manifests without a control plane", report.Cluster{ControlPlanes: []report.ControlPlane{{Version: "1.18.3", Assumed: true}}}, "Dapr 1.18.3 (assumed: no control plane in the input)"},
		{"cluster without a control plane", report.Cluster{Context: "prod", ControlPlanes: []report.ControlPlane{{Version: "1.18.3", Assumed: true}}}, "Dapr 1.18.3 (assumed: no control plane was found, context prod)"},
		{"version not in the input", report.Cluster{ControlPlanes: []report.ControlPlane{{Namespace: "dapr-system", Version: "1.18.3", Assumed: true}}}, "Dapr 1.18.3 in dapr-system (assumed: not in the input)"},
		{"version not read", report.Cluster{Context: "prod", ControlPlanes: []report.ControlPlane{{Namespace: "dapr-system", Version: "1.18.3", Assumed: true}}}, "Dapr 1.18.3 in dapr-system (assumed: its version was not read, context prod)"},
		{"version unknown", report.Cluster{ControlPlanes: []report.ControlPlane{{Namespace: "dapr-system", Version: "unknown"}}}, "Dapr of unknown version in dapr-system"},
		{"newer", report.Cluster{ControlPlanes: []report.ControlPlane{{Namespace: "dapr-system", Version: "1.20.0", JudgedAs: "1.18.3"}}}, "Dapr 1.20.0 in dapr-system (judged as 1.18.3)"},
		{"two", report.Cluster{KubernetesVersion: "v1.36.3", ControlPlanes: []report.ControlPlane{plane, {Namespace: "old", Version: "1.12.0", JudgedAs: "1.13.6"}}}, "Dapr 1.18.3 in dapr-system and Dapr 1.12.0 in old (judged as 1.13.6); Kubernetes v1.36.3"},
		{"three", report.Cluster{ControlPlanes: []report.ControlPlane{plane, plane, {Namespace: "old"}}}, "Dapr 1.18.3 in dapr-system, Dapr 1.18.3 in dapr-system and Dapr of unknown version in old"},
		{"none", report.Cluster{Context: "prod"}, "No control plane of Dapr was read (context prod)"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := &report.Report{Cluster: test.cluster}
			if got, _, _ := strings.Cut(printed(t, report.Table, r, report.Options{Width: 200}), "\n"); got != test.want {
				t.Errorf("got  %q\nwant %q", got, test.want)
			}
			if text := printed(t, report.Table, r, report.Options{}); !strings.HasSuffix(text, "\n"+test.want+"\n") {
				t.Errorf("not at the end in a pipe:\n%s", text)
			}
		})
	}
}

func TestEmptyReport(t *testing.T) {
	r := &report.Report{}
	if got := printed(t, report.Name, r, report.Options{}); got != "" {
		t.Errorf("name: %q", got)
	}
	for _, width := range []int{0, 80} {
		for _, f := range []format{report.Table, report.Wide} {
			got := printed(t, f, r, report.Options{Width: width})
			if strings.Contains(got, "SEVERITY") || !strings.Contains(got, "Nothing was judged") {
				t.Errorf("got:\n%s", got)
			}
		}
	}
}
