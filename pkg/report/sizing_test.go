// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package report_test

import (
	"encoding/json"
	"io"
	"strings"
	"testing"
	"time"

	"sigs.k8s.io/yaml"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/dapr"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/report"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/sizing"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// sized are four workloads: measured, without history, withheld, and a scheduler.
func sized() *report.Sizing {
	const mib = 1 << 20
	end := time.Date(2026, 3, 29, 12, 0, 0, 0, time.UTC)
	usage := sizing.NewUsage(sizing.Span{From: end.Add(-8 * 24 * time.Hour), To: end, Step: time.Hour})
	for h := range 8*24 + 1 {
		at := end.Add(-time.Duration(h) * time.Hour)
		usage.Add(sizing.PodUsage{Pod: "a", CPU: []sizing.Reading{sizing.At(at, 0.1)}, Memory: []sizing.Reading{sizing.At(at, 200*mib+1)}})
	}
	workload := func(name string, pods int32) sizing.Workload {
		return sizing.Workload{Object: snapshot.Object{APIVersion: "apps/v1", Kind: "Deployment", Namespace: "shop", Name: name}, Pods: pods}
	}
	orders := workload("orders", 3)
	orders.Usage = usage
	orders.Current = sizing.Resources{CPURequest: 500, CPULimit: 1000, MemoryRequest: 512 * mib, MemoryLimit: 1024 * mib, SoftLimit: 921 * mib}
	refused := workload("stock", 1)
	refused.Usage = usage
	refused.Bounds = []sizing.Bound{{Setting: sizing.MemoryLimit, Amount: 100 * mib, By: "LimitRange shop/\x1b"}}
	scheduler, _ := sizing.RecommendControlPlane(dapr.Scheduler, guideline.Newer, workload("dapr-scheduler-server", 3))
	return &report.Sizing{
		Source: "Prometheus at http://prometheus, 8 days", Warnings: []string{"one store did not answer"},
		Scope: "namespace shop", MinChange: 0.1,
		Rows: []report.SizingRow{
			{Recommendation: sizing.Recommend(orders), Notes: []string{"HorizontalPodAutoscaler orders scales"}},
			{Recommendation: sizing.Recommend(workload("payments", 0))},
			{Recommendation: sizing.Recommend(refused)},
			{Recommendation: scheduler},
		},
	}
}

const sizingTable = `
Prometheus at http://prometheus, 8 days
! one store did not answer

NAMESPACE   OBJECT                             PODS   CPU      USED P50/P95/MAX   THEN        MEMORY      USED P50/P95/MAX    THEN           GOMEMLIMIT   CONFIDENCE   CHANGE
shop        deployment/orders                  3      500m/1   100m/100m/100m     120m/300m   512Mi/1Gi   201Mi/201Mi/201Mi   225Mi/275Mi    247MiB       high         -1140m CPU, -861Mi memory
shop        deployment/payments                0      <none>   <none>             100m/300m   <none>      <none>              250Mi/1000Mi   900MiB       low          no Pods
shop        deployment/stock                   1      <none>   100m/100m/100m     <none>      <none>      201Mi/201Mi/201Mi   <none>         <none>       high         withheld: the memory limit has to be at least 201Mi, and LimitRange shop/^[ leaves 100Mi
shop        deployment/dapr-scheduler-server   3      <none>   <none>             250m/-      <none>      <none>              256Mi/-        <none>       low (ours)   +750m CPU, +768Mi memory

7 Pods of 4 workloads in namespace shop: requests of 1.50 cores and 1.50 GiB now, 1.11 cores and 1.41 GiB then.
4 Pods are without a request of CPU or of memory now: what these use is set aside by nobody.
`

func TestSizingTable(t *testing.T) {
	var b strings.Builder
	if err := report.SizingTable(&b, sized(), report.Options{}); err != nil {
		t.Fatal(err)
	}
	if want := sizingTable[1:]; b.String() != want {
		t.Errorf("got\n%s\nwant\n%s", b.String(), want)
	}
}

const narrowSizing = `
Prometheus at http://prometheus, 8 days
! one store did not answer

           REQUEST/LIMIT   USED P50/P95/MAX    THEN           GOMEMLIMIT
shop/deployment/orders: 3 Pods, confidence high; -1140m CPU, -861Mi memory
  CPU      500m/1          100m/100m/100m      120m/300m
  memory   512Mi/1Gi       201Mi/201Mi/201Mi   225Mi/275Mi    247MiB
shop/deployment/payments: 0 Pods, confidence low; no Pods are wanted now
  CPU      <none>          <none>              100m/300m
  memory   <none>          <none>              250Mi/1000Mi   900MiB
shop/deployment/stock: 1 Pod, confidence high; withheld: the memory limit has to
be at least 201Mi, and LimitRange shop/^[ leaves 100Mi
  CPU      <none>          100m/100m/100m      <none>
  memory   <none>          201Mi/201Mi/201Mi   <none>         <none>
shop/deployment/dapr-scheduler-server: 3 Pods, confidence low (ours); +750m CPU,
+768Mi memory
  CPU      <none>          <none>              250m/-
  memory   <none>          <none>              256Mi/-        <none>

7 Pods of 4 workloads in namespace shop: requests of 1.50 cores and 1.50 GiB
now, 1.11 cores and 1.41 GiB then.
4 Pods are without a request of CPU or of memory now: what these use is set
aside by nobody.
`

func TestSizingTableOnTerminal(t *testing.T) {
	var b strings.Builder
	if err := report.SizingTable(&b, sized(), report.Options{Width: 80}); err != nil {
		t.Fatal(err)
	}
	if want := narrowSizing[1:]; b.String() != want {
		t.Errorf("got\n%s\nwant\n%s", b.String(), want)
	}
}

func TestSizingWide(t *testing.T) {
	var b strings.Builder
	if err := report.SizingWide(&b, sized(), report.Options{Width: 40}); err != nil {
		t.Fatal(err)
	}
	for _, says := range []string{
		"GOMEMLIMIT: 90 % of the memory limit are 247MiB; HorizontalPodAutoscaler orders scales\n",
		"CPU: this tool's own numbers, for want of some in the guidelines; memory: this tool's own numbers",
	} {
		if !strings.Contains(b.String(), says) {
			t.Errorf("nobody says %q:\n%s", says, b.String())
		}
	}
}

func TestSizingOfNothing(t *testing.T) {
	var b strings.Builder
	if err := report.SizingTable(&b, &report.Sizing{Source: "the guidelines"}, report.Options{Width: 80}); err != nil {
		t.Fatal(err)
	}
	if b.String() != "the guidelines\n" {
		t.Errorf("%q", b.String())
	}
}

func TestSizingDocument(t *testing.T) {
	for name, print := range map[string]func(io.Writer, *report.Sizing) error{"json": report.SizingJSON, "yaml": report.SizingYAML} {
		var b strings.Builder
		if err := print(&b, sized()); err != nil {
			t.Fatal(err)
		}
		text, err := yaml.YAMLToJSON([]byte(b.String()))
		if err != nil {
			t.Fatal(err)
		}
		var d struct {
			Kind      string
			Workloads []map[string]json.RawMessage
			Total     json.RawMessage
		}
		if err := json.Unmarshal(text, &d); err != nil {
			t.Fatal(err)
		}
		for what, pair := range map[string][2]string{
			"kind":        {d.Kind, "Sizing"},
			"current":     {string(d.Workloads[0]["current"]), `{"cpuLimit":"1","cpuRequest":"500m","goMemoryLimit":"921MiB","memoryLimit":"1Gi","memoryRequest":"512Mi"}`},
			"recommended": {string(d.Workloads[0]["recommended"]), `{"cpuLimit":"300m","cpuRequest":"120m","goMemoryLimit":"247MiB","memoryLimit":"275Mi","memoryRequest":"225Mi"}`},
			"added":       {string(d.Workloads[0]["added"]), `{"cpu":"-1140m","memory":"-861Mi"}`},
			"confidence":  {string(d.Workloads[0]["confidence"]), `"high"`},
			"no usage":    {string(d.Workloads[1]["usage"]), ""},
			"withheld":    {string(d.Workloads[2]["recommended"]), ""},
			"no notes":    {string(d.Workloads[2]["notes"]), "[]"},
			"ours":        {string(d.Workloads[3]["origin"]), `"ours"`},
			"total":       {string(d.Total), `{"now":{"cpu":"1500m","memory":"1536Mi"},"pods":7,"podsWithoutRequest":4,"then":{"cpu":"1110m","memory":"1443Mi"},"workloads":4}`},
		} {
			if pair[0] != pair[1] {
				t.Errorf("%s: %s is %s, want %s", name, what, pair[0], pair[1])
			}
		}
	}
}
