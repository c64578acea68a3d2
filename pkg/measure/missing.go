// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package measure

import (
	"fmt"
	"time"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/usage"
)

// settled is how long a container has to run before its store has to know of it.
const settled = time.Hour

// miss tells the usages what could not be read of them: what came may be the smaller part.
func (g *gathering) miss(answers []usage.Answer) {
	for _, a := range answers {
		if a.Whole() {
			continue
		}
		why := fmt.Sprintf("maybe not all of it was read (%s)", inWords(a.Metric))
		for _, of := range g.of {
			switch {
			case of.Own == nil:
			case a.Metric == usage.CPU || a.Metric == usage.Throttling:
				of.Own.MissCPU(why)
			case a.Metric == usage.Memory || a.Metric == usage.OOMKills:
				of.Own.MissMemory(why)
			}
		}
	}
	g.missPods()
}

// missPods tells the usages of Pods that run and that the store has nothing of, as one of
// several shards has nothing of the Pods of other nodes: they may be the ones that need most.
func (g *gathering) missPods() {
	there, missed := map[int]int{}, map[int]int{}
	for _, p := range g.pods {
		if p.live == nil || p.live.Started.IsZero() || g.span.To.Sub(p.live.Started) < settled {
			continue
		}
		there[p.workload]++
		if !p.measured {
			missed[p.workload]++
		}
	}
	for workload, n := range missed {
		if of := g.of[g.workloads[workload].Object]; of != nil && of.Own != nil {
			why := fmt.Sprintf("%d of the %d Pods that run are not in it", n, there[workload])
			of.Own.MissCPU(why)
			of.Own.MissMemory(why)
		}
	}
}
