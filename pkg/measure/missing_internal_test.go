// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package measure

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/sizing"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/usage"
)

// TestMissing: what came of an answer that broke off, or that is partial, is too little to
// go by, however much it is.
func TestMissing(t *testing.T) {
	t.Parallel()
	orders := snapshot.Object{APIVersion: "apps/v1", Kind: "Deployment", Namespace: "shop", Name: "orders"}
	week := sizing.Span{From: noon, To: noon.Add(8 * 24 * time.Hour), Step: Step}
	for _, test := range []struct {
		name   string
		answer usage.Answer
		want   sizing.Confidence
		says   string
	}{
		{"whole", usage.Answer{Metric: usage.CPU}, sizing.High, ""},
		{"CPU broken off", usage.Answer{Metric: usage.CPU, Err: errors.New("late")}, sizing.Low, "CPU: maybe not all of it was read (CPU): the guidelines' numbers"},
		{"partial memory", usage.Answer{Metric: usage.Memory, Partial: true}, sizing.Low, "memory: maybe not all of it was read (memory): the guidelines' numbers"},
		{"a store that is gone", usage.Answer{Metric: usage.Memory, Warnings: []string{"no store matched"}}, sizing.Low, "(memory)"},
		{"a query that is odd", usage.Answer{Metric: usage.CPU, Warnings: []string{"PromQL warning: metric might not be a counter"}}, sizing.High, ""},
		{"no throttling", usage.Answer{Metric: usage.Throttling, Err: errors.New("late")}, sizing.Low, "(throttling)"},
		{"no kills", usage.Answer{Metric: usage.OOMKills, Err: errors.New("late")}, sizing.Low, "(oom kills)"},
		{"no heap", usage.Answer{Metric: usage.Heap, Err: errors.New("late")}, sizing.High, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			g := newGathering([]Workload{{Object: orders, Container: "daprd", Pods: []Pod{{Name: "a"}}}}, week)
			var minutes []int
			for m := 0; m <= 8*24*60; m += 5 {
				minutes = append(minutes, m)
			}
			for _, metric := range []usage.Metric{usage.CPU, usage.Memory} {
				if err := g.own(usage.Series{Metric: metric, Namespace: "shop", Pod: "a", Container: "daprd", Samples: samples(0.1, minutes...)}); err != nil {
					t.Fatal(err)
				}
			}
			g.miss([]usage.Answer{test.answer})
			r := sizing.Recommend(sizing.Workload{Usage: g.of[orders].Own})
			said := slices.ContainsFunc(r.Reasons, func(s string) bool { return strings.Contains(s, test.says) })
			if r.Confidence != test.want || !said {
				t.Errorf("confidence %s, %q", r.Confidence, r.Reasons)
			}
		})
	}
}

// TestMissingPods: a store that has nothing of a Pod that has run for long has not all.
func TestMissingPods(t *testing.T) {
	t.Parallel()
	orders := snapshot.Object{APIVersion: "apps/v1", Kind: "Deployment", Namespace: "shop", Name: "orders"}
	measured := Pod{Name: "a", Created: at(-100), Started: at(-90)}
	for _, test := range []struct {
		name  string
		other Pod
		says  string
	}{
		{"it has just begun", Pod{Name: "b", Created: at(570), Started: at(571)}, ""},
		{"it does not run", Pod{Name: "b", Created: at(-100)}, ""},
		{"it runs", Pod{Name: "b", Created: at(-100), Started: at(-90)}, "CPU: 1 of the 2 Pods that run are not in it: the guidelines' numbers"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			g := newGathering([]Workload{{Object: orders, Container: "daprd", Pods: []Pod{measured, test.other}}}, span())
			if err := g.own(usage.Series{Metric: usage.CPU, Namespace: "shop", Pod: "a", Container: "daprd", Samples: samples(0.1, 5, 10)}); err != nil {
				t.Fatal(err)
			}
			g.miss(nil)
			reasons := strings.Join(sizing.Recommend(sizing.Workload{Usage: g.of[orders].Own}).Reasons, "; ")
			if !strings.Contains(reasons, test.says) || test.says == "" && strings.Contains(reasons, "not in it") {
				t.Error(reasons)
			}
		})
	}
}
