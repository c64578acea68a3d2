// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package report_test

import (
	"fmt"
	"math"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/report"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/sizing"
)

const mebibyte = 1 << 20

var measuredTo = time.Date(2026, 3, 29, 12, 0, 0, 0, time.UTC)

// course is what one Pod used, every so often, up to measuredTo: nothing where used tells so.
func course(length, step time.Duration, used func(hour float64) (cores, mib float64, seen bool)) *sizing.Usage {
	u := sizing.NewUsage(sizing.Span{From: measuredTo.Add(-length), To: measuredTo, Step: step})
	p := sizing.PodUsage{Pod: "a"}
	for at := measuredTo.Add(-length); !at.After(measuredTo); at = at.Add(step) {
		if cores, mib, seen := used(at.Sub(measuredTo.Add(-length)).Hours()); seen {
			p.CPU = append(p.CPU, sizing.At(at, cores))
			p.Memory = append(p.Memory, sizing.At(at, mib*mebibyte))
		}
	}
	u.Add(p)
	return u
}

// busy are the workloads of sized, and some with a course: a daily wave with a gap and
// limits far above it, a leak that ends in kills, what is right already, some minutes.
func busy() *report.Sizing {
	s := sized()
	s.Warnings = nil
	add := func(name string, pods int32, now sizing.Resources, u *sizing.Usage, notes ...string) {
		w := s.Rows[0].Workload
		w.Object.Name, w.Pods, w.Current, w.Usage = name, pods, now, u
		s.Rows = append(s.Rows, report.SizingRow{Recommendation: sizing.Recommend(w), Notes: notes})
	}
	wave := func(h float64) (float64, float64, bool) {
		day := math.Max(0, math.Sin((h-8)/24*2*math.Pi))
		return 0.02 + 0.15*day, 140 + 60*day, h < 120 || h > 150
	}
	add("checkout", 4, sizing.Resources{CPURequest: 200, CPULimit: 4000, MemoryRequest: 128 * mebibyte, MemoryLimit: 2048 * mebibyte},
		course(14*24*time.Hour, time.Hour, wave), "the app's own container requests 4 cores and uses 200m")
	leak := course(6*24*time.Hour, 30*time.Minute, func(h float64) (float64, float64, bool) { return 0.05, 90 + 1.1*math.Mod(h, 100), true })
	leak.Add(sizing.PodUsage{Pod: "a", Kills: []sizing.Kill{{Time: measuredTo.Add(-time.Hour), Limit: 200 * mebibyte}}})
	add("leaky", 2, sizing.Resources{CPURequest: 60, CPULimit: 300, MemoryRequest: 200 * mebibyte, MemoryLimit: 200 * mebibyte, SoftLimit: 180 * mebibyte}, leak)
	add("fits", 1, sizing.Resources{CPURequest: 60, CPULimit: 300, MemoryRequest: 120 * mebibyte, MemoryLimit: 150 * mebibyte, SoftLimit: 135 * mebibyte},
		course(8*24*time.Hour, time.Hour, func(float64) (float64, float64, bool) { return 0.05, 110, true }))
	add("sampled", 1, sizing.Resources{}, course(5*time.Minute, 15*time.Second, func(h float64) (float64, float64, bool) {
		return 0.01 + h/4, 60 + 10*math.Sin(h*200), true
	}))
	return s
}

func sizingPage(t *testing.T, s *report.Sizing) string {
	t.Helper()
	var b strings.Builder
	if err := report.SizingHTML(&b, s); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestSizingPage(t *testing.T) {
	first := sizingPage(t, busy())
	compare(t, "sizing.html", first)
	if sizingPage(t, busy()) != first {
		t.Error("not the same again")
	}
}

func TestSizingPageOfNothing(t *testing.T) {
	page := sizingPage(t, &report.Sizing{Source: "the guidelines"})
	if !strings.Contains(page, "<p>the guidelines</p>") || strings.Contains(page, "<table") || strings.Contains(page, "<script") {
		t.Errorf("got\n%s", page)
	}
}

// TestPlot holds the lines of plots against numbers that can be worked out by hand: the
// plot is 910 by 406, from (100, 430) up, and its top is 5 % above the highest line.
func TestPlot(t *testing.T) {
	s := sized()
	w := s.Rows[0].Workload
	w.Current = sizing.Resources{CPURequest: 50, CPULimit: 1000}
	w.Usage = course(3*time.Hour, time.Hour, func(h float64) (float64, float64, bool) {
		return 0.05 + h/10, 100, h != 1
	})
	s.Rows = []report.SizingRow{{Recommendation: sizing.Recommend(w)}}
	page := sizingPage(t, s)
	// The first hour is a start: 250m and 350m are seen; recommended is a limit of 550m.
	limit := int64(s.Rows[0].Resources.CPULimit)
	if limit != 550 {
		t.Fatalf("the limit is %dm", limit)
	}
	top := 1000 + 50
	y := func(m int) int { return 430 - int(math.Round(float64(m)/float64(top)*406)) }
	for _, want := range []string{
		fmt.Sprintf(`class="limit now" d="M100 %dH1010"`, y(1000)),
		fmt.Sprintf(`class="limit then" d="M100 %dH1010"`, y(550)),
		fmt.Sprintf(`class="request now" d="M100 %dH1010"`, y(50)),
		fmt.Sprintf(`<path class="use" d="M100 %dh228M555 %dh228v%dh227"/>`, y(50), y(250), y(350)-y(250)),
	} {
		if !strings.Contains(page, want) {
			t.Errorf("no %s in\n%s", want, page)
		}
	}
}

// TestPlotTexts: the texts beside a plot do not cover each other, and are all in it.
func TestPlotTexts(t *testing.T) {
	page := sizingPage(t, busy())
	texts := regexp.MustCompile(`<text class="\w+" x="1040" y="(\d+)"`)
	plots := strings.Split(page, "<figure>")[1:]
	if len(plots) != 16 {
		t.Fatalf("%d plots", len(plots))
	}
	for _, one := range plots {
		last := -26
		for _, m := range texts.FindAllStringSubmatch(one, -1) {
			var y int
			if _, err := fmt.Sscan(m[1], &y); err != nil {
				t.Fatal(err)
			}
			if y < last+26 || y > 430 {
				t.Errorf("a text at %d below one at %d:\n%s", y, last, one)
			}
			last = y
		}
	}
	if !strings.Contains(page, "↑ limit 4 now") {
		t.Error("a limit far above the rest is not named")
	}
}
