// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package sizing_test

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/sizing"
)

// each runs a test in many random worlds.
func each(t *testing.T, test func(t *testing.T, r *rand.Rand, w world)) {
	t.Helper()
	made, withheld := 0, 0
	for seed := range uint64(600) {
		r := rand.New(rand.NewPCG(seed, 7))
		w := randomWorld(r)
		test(t, r, w)
		if t.Failed() {
			t.Fatalf("seed %d", seed)
		}
		if recommendIn(w).Withheld == "" {
			made++
		} else {
			withheld++
		}
	}
	if made < 300 || withheld < 30 {
		t.Errorf("these worlds show little: %d recommendations, %d withheld", made, withheld)
	}
}

func recommendIn(w world) sizing.Recommendation {
	return sizing.Recommend(w.workload())
}

// Usage never exceeds what is recommended for it, but CPU while a container starts.
func TestNeverBelowUsage(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, _ *rand.Rand, w world) {
		r := recommendIn(w)
		if r.Withheld != "" {
			return
		}
		for _, p := range w.pods {
			for _, m := range p.Memory {
				if m.Value < 1<<50 && m.Value > float64(r.Resources.MemoryLimit) {
					t.Errorf("memory of %s reaches %g: %s", p.Pod, m.Value, shown(r.Resources))
				}
			}
			for _, c := range p.CPU {
				if !starting(w, p, c) && c.Value*1000 > float64(r.Resources.CPULimit) {
					t.Errorf("CPU of %s reaches %g: %s", p.Pod, c.Value, shown(r.Resources))
				}
			}
		}
	})
}

// starting tells whether a reading touches the first minutes of its container; where no
// start is known, whether it is the first one.
func starting(w world, p sizing.PodUsage, c sizing.Reading) bool {
	if len(p.Starts) == 0 {
		step, first := w.span.Step.Milliseconds(), p.CPU[0].Time
		return first > w.span.From.UnixMilli()+step && c.Time < first+sizing.StartUp.Milliseconds()
	}
	for _, start := range p.Starts {
		if s := start.UnixMilli(); c.Time >= s && c.Time-w.span.Step.Milliseconds() < s+sizing.StartUp.Milliseconds() {
			return true
		}
	}
	return false
}

// Requests fit under limits, the soft limit is what the guidelines say, and what the
// cluster allows holds.
func TestNumbersAgree(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, _ *rand.Rand, w world) {
		workload := w.workload()
		r := sizing.Recommend(workload)
		n := r.Resources
		if r.Withheld != "" {
			equal(t, "numbers", n, sizing.Resources{})
			return
		}
		if n.CPURequest > n.CPULimit || n.MemoryRequest > n.MemoryLimit {
			t.Errorf("request above limit: %s", shown(n))
		}
		if soft := n.MemoryLimit / 10 * 9 / mib * mib; n.SoftLimit != soft {
			t.Errorf("soft limit %d, not %d", n.SoftLimit, soft)
		}
		if n.MemoryLimit < sizing.Floor.MemoryLimit || n.CPURequest < sizing.Floor.CPURequest {
			t.Errorf("below the floor: %s", shown(n))
		}
		for _, b := range workload.Bounds {
			amount := n.Of(b.Setting)
			broken := b.Kind == sizing.AtMost && amount > b.Amount || b.Kind == sizing.AtLeast && amount < b.Amount ||
				b.Kind == sizing.Ratio && float64(n.Of(b.Setting+1))*1000 > float64(amount)*float64(b.Amount)
			if broken {
				t.Errorf("%+v: %s\n%s", b, shown(n), strings.Join(r.Reasons, "\n"))
			}
		}
	})
}

// More usage never means a smaller number, nor one where there was none.
func TestMonotone(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rand.Rand, w world) {
		less, more := recommendIn(w), recommendIn(w.more(r))
		if less.Withheld != "" && more.Withheld == "" {
			t.Errorf("withheld for less only: %s", less.Withheld)
		}
		if more.Withheld != "" {
			return
		}
		for s := sizing.CPURequest; s <= sizing.MemoryLimit; s++ {
			if more.Resources.Of(s) < less.Resources.Of(s) {
				t.Errorf("%s: %s, for more usage %s\n%s\n\n%s", s, shown(less.Resources), shown(more.Resources),
					strings.Join(less.Reasons, "\n"), strings.Join(more.Reasons, "\n"))
			}
		}
	})
}

// What was recommended, once carried out, is recommended again and is no change.
func TestIdempotent(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, _ *rand.Rand, w world) {
		once := recommendIn(w)
		if once.Withheld != "" {
			return
		}
		again := recommendIn(w.carriedOut(once))
		equal(t, "numbers", shown(again.Resources), shown(once.Resources))
		equal(t, "a change", again.Changes(0), false)
	})
}

// The order in which Pods come is nothing that a number or a word depends on.
func TestOrderOfPods(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rand.Rand, w world) {
		one := recommendIn(w)
		r.Shuffle(len(w.pods), func(i, j int) { w.pods[i], w.pods[j] = w.pods[j], w.pods[i] })
		two := recommendIn(w)
		equal(t, "numbers", one.Resources, two.Resources)
		equal(t, "reasons", strings.Join(one.Reasons, "\n"), strings.Join(two.Reasons, "\n"))
	})
}
