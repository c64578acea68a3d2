// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package report_test

import (
	"strings"
	"testing"
	"time"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/dapr"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/evaluate"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/report"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

const today = "2026-11-21"

// evaluated is an evaluation of one control plane, made so many days after today.
func evaluated(t *testing.T, days int, edition guideline.Edition, cp snapshot.ControlPlane) *report.Report {
	t.Helper()
	made, err := time.Parse(time.DateOnly, today)
	if err != nil {
		t.Fatal(err)
	}
	s := &snapshot.Snapshot{Live: true, Context: "demo", TakenAt: made.AddDate(0, 0, days), ControlPlanes: []snapshot.ControlPlane{cp}}
	return report.New(&evaluate.Evaluation{Snapshot: s, Edition: edition}, report.Tool{GuidelinesEdition: "newer", DataDate: today})
}

func released(t *testing.T, version string) dapr.Version {
	t.Helper()
	v, err := dapr.ParseVersion(version)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestNotes(t *testing.T) {
	runs := snapshot.ControlPlane{Namespace: "dapr-system", Version: released(t, "1.18.3")}
	rehearsed, helm, upgraded := runs, runs, runs
	rehearsed.Rehearsed = released(t, "1.16.2")
	helm.Release = &snapshot.Release{Name: "dapr", ChartVersion: "1.18.3", Revision: 4}
	upgraded.Release = &snapshot.Release{Name: "dapr", ChartVersion: "1.17.0", Revision: 4}
	const plain = "Dapr 1.18.3 in dapr-system (context demo)"
	old := "What this tool knows of Dapr is of 2026-11-21, more than 180 days before this check: a newer release of it knows newer releases of Dapr"
	for _, tt := range []struct {
		name    string
		days    int
		edition guideline.Edition
		plane   snapshot.ControlPlane
		want    []string
		json    []string
	}{
		{"nothing of note", 180, guideline.Newer, runs, []string{plain}, []string{`"guidelinesEdition": "newer"`}},
		{"before the tables", -900, guideline.Newer, runs, []string{plain}, nil},
		{"old tables", 181, guideline.Newer, runs, []string{plain, old}, []string{`"dataStale": true`}},
		{"older edition", 0, guideline.Older, runs, []string{plain, "Held against the older edition of the guidelines page"}, []string{`"guidelinesEdition": "older"`}},
		{"no edition", 0, "", runs, []string{plain}, []string{`"guidelinesEdition": "newer"`}},
		{"rehearsal", 0, guideline.Newer, rehearsed, []string{
			"Rehearsal: Dapr 1.16.2 in dapr-system, judged as if upgraded to 1.18.3: nothing of it is about what runs now",
			"Dapr 1.18.3 in dapr-system (rehearsed: 1.16.2 runs, context demo)",
		}, []string{`"rehearsal": {`, `"from": "1.16.2"`, `"version": "1.18.3"`}},
		{"Helm", 0, guideline.Newer, helm, []string{
			"Dapr 1.18.3 in dapr-system (Helm release dapr, revision 4, context demo)",
		}, []string{`"release": {`, `"name": "dapr"`, `"chartVersion": "1.18.3"`, `"revision": 4`}},
		{"another chart", 0, guideline.Newer, upgraded, []string{"Dapr 1.18.3 in dapr-system (Helm release dapr, revision 4, chart 1.17.0, context demo)"}, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := evaluated(t, tt.days, tt.edition, tt.plane)
			heading := strings.Join(tt.want, "\n") + "\n"
			if got := printed(t, report.Table, r, report.Options{Width: 200}); !strings.HasPrefix(got, heading+"\n") {
				t.Errorf("does not begin with\n%s\n%s", heading, got)
			}
			for _, f := range []format{report.Table, report.Wide} {
				if got := printed(t, f, r, report.Options{}); !strings.HasSuffix(got, "\n"+heading) {
					t.Errorf("does not end with\n%s\n%s", heading, got)
				}
			}
			text := printed(t, report.JSON, r, report.Options{})
			for _, want := range tt.json {
				if !strings.Contains(text, want) {
					t.Errorf("no %s in\n%s", want, text)
				}
			}
			for _, key := range []string{"rehearsal", "release", "dataStale"} {
				if strings.Contains(text, `"`+key+`"`) != strings.Contains(strings.Join(tt.json, ""), key) && tt.json != nil {
					t.Errorf("%s is there, or is not, in\n%s", key, text)
				}
			}
		})
	}
}

// TestReason: the reason is kept beside the message, and said in every format.
func TestReason(t *testing.T) {
	j := evaluate.Judgement{
		Result:    guideline.Result{Outcome: guideline.Ignored, Severity: guideline.Warning, Message: "no CPU limit"},
		Guideline: &guideline.Guideline{ID: "sidecar-resources"}, Object: orders, Reason: "measured",
	}
	r := report.New(&evaluate.Evaluation{Snapshot: &snapshot.Snapshot{}, Judgements: []evaluate.Judgement{j}}, report.Tool{})
	if r.Summary.Ignored != 1 || r.Results[0].Reason != "measured" || r.Results[0].Message != "no CPU limit" {
		t.Errorf("got %+v, %+v", r.Summary, r.Results)
	}
	for _, o := range []report.Options{{Show: report.ShowAll}, {Show: report.ShowAll, Width: 80}} {
		for _, f := range []format{report.Table, report.Wide} {
			if got := printed(t, f, r, o); !strings.Contains(got, "no CPU limit (ignored: measured)") {
				t.Errorf("got:\n%s", got)
			}
		}
	}
	if text := printed(t, report.JSON, r, report.Options{}); !strings.Contains(text, `"reason": "measured"`) {
		t.Errorf("got:\n%s", text)
	}
}
