// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package sizing_test

import (
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/sizing"
)

const guidelines = "100m/300m 250Mi/1000Mi 900MiB"

func TestDistributions(t *testing.T) {
	t.Parallel()
	fortnight := 14 * day
	killed := func(p sizing.PodUsage, limit sizing.Memory) sizing.PodUsage {
		p.Kills = append(p.Kills, sizing.Kill{Time: end.Add(-day), Limit: limit})
		return p
	}
	throttled := func(p sizing.PodUsage, share float64, limit sizing.CPU) sizing.PodUsage {
		p.Throttled = &sizing.Throttling{Share: share, Limit: limit}
		return p
	}
	for _, test := range []struct {
		name       string
		usage      *sizing.Usage
		want       string
		confidence sizing.Confidence
		// says is part of a reason.
		says string
	}{
		{
			"constant", usage(fortnight, pods(3, constant(0.1), constant(200), fortnight)...), "120m/300m 225Mi/250Mi 225MiB", sizing.High,
			"CPU request: 95 % of 12099 readings of 3 Pods are at most 100m; 15 % on top, rounded up, are 120m",
		},
		{
			"next to nothing", usage(fortnight, pods(1, constant(0.001), constant(12), fortnight)...), "10m/300m 64Mi/128Mi 115MiB", sizing.High,
			"memory limit: not below 128Mi",
		},
		{
			"daily wave", usage(fortnight, pods(2, wave(0.05, 0.45), wave(150, 250), fortnight)...), "550m/700m 275Mi/325Mi 292MiB", sizing.High,
			"CPU limit: the highest reading is 450m; 50 % on top, rounded up, are 700m",
		},
		{
			"slow leak", usage(fortnight, pods(1, constant(0.1), growing(800, 50), fortnight)...), "120m/300m 900Mi/1000Mi 900MiB", sizing.Medium,
			"the memory of 1 Pod rose every day for the last 4",
		},
		{
			"spiky", usage(fortnight, pods(1, except(constant(0.02), 100, 2), constant(100), fortnight)...), "25m/3 125Mi/128Mi 115MiB", sizing.High,
			"CPU limit: the highest reading is 2; 50 % on top, rounded up, are 3",
		},
		{
			"killed", usage(fortnight, killed(pod(0, constant(0.1), constant(200), fortnight), 256*mib)), "120m/300m 225Mi/375Mi 337MiB", sizing.Medium,
			"killed for want of memory, once, at a limit of up to 256Mi: the peak is not known",
		},
		{
			"killed, large", usage(fortnight, killed(pod(0, constant(0.1), constant(200), fortnight), 1000*mib)), "120m/300m 225Mi/1300Mi 1170MiB", sizing.Medium,
			"raised by 25 % of that",
		},
		{
			"killed, limit unknown", usage(fortnight, killed(pod(0, constant(0.1), constant(200), fortnight), 0)), "120m/300m 225Mi/300Mi 270MiB", sizing.Medium,
			"at a limit that is not known",
		},
		{
			"throttled", usage(fortnight, throttled(pod(0, constant(0.2), constant(200), fortnight), 0.3, 300)), "250m/450m 225Mi/250Mi 225MiB", sizing.Medium,
			"1 Pod was held back in 5 % of the time or more, or in 25 % for 15 minutes, at a limit of up to 300m",
		},
		{
			"throttled by night", usage(fortnight, sizing.PodUsage{Pod: "nightly", Throttled: &sizing.Throttling{Share: 0.01, Lasting: 0.4, Limit: 900}},
				pod(0, constant(0.2), constant(200), fortnight)), "250m/1400m 225Mi/250Mi 225MiB", sizing.Medium,
			"1 Pod was held back",
		},
		{
			"hardly throttled", usage(fortnight, throttled(pod(0, constant(0.1), constant(200), fortnight), 0.04, 900)), "120m/300m 225Mi/250Mi 225MiB", sizing.High, "",
		},
		{
			"two Pods of ten hot", usage(fortnight, append(pods(8, constant(0.02), constant(80), fortnight),
				pod(8, constant(0.4), constant(400), fortnight), pod(9, constant(0.4), constant(400), fortnight))...), "500m/600m 450Mi/500Mi 450MiB", sizing.High, "",
		},
		{
			"twelve hours", usage(fortnight, pods(3, constant(0.01), constant(50), 12*time.Hour)...), guidelines, sizing.Low,
			"CPU: the readings are of 12 hours, and it takes a day: the guidelines' numbers",
		},
		{
			"three days", usage(fortnight, pods(3, constant(0.1), constant(200), 3*day)...), "120m/300m 225Mi/250Mi 225MiB", sizing.Medium,
			"confidence is not high: the readings are of 3 days, and it takes a week",
		},
		{
			"one reading", usage(0, pods(1, constant(0.35), constant(60), 0)...), "450m/550m 250Mi/1000Mi 900MiB", sizing.Low,
			"CPU: 1 of the 100 readings that it takes: the guidelines' numbers, raised to what was seen",
		},
		{
			"nothing", nil, guidelines, sizing.Low, "memory: no readings: the guidelines' numbers",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			r := sizing.Recommend(sizing.Workload{Pods: 3, Usage: test.usage})
			equal(t, "numbers", shown(r.Resources), test.want)
			equal(t, "confidence", r.Confidence, test.confidence)
			equal(t, "withheld", r.Withheld, "")
			says(t, r.Reasons, test.says)
		})
	}
}

// Where nobody knows at which limit a Pod was killed, or held back, as of one that is
// gone, the limit that there is may be that one: it is not lowered.
func TestLimitNotKnown(t *testing.T) {
	t.Parallel()
	p := pod(0, constant(0.1), constant(200), 14*day)
	p.Kills = []sizing.Kill{{Time: end.Add(-2 * day)}, {Time: end.Add(-day), Limit: 256 * mib}}
	p.Throttled = &sizing.Throttling{Share: 0.3}
	w := sizing.Workload{Usage: usage(14*day, p)}
	equal(t, "without limits", shown(sizing.Recommend(w).Resources), "120m/300m 225Mi/375Mi 337MiB")
	w.Current = sizing.Resources{CPULimit: 100, MemoryLimit: 300 * mib}
	equal(t, "with lower ones", shown(sizing.Recommend(w).Resources), "120m/300m 225Mi/375Mi 337MiB")
	w.Current = sizing.Resources{CPULimit: 777, MemoryLimit: 600 * mib}
	r := sizing.Recommend(w)
	equal(t, "with higher ones", shown(r.Resources), "120m/777m 225Mi/600Mi 540MiB")
	says(t, r.Reasons, "memory limit: not lowered from 600Mi")
	says(t, r.Reasons, "CPU limit: not lowered from 777m")
	p.Kills, p.Throttled.Limit = p.Kills[1:], 200
	w.Usage = usage(14*day, p)
	equal(t, "all known", shown(sizing.Recommend(w).Resources), "120m/300m 225Mi/375Mi 337MiB")
}

// What somebody has set of a resource is not lowered where nothing was seen of it, as of
// CPU when containers have just begun.
func TestOneUnseen(t *testing.T) {
	t.Parallel()
	p := pod(0, constant(0.1), constant(200), 14*day)
	set := sizing.Resources{CPURequest: 500, CPULimit: 2000, MemoryRequest: 600 * mib, MemoryLimit: 3000 * mib}
	memory := sizing.PodUsage{Pod: p.Pod, Memory: p.Memory}
	r := sizing.Recommend(sizing.Workload{Current: set, Usage: usage(14*day, memory)})
	equal(t, "without CPU", shown(r.Resources), "500m/2 225Mi/250Mi 225MiB")
	says(t, r.Reasons, "CPU request: not lowered from 500m, since nothing was seen of it")
	killed := sizing.PodUsage{Pod: p.Pod, Kills: []sizing.Kill{{Time: end, Limit: 3000 * mib}}}
	r = sizing.Recommend(sizing.Workload{Current: set, Usage: usage(14*day, killed)})
	equal(t, "a kill alone", shown(r.Resources), "500m/2 600Mi/3800Mi 3420MiB")
	r = sizing.Recommend(sizing.Workload{Current: set, Usage: usage(14*day, p)})
	equal(t, "with both", shown(r.Resources), "120m/300m 225Mi/250Mi 225MiB")
}

// A gap is no zero: who sleeps at night is sized by what it uses by day.
func TestGaps(t *testing.T) {
	t.Parallel()
	p := pod(0, constant(0.1), constant(200), 14*day)
	byDay := func(all []sizing.Reading) (kept []sizing.Reading) {
		for _, r := range all {
			if h := time.UnixMilli(r.Time).UTC().Hour(); h >= 9 && h < 17 {
				kept = append(kept, r)
			}
		}
		return kept
	}
	p.CPU, p.Memory = byDay(p.CPU), byDay(p.Memory)
	r := sizing.Recommend(sizing.Workload{Usage: usage(14*day, p)})
	equal(t, "numbers", shown(r.Resources), "120m/300m 225Mi/250Mi 225MiB")
	equal(t, "confidence", r.Confidence, sizing.High)
}

// What is no number decides nothing, and is counted.
func TestNoNumbers(t *testing.T) {
	t.Parallel()
	p := pod(0, constant(0.1), constant(200), 14*day)
	for i, bad := range []float64{math.NaN(), math.Inf(1), math.Inf(-1), -1, 1e300} {
		p.CPU[100+i].Value, p.Memory[200+i].Value = bad, bad
	}
	r := sizing.Recommend(sizing.Workload{Usage: usage(14*day, p)})
	equal(t, "numbers", shown(r.Resources), "120m/300m 225Mi/250Mi 225MiB")
	says(t, r.Reasons, "10 readings were left out: no numbers that a container can use")
	equal(t, "readings", r.Use.CPU.Readings, 4033-5)
}

// Each rollout names the Pods anew; their start takes CPU and memory that are not used again.
func TestRenamedPods(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name  string
		known bool
	}{{"starts known", true}, {"starts shown by the first reading", false}} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			u := usage(14 * day)
			for i := range 14 {
				born := time.Duration(14-i)*day - time.Hour
				p := sizing.PodUsage{
					Pod:    "orders-" + string(rune('a'+i)),
					CPU:    readings(constant(0.1), 1, born, max(0, born-day+step)),
					Memory: readings(constant(200), mib, born, max(0, born-day+step)),
				}
				p.CPU[0].Value, p.Memory[0].Value = 3, 300*mib
				if test.known {
					p.Starts = []time.Time{end.Add(-born - time.Minute)}
				}
				u.Add(p)
			}
			r := sizing.Recommend(sizing.Workload{Usage: u})
			equal(t, "numbers", shown(r.Resources), "120m/300m 225Mi/375Mi 337MiB")
			equal(t, "confidence", r.Confidence, sizing.High)
			equal(t, "Pods", r.Use.Pods, 14)
			says(t, r.Reasons, "up to 3, belong to the first 5 minutes of containers and do not decide")
		})
	}
}

// A restart is a start like the first one.
func TestRestart(t *testing.T) {
	t.Parallel()
	p := pod(0, constant(0.1), constant(200), 14*day)
	again := end.Add(-3 * day).Add(-time.Minute)
	for i := range p.CPU {
		if p.CPU[i].Time == end.Add(-3*day).UnixMilli() {
			p.CPU[i].Value = 4
		}
	}
	u := usage(14*day, p)
	equal(t, "not known to restart", shown(sizing.Recommend(sizing.Workload{Usage: u}).Resources), "120m/6 225Mi/250Mi 225MiB")
	p.Starts = append(p.Starts, again)
	u = usage(14*day, p)
	equal(t, "known to restart", shown(sizing.Recommend(sizing.Workload{Usage: u}).Resources), "120m/300m 225Mi/250Mi 225MiB")
}

// A reading of a week ago counts half of one of today, and one of today does not hide a
// whole week.
func TestRecency(t *testing.T) {
	t.Parallel()
	before := func(age time.Duration) shape {
		return func(at time.Duration) float64 {
			if at > age {
				return 0.5
			}
			return 0.1
		}
	}
	cpu := func(s shape) sizing.CPU {
		return sizing.Recommend(sizing.Workload{Usage: usage(14*day, pod(0, s, constant(100), 14*day))}).Use.CPU.P50
	}
	// By weight the last 4.75 days of 14 are the half.
	equal(t, "the last five days", cpu(before(5*day))/10*10, 100)
	equal(t, "the last four and a half", cpu(before(4*day+day/2)), 500)
}

// Exactly 95 % is enough for the 95th percentile.
func TestPercentile(t *testing.T) {
	t.Parallel()
	all := append(pods(19, constant(0.1), constant(100), 0), pod(19, constant(1), constant(500), 0))
	use := usage(0, all...).Use()
	equal(t, "p95", use.CPU.P95/10*10, 100)
	use = usage(0, append(all, pod(20, constant(1), constant(500), 0))...).Use()
	equal(t, "p95 of one more", use.CPU.P95, 1000)
}

func TestAddInParts(t *testing.T) {
	t.Parallel()
	whole := pods(3, wave(0.05, 0.45), growing(800, 50), 14*day)
	one := sizing.Recommend(sizing.Workload{Usage: usage(14*day, whole...)})
	u := usage(14 * day)
	for _, part := range []func(all []sizing.Reading) []sizing.Reading{
		func(all []sizing.Reading) []sizing.Reading { return all[:1000] },
		func(all []sizing.Reading) []sizing.Reading { return all[1000:] },
	} {
		for i := len(whole) - 1; i >= 0; i-- {
			p := whole[i]
			u.Add(sizing.PodUsage{Pod: p.Pod, Starts: p.Starts, CPU: part(p.CPU)})
			u.Add(sizing.PodUsage{Pod: p.Pod, Memory: part(p.Memory)})
		}
	}
	two := sizing.Recommend(sizing.Workload{Usage: u})
	equal(t, "numbers", two.Resources, one.Resources)
	equal(t, "use", two.Use, one.Use)
	equal(t, "reasons", strings.Join(two.Reasons, "\n"), strings.Join(one.Reasons, "\n"))
	equal(t, "course", slices.Equal(u.Points(), one.Workload.Usage.Points()), true)
}

func TestPoints(t *testing.T) {
	t.Parallel()
	p := pod(0, constant(0.1), constant(200), 14*day)
	p.CPU = p.CPU[:len(p.CPU)/2]
	points := usage(14*day, p, pod(1, constant(0), constant(300), 14*day)).Points()
	equal(t, "how many", len(points), 337)
	equal(t, "first", points[0], sizing.Point{
		Time: end.Add(-14 * day), CPU: 100, CPUSeen: true, Memory: 300 * mib, MemorySeen: true,
	})
	equal(t, "zero is no gap", points[330].CPUSeen, true)
	equal(t, "zero", points[330].CPU, 0)
	gap := usage(14 * day).Points()[5]
	equal(t, "gap", gap.CPUSeen || gap.MemorySeen, false)
}
