// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package report_test

import (
	"strings"
	"testing"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/dapr"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/report"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/sizing"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// services are two of a control plane: one that was measured, and the scheduler.
func services() *report.Sizing {
	s := &report.Sizing{Source: "Prometheus", Scope: "the control plane in dapr-system", Services: true}
	for _, name := range []string{dapr.Sentry, dapr.Scheduler} {
		w := sizing.Workload{Object: snapshot.Object{APIVersion: "apps/v1", Kind: "Deployment", Namespace: "dapr-system", Name: name}, Pods: 3}
		if name == dapr.Sentry {
			w.Usage = sized().Rows[0].Workload.Usage
		}
		r, _ := sizing.RecommendControlPlane(name, guideline.Newer, w)
		start, _, _ := sizing.ControlPlane(name, guideline.Newer)
		s.Rows = append(s.Rows, report.SizingRow{Recommendation: r, Start: start})
	}
	return s
}

const servicesTable = `
Prometheus

NAMESPACE     OBJECT                             PODS   CPU      USED P50/P95/MAX   START           THEN     MEMORY   USED P50/P95/MAX    START            THEN      CONFIDENCE   CHANGE
dapr-system   deployment/dapr-sentry             3      <none>   100m/100m/100m     100m/1          120m/1   <none>   201Mi/201Mi/201Mi   30Mi/-           225Mi/-   high         +360m CPU, +675Mi memory
dapr-system   deployment/dapr-scheduler-server   3      <none>   <none>             250m/- (ours)   250m/-   <none>   <none>              256Mi/- (ours)   256Mi/-   low          +750m CPU, +768Mi memory

6 Pods of 2 workloads in the control plane in dapr-system: requests of 0.00 cores and 0.00 GiB now, 1.11 cores and 1.41 GiB then.
6 Pods are without a request of CPU or of memory now: what these use is set aside by nobody.
`

const servicesNarrow = `
Prometheus

           NOW      P50/P95/MAX         START            THEN
dapr-system/deployment/dapr-sentry, 3 Pods, confidence high: +360m CPU, +675Mi
memory
  CPU      <none>   100m/100m/100m      100m/1           120m/1
  memory   <none>   201Mi/201Mi/201Mi   30Mi/-           225Mi/-
dapr-system/deployment/dapr-scheduler-server, 3 Pods, confidence low: +750m CPU,
+768Mi memory
  CPU      <none>   <none>              250m/- (ours)    250m/-
  memory   <none>   <none>              256Mi/- (ours)   256Mi/-

6 Pods of 2 workloads in the control plane in dapr-system: requests of 0.00
cores and 0.00 GiB now, 1.11 cores and 1.41 GiB then.
6 Pods are without a request of CPU or of memory now: what these use is set
aside by nobody.
`

// TestServices: what the guidelines start with is beside what was measured, and the
// scheduler's numbers are labelled as ours.
func TestServices(t *testing.T) {
	t.Parallel()
	for width, want := range map[int]string{0: servicesTable, 80: servicesNarrow} {
		var b strings.Builder
		if err := report.SizingTable(&b, services(), report.Options{Width: width}); err != nil {
			t.Fatal(err)
		}
		if b.String() != want[1:] {
			t.Errorf("%d columns:\n%s", width, b.String())
		}
	}
	var b strings.Builder
	if err := report.SizingYAML(&b, services()); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"start:\n    cpuLimit: \"1\"\n    cpuRequest: 100m\n    memoryRequest: 30Mi\n", "start:\n    cpuRequest: 250m\n    memoryRequest: 256Mi\n", "origin: ours"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("%q is not in\n%s", want, b.String())
		}
	}
}

// TestServicesPage: a page of services does not speak of what only sidecars have.
func TestServicesPage(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	if err := report.SizingHTML(&b, services()); err != nil {
		t.Fatal(err)
	}
	if want := "<title>Sizes of the control plane in dapr-system</title>"; !strings.Contains(b.String(), want) {
		t.Errorf("%q is not in\n%.2000s", want, b.String())
	}
	if strings.Contains(b.String(), "GOMEMLIMIT") {
		t.Errorf("GOMEMLIMIT, which services have none of, is in\n%s", b.String())
	}
}
