// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package sizing_test

import (
	"fmt"
	"testing"

	corev1 "k8s.io/api/core/v1"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/sizing"
)

// The recommendation for measured is 120m/300m 225Mi/250Mi 225MiB.
func TestChanges(t *testing.T) {
	t.Parallel()
	same := sizing.Recommend(sizing.Workload{Usage: measured()}).Resources
	with := func(change func(r *sizing.Resources)) sizing.Resources {
		r := same
		change(&r)
		return r
	}
	for _, test := range []struct {
		name    string
		current sizing.Resources
		least   float64
		want    bool
	}{
		{"the same", same, 0, false},
		{"a tenth off", with(func(r *sizing.Resources) { r.CPURequest = 110 }), 0.1, false},
		{"a tenth off, and all asked for", with(func(r *sizing.Resources) { r.CPURequest = 110 }), 0, true},
		{"far off", with(func(r *sizing.Resources) { r.CPURequest = 240 }), 0.1, true},
		{"one missing", with(func(r *sizing.Resources) { r.MemoryRequest = 0 }), 10, true},
		{"below what was needed", with(func(r *sizing.Resources) { r.MemoryRequest = 199 * mib }), 10, true},
		{"no soft limit", with(func(r *sizing.Resources) { r.SoftLimit = 0 }), 10, true},
		{"soft limit as high as the limit", with(func(r *sizing.Resources) { r.SoftLimit = r.MemoryLimit }), 10, true},
		{"nothing set", sizing.Resources{}, 10, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			r := sizing.Recommend(sizing.Workload{Usage: measured(), Current: test.current})
			equal(t, "numbers", r.Resources, same)
			equal(t, "a change", r.Changes(test.least), test.want)
		})
	}
}

// What somebody has set is not replaced where nothing was seen.
func TestChangesUnseen(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name    string
		current sizing.Resources
		want    bool
	}{
		{"nothing set", sizing.Resources{}, true},
		{"one set", sizing.Resources{MemoryLimit: 2000 * mib}, false},
		{"others set", sizing.Resources{CPURequest: 1, CPULimit: 2, MemoryRequest: mib, MemoryLimit: 2000 * mib, SoftLimit: mib}, false},
	} {
		r := sizing.Recommend(sizing.Workload{Current: test.current})
		equal(t, test.name, r.Changes(0), test.want)
	}
}

func TestTotal(t *testing.T) {
	t.Parallel()
	refused := []sizing.Bound{{Setting: sizing.MemoryLimit, Amount: 1, By: "nobody"}}
	all := []sizing.Recommendation{
		sizing.Recommend(sizing.Workload{Pods: 3, Usage: measured()}),
		sizing.Recommend(sizing.Workload{Pods: 2, Usage: measured(), Current: sizing.Resources{CPURequest: 1000, CPULimit: 1000, MemoryRequest: 1000 * mib, MemoryLimit: 1000 * mib}}),
		sizing.Recommend(sizing.Workload{Pods: 1, Usage: measured(), Bounds: refused, Current: sizing.Resources{CPURequest: 500, MemoryRequest: 500 * mib}}),
		sizing.Recommend(sizing.Workload{Pods: 0}),
	}
	equal(t, "totals", sizing.Total(all, 0.1), sizing.Totals{
		Workloads: 4, Pods: 6, WithoutRequest: 3,
		CPUNow: 2500, CPUThen: 3*120 + 2*120 + 500,
		MemoryNow: 2500 * mib, MemoryThen: (3*225 + 2*225 + 500) * mib,
	})
	cpu, memory := all[1].Delta()
	equal(t, "CPU", cpu, 2*(120-1000))
	equal(t, "memory", memory, 2*(225-1000)*mib)
}

func TestAutoscaler(t *testing.T) {
	t.Parallel()
	a := sizing.Autoscaler{Name: "orders", Resource: corev1.ResourceCPU, Target: 80, Others: sizing.Resources{CPURequest: 500, MemoryRequest: 100 * mib}}
	then := sizing.Resources{CPURequest: 100, MemoryRequest: 130 * mib}
	const head = "HorizontalPodAutoscaler orders scales at 80 % of the Pod's CPU requests"
	equal(t, "earlier", a.Means(sizing.Resources{CPURequest: 500}, then),
		head+": 800m of 1 now, 480m of 600m then: Pods are added earlier; 133 % would keep the point where it is")
	equal(t, "later", a.Means(sizing.Resources{CPURequest: 50}, then),
		head+": 440m of 550m now, 480m of 600m then: Pods are added later; 73 % would keep the point where it is")
	equal(t, "the same", a.Means(then, then), head+": 480m of 600m, before and after")
	equal(t, "none now", a.Means(sizing.Resources{}, then), head+", and cannot now, since daprd requests none; then at 480m of 600m")
	equal(t, "withheld", a.Means(then, sizing.Resources{}), "")
	a.Without = []string{"app"}
	equal(t, "never", a.Means(then, then), head+", and cannot, before or after: app requests none")
	m := sizing.Autoscaler{Name: "orders", Resource: corev1.ResourceMemory, Target: 75, Others: a.Others}
	equal(t, "memory", m.Means(sizing.Resources{}, then),
		"HorizontalPodAutoscaler orders scales at 75 % of the Pod's memory requests, and cannot now, since daprd requests none; then at 173Mi of 230Mi")
}

func TestApp(t *testing.T) {
	t.Parallel()
	app := sizing.App{Container: "app", Current: sizing.Resources{CPURequest: 1000, MemoryRequest: 1024 * mib}, Usage: measured()}
	equal(t, "far under", app.Spare(), "container app requests 1 of CPU, and uses at most 100m in 95 % of the time; "+
		"1Gi of memory, and uses at most 200Mi: it may need less, beside a sidecar that does part of its work")
	app.Current = sizing.Resources{CPURequest: 200, MemoryRequest: 256 * mib}
	equal(t, "about right", app.Spare(), "")
	app = sizing.App{Container: "app", Current: sizing.Resources{CPURequest: 1000}, Usage: usage(0, pod(0, constant(0.1), constant(1), 0))}
	equal(t, "one reading", app.Spare(), "")
	equal(t, "nothing", sizing.App{}.Spare(), "")
}

// What a person would write is not under what was asked for, and keeps its order.
func TestResourcesAsText(t *testing.T) {
	t.Parallel()
	set := sizing.StartingPoint.Annotations()
	equal(t, "annotations", fmt.Sprint(set), "map[dapr.io/sidecar-cpu-limit:300m dapr.io/sidecar-cpu-request:100m "+
		"dapr.io/sidecar-memory-limit:1000Mi dapr.io/sidecar-memory-request:250Mi]")
	equal(t, "GOMEMLIMIT", sizing.StartingPoint.GoMemoryLimit(), "900MiB")
	for limit, soft := range map[sizing.Memory]string{1024 * mib: "921MiB", 320 * mib: "288MiB", 512_000_000: "439MiB", 256 * mib: "230MiB", 0: ""} {
		equal(t, limit.String(), sizing.Resources{SoftLimit: sizing.SoftLimitOf(limit)}.GoMemoryLimit(), soft)
	}
	r := sizing.ResourcesOf(corev1.ResourceRequirements{Requests: list("cpu", "100u", "memory", "64Mi"), Limits: list("memory", "1Gi")})
	equal(t, "of a container", r, sizing.Resources{CPURequest: 1, MemoryRequest: 64 * mib, MemoryLimit: 1024 * mib})
}
