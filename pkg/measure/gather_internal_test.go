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

var noon = time.Date(2026, 3, 29, 12, 0, 0, 0, time.UTC)

// at is so many minutes after noon.
func at(minutes int) time.Time { return noon.Add(time.Duration(minutes) * time.Minute) }

// samples have a value at each of some minutes.
func samples(value float64, minutes ...int) []usage.Sample {
	var all []usage.Sample
	for _, m := range minutes {
		all = append(all, usage.Sample{At: at(m), Value: value})
	}
	return all
}

func span() sizing.Span { return sizing.Span{From: noon, To: at(600), Step: Step} }

// TestKills: each end of a container for want of memory is told once, with the limit
// where that is known.
func TestKills(t *testing.T) {
	t.Parallel()
	const mib = 1 << 20
	limited := func(p *Pod) *Pod { p.Limits.MemoryLimit = 256 * mib; return p }
	kill := func(minute int, limit sizing.Memory) sizing.Kill { return sizing.Kill{Time: at(minute), Limit: limit} }
	for _, test := range []struct {
		name            string
		live            *Pod
		kills, restarts []usage.Sample
		want            []sizing.Kill
	}{
		{"none", nil, nil, samples(1, 100), nil},
		{"one that is told for ten minutes", nil, samples(1, 100, 105, 110), nil, []sizing.Kill{kill(100, 0)}},
		{"its restart is no second one", nil, samples(1, 100, 105, 110), samples(1, 105), []sizing.Kill{kill(100, 0)}},
		{"two, far apart", nil, samples(1, 100, 105, 200), nil, []sizing.Kill{kill(100, 0), kill(200, 0)}},
		{
			"last ended so ever since, and started twice more", nil, samples(1, 100, 105, 110, 115, 120, 125, 130),
			slices.Concat(samples(1, 100, 105, 110), samples(2, 115), samples(3, 130)),
			[]sizing.Kill{kill(100, 0), kill(115, 0), kill(130, 0)},
		},
		{"at the limit of the Pod that is there", limited(&Pod{Created: at(90)}), samples(1, 100), nil, []sizing.Kill{kill(100, 256*mib)}},
		{"of a Pod of that name before it", limited(&Pod{Created: at(110)}), samples(1, 100), nil, []sizing.Kill{kill(100, 0)}},
		{"the Pod says it itself", limited(&Pod{Created: at(90), Killed: at(95)}), nil, nil, []sizing.Kill{kill(95, 256*mib)}},
		{
			"the Pod says it itself, after one of its name", limited(&Pod{Created: at(200), Killed: at(210)}), samples(1, 100), nil,
			[]sizing.Kill{kill(100, 0), kill(210, 256*mib)},
		},
		{"and is not counted twice", limited(&Pod{Created: at(90), Killed: at(99)}), samples(1, 100), nil, []sizing.Kill{kill(100, 256*mib)}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			p := &pod{live: test.live}
			p.restarted(test.restarts, span())
			p.killed(test.kills, 2*Step)
			if got := p.allKills(2 * Step); !slices.Equal(got, test.want) {
				t.Errorf("got %v, want %v", got, test.want)
			}
		})
	}
}

// TestStarts: what begins within the span has started in the step before its first
// reading; what was there from the beginning has not.
func TestStarts(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name     string
		live     *Pod
		restarts []usage.Sample
		first    int
		want     []time.Time
	}{
		{"there from the beginning", nil, nil, 5, nil},
		{"begun within", nil, nil, 60, []time.Time{at(60)}},
		{"restarted", nil, samples(1, 100, 105), 5, []time.Time{at(100)}},
		{"restarted before", nil, samples(7, 0, 5, 10), 5, nil},
		{"still there", &Pod{Created: at(58), Started: at(59)}, nil, 60, []time.Time{at(58), at(59)}},
		{"measured later than it began", &Pod{Created: at(-100)}, nil, 60, []time.Time{at(-100)}},
		{"one of its name before it", &Pod{Created: at(300)}, nil, 60, []time.Time{at(300), at(60)}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			p := &pod{live: test.live}
			p.restarted(test.restarts, span())
			series := usage.Series{Metric: usage.CPU, Container: "daprd", Samples: samples(0.1, test.first, test.first+5)}
			if got := p.starts(series, span(), true); !slices.Equal(got, test.want) {
				t.Errorf("got %v, want %v", got, test.want)
			}
			if again := p.starts(series, span(), true); again != nil {
				t.Errorf("told again with later readings: %v", again)
			}
		})
	}
}

// TestLookedAtLater: metrics-server does not look at all Pods at one time. One that it saw
// later than another did not start then, and how much CPU it uses counts.
func TestLookedAtLater(t *testing.T) {
	t.Parallel()
	orders := snapshot.Object{APIVersion: "apps/v1", Kind: "Deployment", Namespace: "shop", Name: "orders"}
	old := Pod{Name: "a", Created: at(-600)}
	late := Pod{Name: "b", Created: at(-600), Started: at(-300)}
	g := newGathering([]Workload{{Object: orders, Container: "daprd", Pods: []Pod{old, late}}}, sizing.Span{From: noon, To: at(1), Step: metricsStep})
	for pod, s := range map[string]usage.Sample{"a": {At: noon, Value: 0.1}, "b": {At: noon.Add(50 * time.Second), Value: 2}} {
		if err := g.own(usage.Series{Metric: usage.CPU, Namespace: "shop", Pod: pod, Container: "daprd", Samples: []usage.Sample{s}}); err != nil {
			t.Fatal(err)
		}
	}
	if use := g.of[orders].Own.Use(); use.CPU.Readings != 2 || use.CPU.Max != 2000 {
		t.Errorf("%+v", use.CPU)
	}
}

// TestGather: each Pod counts to its workload, also one that is gone, and a container
// that is not the sized one to nobody.
func TestGather(t *testing.T) {
	t.Parallel()
	object := func(kind, name string) snapshot.Object {
		return snapshot.Object{APIVersion: "apps/v1", Kind: kind, Namespace: "shop", Name: name}
	}
	orders, stock := object("Deployment", "orders"), object("StatefulSet", "stock")
	g := newGathering([]Workload{
		{Object: orders, Container: "daprd", Pods: []Pod{{Name: "named-otherwise"}}},
		{Object: stock, Container: "daprd"},
	}, span())
	for _, pod := range []string{"named-otherwise", "orders-5d4f8c7b9-x7x2q", "stock-0", "removed-5d4f8c7b9-x7x2q"} {
		for _, container := range []string{"daprd", "app"} {
			s := usage.Series{Metric: usage.Memory, Namespace: "shop", Pod: pod, Container: container, Samples: samples(1, 5, 10)}
			if err := g.own(s); err != nil {
				t.Fatal(err)
			}
		}
	}
	held := usage.Series{Metric: usage.Throttling, Namespace: "shop", Pod: "stock-0", Container: "daprd", Samples: samples(0.5, 5, 10)}
	if err := g.own(held); err != nil {
		t.Fatal(err)
	}
	g.end()
	for o, want := range map[snapshot.Object]sizing.Use{orders: {Pods: 2}, stock: {Pods: 1}} {
		use := g.of[o].Own.Use()
		if use.Pods != want.Pods || use.Memory.Readings != 2*want.Pods {
			t.Errorf("%s: %+v", o, use)
		}
	}
	if len(g.strangers) != 1 {
		t.Errorf("strangers %v", g.strangers)
	}
	r := sizing.Recommend(sizing.Workload{Usage: g.of[stock].Own})
	if !slices.ContainsFunc(r.Reasons, func(s string) bool { return strings.Contains(s, "1 Pod was held back") }) {
		t.Errorf("nobody says that it was held back: %q", r.Reasons)
	}
}

func TestLength(t *testing.T) {
	t.Parallel()
	for want, d := range map[string]time.Duration{
		"14 days": 14 * 24 * time.Hour, "1 day": 24 * time.Hour, "36 hours": 36 * time.Hour, "6 hours": 6*time.Hour + 2*time.Minute,
		"90 seconds": 90 * time.Second, "5 minutes": 5 * time.Minute, "1 minute": time.Minute, "less than 2 seconds": 0,
	} {
		if got := Length(d); got != want {
			t.Errorf("%s: %q, want %q", d, got, want)
		}
	}
}

// TestWarnings: what an answer lacks is said, and what is whole is not.
func TestWarnings(t *testing.T) {
	t.Parallel()
	broken := errors.New("P did not answer within 2m")
	whole := []usage.Answer{{Metric: usage.OOMKills, Exposed: true}, {Metric: usage.CPU, Samples: 9}, {Metric: usage.Memory, Samples: 9}}
	with := func(i int, a usage.Answer) []usage.Answer {
		all := slices.Clone(whole)
		a.Metric = all[i].Metric
		all[i] = a
		return all
	}
	for _, test := range []struct {
		name    string
		answers []usage.Answer
		want    []string
	}{
		{"whole", whole, nil},
		{"nothing at all", []usage.Answer{{Metric: usage.CPU}, {Metric: usage.Memory}}, nil},
		{"scraped too seldom", with(1, usage.Answer{}), []string{"P has nothing of CPU: is it scraped less often than every 2 minutes?"}},
		{"broken off", with(2, usage.Answer{Samples: 1, Last: noon, Err: broken}), []string{"memory: what came after 2026-03-29 12:00 UTC is missing: P did not answer within 2m"}},
		{"nothing of one", with(1, usage.Answer{Err: broken}), []string{"CPU: nothing could be read: P did not answer within 2m"}},
		{"partial", with(1, usage.Answer{Samples: 9, Partial: true, Warnings: []string{"a store is down"}}), []string{"P says that data is missing: what was needed may be more", "P warns: a store is down"}},
		{"no kills", with(0, usage.Answer{}), []string{"P does not say whether containers were killed for want of memory"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if got := warnings("P", test.answers); !slices.Equal(got, test.want) {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}
