// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package report_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/olekukonko/tablewriter/pkg/twwidth"
	"sigs.k8s.io/yaml"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/evaluate"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/report"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

func TestSameInputSameBytes(t *testing.T) {
	for _, g := range golden {
		t.Run(g.name, func(t *testing.T) {
			r := shop()
			first := printed(t, g.print, r, g.options)
			if !reflect.DeepEqual(r, shop()) {
				t.Error("printing changed the report")
			}
			for range 5 {
				if again := printed(t, g.print, r, g.options); again != first {
					t.Fatalf("not the same again:\n%s\n%s", first, again)
				}
			}
		})
	}
}

func TestOneLineAFinding(t *testing.T) {
	r := shop()
	for name, f := range map[string]format{"table": report.Table, "wide": report.Wide} {
		lines := strings.Split(printed(t, f, r, report.Options{}), "\n")
		for i, result := range r.Results[:r.Summary.Fail] {
			line := lines[i+1]
			for _, want := range []string{
				result.Severity.String(), result.Object.Namespace, strings.ToLower(result.Object.Kind) + "/" + result.Object.Name,
				result.Guideline, result.Message,
			} {
				if !strings.Contains(line, want) {
					t.Errorf("%s: %q is not in %q", name, want, line)
				}
			}
			if name == "wide" && !strings.HasSuffix(line, result.Remedy) {
				t.Errorf("%s: no remedy in %q", name, line)
			}
		}
	}
}

// TestLocale: widths do not depend on the locale that tablewriter reads from the
// environment when the process starts.
func TestLocale(t *testing.T) {
	r := shop()
	r.Results[0].Message = "the limit is ≥ 1000Mi … “quoted” → dropped, ○ and ● are of ambiguous width"
	r.Results[1].Object.Name = "○○○"
	o := report.Options{Show: report.ShowAll}
	want := printed(t, report.Wide, r, o)
	before := twwidth.IsEastAsian()
	t.Cleanup(func() { twwidth.SetEastAsian(before) })
	twwidth.SetEastAsian(true)
	if got := printed(t, report.Wide, r, o); got != want {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
}

func TestSeverity(t *testing.T) {
	for _, f := range []format{report.JSON, report.YAML} {
		var got report.Report
		text := printed(t, f, shop(), report.Options{Severity: guideline.Error})
		if err := yaml.UnmarshalStrict([]byte(text), &got); err != nil {
			t.Fatal(err)
		}
		if got.Summary != shop().Summary {
			t.Errorf("summary is %+v", got.Summary)
		}
		if n := len(shop().Results) - 7; len(got.Results) != n {
			t.Errorf("%d results instead of %d", len(got.Results), n)
		}
		for _, result := range got.Results {
			if result.Outcome == guideline.Failed && result.Severity < guideline.Error {
				t.Errorf("%s %s is there", result.Severity, result.Guideline)
			}
		}
	}
}

func TestRoundTrip(t *testing.T) {
	r := shop()
	r.Results[0].Message = "<a> & b"
	text := printed(t, report.JSON, r, report.Options{})
	if !strings.Contains(text, `"message": "<a> & b"`) {
		t.Error("escaped as for HTML")
	}
	var got report.Report
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&got); err != nil {
		t.Fatal(err)
	}
	if decoder.More() {
		t.Error("something follows the document")
	}
	if again := printed(t, report.JSON, &got, report.Options{}); again != text {
		t.Errorf("not the same after reading:\n%s", again)
	}
	if !reflect.DeepEqual(got.Results, r.Results) || !reflect.DeepEqual(got.Cluster, r.Cluster) {
		t.Errorf("lost on the way: %+v", got)
	}
	asJSON, err := yaml.YAMLToJSON([]byte(printed(t, report.YAML, r, report.Options{})))
	if err != nil {
		t.Fatal(err)
	}
	var fromYAML report.Report
	if err := json.Unmarshal(asJSON, &fromYAML); err != nil {
		t.Fatal(err)
	}
	if printed(t, report.JSON, &fromYAML, report.Options{}) != text {
		t.Error("YAML holds something else than JSON")
	}
}

func TestNoNulls(t *testing.T) {
	r := &report.Report{Apps: []report.App{{}, {Sidecar: report.Sidecar{Observed: []report.Observed{{}}}}}}
	for _, r := range []*report.Report{{}, r} {
		for _, f := range []format{report.JSON, report.YAML} {
			if text := printed(t, f, r, report.Options{}); strings.Contains(text, "null") {
				t.Errorf("null in\n%s", text)
			}
		}
	}
}

func TestName(t *testing.T) {
	core := snapshot.Object{APIVersion: "v1", Kind: "Pod", Namespace: "b", Name: "x"}
	other := core
	other.Namespace = "a"
	r := &report.Report{Results: []report.Result{
		result(core, "one", guideline.Error, guideline.Failed, "", "", "", ""),
		result(core, "two", guideline.Info, guideline.Failed, "", "", "", ""),
		result(other, "one", guideline.Error, guideline.Failed, "", "", "", ""),
		result(orders, "one", guideline.Warning, guideline.Passed, "", "", "", ""),
		result(operator, "one", guideline.Warning, guideline.Failed, "", "", "", ""),
		result(evaluate.ControlPlaneObject("dapr-system"), "one", guideline.Warning, guideline.Failed, "", "", "", ""),
		result(snapshot.Object{APIVersion: "v1", Kind: "Cluster", Name: "testenv"}, "one", guideline.Warning, guideline.Failed, "", "", "", ""),
	}}
	if got, want := printed(t, report.Name, r, report.Options{}), "deployment.apps/dapr-operator\nnamespace/dapr-system\npod/x\npod/x\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestNoSecrets: whoever made the report, no printer lets a value of the
// environment through.
func TestNoSecrets(t *testing.T) {
	r := shop()
	text, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(text, []byte("hunter2")) {
		t.Fatal("the report holds no secret to begin with")
	}
	for _, g := range golden {
		if strings.Contains(printed(t, g.print, r, g.options), "hunter2") {
			t.Errorf("%s holds a secret", g.name)
		}
	}
}

type broken struct{}

var errBroken = errors.New("broken pipe")

func (broken) Write([]byte) (int, error) { return 0, errBroken }

func TestWriteError(t *testing.T) {
	for _, g := range golden {
		if err := g.print(broken{}, shop(), g.options); !errors.Is(err, errBroken) {
			t.Errorf("%s: %v", g.name, err)
		}
	}
}
