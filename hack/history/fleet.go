// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"iter"
	"time"
)

// fleet are the sidecars of many StatefulSets, whose Pods keep their names, in
// namespaces of a hundred each: fleet-0/app-0 and so on, as hack/bench-sizing.sh makes them.
func fleet(workloads, pods int, end time.Time) iter.Seq[container] {
	kinds := []shape{
		constant(0.02, 45*mib), wave(0.18, 140*mib), spiky(0.4, 70*mib),
		throttled(0.3, 90*mib), leak(0.03, 80*mib, 5*mib), killed(0.05, 300*mib),
	}
	return func(yield func(container) bool) {
		for w := range workloads {
			for p := range pods {
				c := container{namespace: fmt.Sprintf("fleet-%d", w/100), pod: fmt.Sprintf("app-%d-%d", w, p), from: end.Add(-long), to: end}
				if !yield(c.dapr(kinds[w%len(kinds)])) {
					return
				}
			}
		}
	}
}
