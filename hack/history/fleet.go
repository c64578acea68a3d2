// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"iter"
	"time"
)

// fleet are the sidecars of many Deployments, in namespaces of a hundred each:
// fleet-0/app-0 and so on. Their Pods have names that a cluster would give.
func fleet(workloads, pods int, end time.Time) iter.Seq[container] {
	kinds := []shape{
		constant(0.02, 45*mib), wave(0.18, 140*mib), spiky(0.4, 70*mib),
		throttled(0.3, 90*mib), leak(0.03, 80*mib, 5*mib), killed(0.05, 300*mib),
	}
	return func(yield func(container) bool) {
		for w := range workloads {
			for p := range pods {
				c := container{
					namespace: fmt.Sprintf("fleet-%d", w/100), pod: fmt.Sprintf("app-%d-%s-%s", w, letters(w, 9, "456789bcdf"), letters(w*pods+p, 5, "bcdfghjklmnpqrstvwxz2456789")),
					from: end.Add(-long), to: end,
				}
				if !yield(c.dapr(kinds[w%len(kinds)])) {
					return
				}
			}
		}
	}
}

// letters is a number written with these letters.
func letters(number, length int, of string) string {
	text := make([]byte, length)
	for i := range text {
		text[length-1-i] = of[number%len(of)]
		number /= len(of)
	}
	return string(text)
}
