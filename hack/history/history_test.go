// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"encoding/json"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/usage"
)

var noon = time.Date(2026, 3, 29, 12, 0, 0, 0, time.UTC)

// fortnight is what a shape does in two weeks.
func fortnight(s shape) (all []load) {
	random := rand.New(rand.NewPCG(1, 0))
	born := noon.Add(-long)
	for at := born; !at.After(noon); at = at.Add(scrape) {
		l := s(at, at.Sub(born), random)
		if l.killed {
			born = at.Add(scrape)
		}
		all = append(all, l)
	}
	return all
}

func TestShapes(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name            string
		shape           shape
		cpu, memory     float64 // the most
		kills, heldBack bool
	}{
		{"constant", constant(0.02, 100*mib), 0.11, 102 * mib, false, false},
		{"wave", wave(0.2, 100*mib), 0.23, 102 * mib, false, false},
		{"leak", leak(0.02, 100*mib, 10*mib), 0.024, 252 * mib, false, false},
		{"spiky", spiky(0.4, 100*mib), 0.44, 168 * mib, false, false},
		{"throttled", throttled(0.3, 100*mib), 0.3, 102 * mib, false, true},
		{"killed", killed(0.1, 300*mib), 0.12, 300 * mib, true, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var most load
			kills := 0
			for _, l := range fortnight(tt.shape) {
				most.cpu, most.memory = max(most.cpu, l.cpu), max(most.memory, l.memory)
				most.throttled = max(most.throttled, l.throttled)
				if l.killed {
					kills++
				}
			}
			if most.cpu > tt.cpu || most.cpu < tt.cpu*0.8 || most.memory > tt.memory || most.memory < tt.memory*0.9 {
				t.Errorf("%.3f cores and %.0f MiB at the most, want %.3f and %.0f", most.cpu, most.memory/mib, tt.cpu, tt.memory/mib)
			}
			if kills > 0 != tt.kills || most.throttled > 0 != tt.heldBack {
				t.Errorf("killed %d times, held back in %.2f", kills, most.throttled)
			}
		})
	}
}

const pods = `{"items": [
	{"metadata": {"namespace": "shop", "name": "payments-7d9c5b6f48-2xk7p", "labels": {"app": "payments"}}, "spec": {"containers": [{"name": "payments"}], "initContainers": [{"name": "daprd"}]}},
	{"metadata": {"namespace": "dapr-system", "name": "dapr-scheduler-server-0", "labels": {"app": "dapr-scheduler-server"}}, "spec": {"containers": [{"name": "dapr-scheduler-server"}]}}]}`

type line struct {
	Labels      map[string]string
	Start, Step int64
	Values      []float64
}

func linesOf(t *testing.T, args []string, in string) []line {
	t.Helper()
	var first, again bytes.Buffer
	for _, out := range []*bytes.Buffer{&first, &again} {
		if err := run(args, strings.NewReader(in), out); err != nil {
			t.Fatal(err)
		}
	}
	if first.String() != again.String() {
		t.Error("the same Pods have another history")
	}
	var all []line
	decoder := json.NewDecoder(&first)
	for decoder.More() {
		var l line
		if err := decoder.Decode(&l); err != nil {
			t.Fatal(err)
		}
		all = append(all, l)
	}
	return all
}

func TestDemo(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, l := range linesOf(t, []string{"demo", "--end", "1774785600"}, pods) {
		seen[l.Labels["pod"]+" "+l.Labels["container"]+" "+l.Labels["__name__"]] = true
		last := l.Start + int64(len(l.Values)-1)*l.Step
		want := noon
		if !strings.Contains(pods, l.Labels["pod"]) {
			want = noon.Add(-rollout)
		}
		if last != want.Unix() {
			t.Errorf("%v ends at %d", l.Labels, last)
		}
		for i := range l.Values[1:] {
			if strings.HasSuffix(l.Labels["__name__"], "_total") && l.Values[i+1] < l.Values[i] {
				t.Fatalf("%v counts back", l.Labels)
			}
		}
	}
	for _, want := range []string{
		"payments-7d9c5b6f48-2xk7p daprd kube_pod_init_container_status_restarts_total",
		"payments-7d9c5b6f48-2xk7p payments kube_pod_container_status_restarts_total",
		"payments-7d9c5b6f48-2xk7p daprd go_memstats_heap_inuse_bytes",
		"dapr-scheduler-server-0 dapr-scheduler-server container_memory_working_set_bytes",
		"checkout-7f9c5d8b4-2l5vx daprd container_oom_events_total",
	} {
		if !seen[want] {
			t.Errorf("there is no %s", want)
		}
	}
	if seen["payments-7d9c5b6f48-2xk7p payments go_memstats_heap_inuse_bytes"] {
		t.Error("an app has Dapr's metrics")
	}
}

// TestNames: whoever reads the history knows whose Pods those were that are gone.
func TestNames(t *testing.T) {
	t.Parallel()
	workloads := []usage.Workload{{Namespace: "shop", Kind: "Deployment", Name: "orders"}, {Namespace: "shop", Kind: "Deployment", Name: "notifications"}, {Namespace: "shop", Kind: "Deployment", Name: "checkout"}}
	for _, g := range gone {
		if w, known := usage.NewOwners(workloads).Of("shop", g.pod); !known || w.Name != g.app {
			t.Errorf("%s is of %v", g.pod, w)
		}
	}
	names := map[string]bool{}
	for _, l := range linesOf(t, []string{"fleet", "--workloads", "2", "--pods", "3"}, "") {
		owners := usage.NewOwners([]usage.Workload{{Namespace: "fleet-0", Kind: "StatefulSet", Name: "app-0"}, {Namespace: "fleet-0", Kind: "StatefulSet", Name: "app-1"}})
		if _, known := owners.Of(l.Labels["namespace"], l.Labels["pod"]); !known {
			t.Errorf("%s is nobody's", l.Labels["pod"])
		}
		names[l.Labels["pod"]] = true
	}
	if len(names) != 6 {
		t.Errorf("%d Pods", len(names))
	}
}
