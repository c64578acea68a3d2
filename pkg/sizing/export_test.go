// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package sizing

import (
	"fmt"
	"time"
)

// ConstantsInWords are the constants that nobody outside needs, as docs/sizing.md has them.
func ConstantsInWords() []string {
	wants := []string{
		fmt.Sprintf("| CPU request | %dth percentile + %d %% |", CPURequestPercentile/10, cpuRequestHeadroom),
		fmt.Sprintf("| CPU limit | highest reading + %d %%, at least %s |", cpuLimitHeadroom, StartingPoint.CPULimit),
		fmt.Sprintf("| memory request | %dth percentile + %d %% |", MemoryRequestPercentile/10, memoryRequestHeadroom),
		fmt.Sprintf("| memory limit | highest reading + %d %% |", memoryLimitHeadroom),
		fmt.Sprintf("is above that by %d %%, at least by %s", memoryLimitHeadroom, killedHeadroom),
		fmt.Sprintf("the CPU limit is %d %% above it", cpuLimitHeadroom),
		fmt.Sprintf("by its CPU limit in %.0f %% of the periods", 100*ThrottledShare),
		fmt.Sprintf("%.0f %% of them for %.0f minutes on end", 100*ThrottledWhile, ThrottledFor.Minutes()),
		fmt.Sprintf("buckets that grow by %.0f %%", 100*(growth-1)),
		fmt.Sprintf("| medium | %d readings (KRR), of a day from the first to the last,", leastReadings),
		fmt.Sprintf("with readings in %d different hours |", leastHours),
		fmt.Sprintf("| high | a week from the first to the last, with readings in %d different hours", longHours),
		fmt.Sprintf("by %.0f %% of the day before or more", 100*leakRise),
	}
	words := map[int]string{4: "four"}
	wants = append(wants, fmt.Sprintf("on each of the last %s days", words[leakDays]))
	if leastSpan != 24*time.Hour || longSpan != 7*leastSpan || mostCores != 100_000 || mostBytes != 1<<50 {
		wants = append(wants, "a day, a week, 100,000 cores and a PiB are others now")
	}
	for s, unit := range map[Setting]string{CPURequest: "", MemoryRequest: "Mi"} {
		scales := s.scales()
		for i, scale := range scales {
			from := "from there on"
			if i+1 < len(scales) {
				from = "below " + s.Shown(scales[i+1].from)
				if unit != "" {
					from = fmt.Sprintf("below %d%s", scales[i+1].from/mebibyte, unit)
				}
			}
			wants = append(wants, fmt.Sprintf("| %s | %s |", from, s.Shown(scale.step)))
		}
	}
	return wants
}
