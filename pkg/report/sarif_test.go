// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package report_test

import (
	"encoding/json"
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/catalogue"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/report"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// sarifSchema is the official one, read from a file.
func sarifSchema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	file, err := os.Open("testdata/sarif/sarif-schema-2.1.0.json")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	text, err := jsonschema.UnmarshalJSON(file)
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	c.UseLoader(jsonschema.SchemeURLLoader{}) // nothing is fetched
	const name = "https://docs.oasis-open.org/sarif.json"
	if err := c.AddResource(name, text); err != nil {
		t.Fatal(err)
	}
	schema, err := c.Compile(name)
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

// TestSARIFSchema: whatever is in a report, it is SARIF.
func TestSARIFSchema(t *testing.T) {
	schema := sarifSchema(t)
	valid := func(text string) error {
		doc, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		return schema.Validate(doc)
	}
	poisoned := shop()
	poisonWith(reflect.ValueOf(poisoned), hostile+markup)
	for name, r := range map[string]*report.Report{"shop": shop(), "empty": {}, "hostile": poisoned} {
		for _, o := range []report.Options{{}, {Guidelines: known()}, {Guidelines: catalogue.All(), Severity: guideline.Error}} {
			if err := valid(printed(t, report.SARIF, r, o)); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
	if valid(strings.Replace(printed(t, report.SARIF, shop(), report.Options{}), `"level": "note"`, `"level": "info"`, 1)) == nil {
		t.Error("the schema takes everything")
	}
}

type sarifRead struct {
	Runs []struct {
		Tool struct {
			Driver struct {
				Rules []struct{ ID string }
			}
		}
		Invocations []struct {
			ToolExecutionNotifications []struct {
				Message        struct{ Text string }
				AssociatedRule *struct{ ID string }
			}
		}
		Results []struct {
			RuleID              string
			RuleIndex           int
			Level               string
			Message             struct{ Text string }
			PartialFingerprints map[string]string
			Locations           []struct {
				PhysicalLocation *struct {
					ArtifactLocation struct{ URI, URIBaseID string }
					Region           *struct{ StartLine int }
				}
				LogicalLocations []struct{ FullyQualifiedName string }
			}
		}
	}
}

func readSARIF(t *testing.T, r *report.Report, o report.Options) sarifRead {
	t.Helper()
	var s sarifRead
	if err := json.Unmarshal([]byte(printed(t, report.SARIF, r, o)), &s); err != nil {
		t.Fatal(err)
	}
	return s
}

func TestSARIFResults(t *testing.T) {
	r := shop()
	run := readSARIF(t, r, report.Options{Guidelines: known()}).Runs[0]
	if len(run.Results) != r.Summary.Fail {
		t.Errorf("%d results, and %d fails", len(run.Results), r.Summary.Fail)
	}
	for i, result := range run.Results {
		if run.Tool.Driver.Rules[result.RuleIndex].ID != result.RuleID || result.RuleID != r.Results[i].Guideline {
			t.Errorf("result %d is of rule %s", i, result.RuleID)
		}
		if level := strings.Replace(r.Results[i].Severity.String(), "info", "note", 1); result.Level != level {
			t.Errorf("%s is of level %s", result.RuleID, result.Level)
		}
	}
	var unknown, gaps int
	for _, n := range run.Invocations[0].ToolExecutionNotifications {
		if n.AssociatedRule != nil {
			unknown++
		} else {
			gaps++
		}
	}
	if unknown != r.Summary.Unknown || gaps != len(r.Cluster.Gaps) {
		t.Errorf("%d unknown and %d gaps", unknown, gaps)
	}
	if first := run.Results[0].Locations[0]; first.LogicalLocations[0].FullyQualifiedName != "shop/component.dapr.io/statestore" || first.PhysicalLocation.Region.StartLine != 12 {
		t.Errorf("the first is at %+v", first)
	}
	if second := run.Results[1].Locations[0]; second.PhysicalLocation != nil {
		t.Errorf("a live object is in a file: %+v", second)
	}
}

func TestSARIFFiles(t *testing.T) {
	for file, want := range map[string]string{
		"deploy/a.yaml":                  "deploy/a.yaml in %SRCROOT%",
		"./deploy/../a.yaml":             "a.yaml in %SRCROOT%",
		"a b#c%.yaml":                    "a%20b%23c%25.yaml in %SRCROOT%",
		"c:d.yaml":                       "./c:d.yaml in %SRCROOT%",
		`deploy\a.yaml`:                  "deploy/a.yaml in %SRCROOT%",
		"/abs/a.yaml":                    "file:///abs/a.yaml in ",
		"https://example.com/a.yaml?***": "https://example.com/a.yaml?*** in ",
		"-":                              "",
	} {
		r := shop()
		r.Results[0].Source = &report.Source{File: file}
		got := ""
		if p := readSARIF(t, r, report.Options{}).Runs[0].Results[0].Locations[0].PhysicalLocation; p != nil {
			got = p.ArtifactLocation.URI + " in " + p.ArtifactLocation.URIBaseID
			if p.Region != nil {
				t.Errorf("%s: line %d", file, p.Region.StartLine)
			}
		}
		if got != want {
			t.Errorf("%s: %q, want %q", file, got, want)
		}
	}
}

// TestSARIFFingerprints: a finding keeps its fingerprint when it moves, reads otherwise or
// others come and go, and no two have the same.
func TestSARIFFingerprints(t *testing.T) {
	prints := func(change func(r *report.Report)) map[string]bool {
		r := shop()
		change(r)
		all := map[string]bool{}
		results := readSARIF(t, r, report.Options{}).Runs[0].Results
		for _, result := range results {
			all[result.PartialFingerprints["daprProd/v1"]] = true
		}
		if len(all) != len(results) {
			t.Errorf("%d fingerprints of %d results", len(all), len(results))
		}
		return all
	}
	first := prints(func(*report.Report) {})
	for name, change := range map[string]func(r *report.Report){
		"moved": func(r *report.Report) {
			r.Results[0].Source = &report.Source{File: "./" + r.Results[0].Source.File, Line: 99}
		},
		"reworded": func(r *report.Report) { r.Results[1].Message, r.Results[1].Severity = "other", guideline.Info },
		"version":  func(r *report.Report) { r.Results[2].Object.APIVersion = "apps/v2" },
	} {
		if !reflect.DeepEqual(prints(change), first) {
			t.Errorf("%s: another fingerprint", name)
		}
	}
	twice := prints(func(r *report.Report) {
		again := r.Results[1]
		again.Message = "said a second time"
		r.Results = append([]report.Result{r.Results[0], r.Results[1], again}, r.Results[2:]...)
	})
	if len(twice) != len(first)+1 {
		t.Error("one said twice does not count twice")
	}
	for one := range first {
		if !twice[one] {
			t.Error("one more finding changes the fingerprint of another")
		}
	}
	for name, change := range map[string]func(o *snapshot.Object){
		"name": func(o *snapshot.Object) { o.Name += "x" }, "namespace": func(o *snapshot.Object) { o.Namespace += "x" },
		"kind": func(o *snapshot.Object) { o.Kind += "x" }, "group": func(o *snapshot.Object) { o.APIVersion = "x/v1" },
	} {
		if reflect.DeepEqual(prints(func(r *report.Report) { change(&r.Results[0].Object) }), first) {
			t.Errorf("another %s has the same fingerprint", name)
		}
	}
}
