// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package measure

import (
	"time"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/sizing"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/usage"
)

// gathering turns series into the usage of workloads, as they are read.
type gathering struct {
	span      sizing.Span
	workloads []Workload
	owners    *usage.Owners
	byOwner   map[usage.Workload]int
	pods      map[podName]*pod
	// strangers are the Pods that belong to no workload that was asked about.
	strangers map[podName]bool
	of        map[snapshot.Object]*Usage
	readings  []sizing.Reading
	// first and last are the times of the readings of CPU and memory.
	first, last time.Time
}

type podName struct{ namespace, name string }

// pod is what is known of one Pod.
type pod struct {
	workload int
	// live is nil for one that is gone.
	live *Pod
	// restarts and kills are in the order of time; kills are pieces of time in which
	// the store says that the container was killed for want of memory, or last ended so.
	restarts []time.Time
	counted  float64
	kills    []piece
	held     heldBack
	// measured tells that there is a reading of the container that is sized.
	measured bool
	// begun are the containers of which readings of CPU have come.
	begun map[string]bool
}

type piece struct{ from, to time.Time }

func newGathering(workloads []Workload, span sizing.Span) *gathering {
	g := &gathering{
		span: span, workloads: workloads, byOwner: map[usage.Workload]int{},
		pods: map[podName]*pod{}, strangers: map[podName]bool{}, of: map[snapshot.Object]*Usage{},
	}
	var all []usage.Workload
	for i := range workloads {
		w := &workloads[i]
		owner := usage.Workload{Namespace: w.Object.Namespace, Kind: w.Object.Kind, Name: w.Object.Name}
		all = append(all, owner)
		g.byOwner[owner] = i
		for j := range w.Pods {
			g.pods[podName{w.Object.Namespace, w.Pods[j].Name}] = &pod{workload: i, live: &w.Pods[j]}
		}
	}
	g.owners = usage.NewOwners(all)
	return g
}

// pod is that of a name; nil where it is nobody's.
func (g *gathering) pod(name podName) *pod {
	if p := g.pods[name]; p != nil || g.strangers[name] {
		return p
	}
	if owner, known := g.owners.Of(name.namespace, name.name); known {
		p := &pod{workload: g.byOwner[owner]}
		g.pods[name] = p
		return p
	}
	g.strangers[name] = true
	return nil
}

// usageOf is that of a workload, which begins with its first reading.
func (g *gathering) usageOf(workload int) *Usage {
	o := g.workloads[workload].Object
	if g.of[o] == nil {
		g.of[o] = &Usage{}
	}
	return g.of[o]
}

// ownOf is the usage of the container that is sized.
func (g *gathering) ownOf(workload int) *sizing.Usage {
	u := g.usageOf(workload)
	if u.Own == nil {
		u.Own = sizing.NewUsage(g.span)
	}
	return u.Own
}

// own takes a series of a container that is sized.
func (g *gathering) own(s usage.Series) error {
	p := g.pod(podName{s.Namespace, s.Pod})
	if p == nil || s.Container != g.workloads[p.workload].Container {
		return nil
	}
	switch s.Metric {
	case usage.CPU, usage.Memory:
		p.measured = true
		g.add(g.ownOf(p.workload), s, p.starts(s, g.span, true))
	case usage.Restarts:
		p.restarted(s.Samples, g.span)
	case usage.OOMKills:
		p.killed(s.Samples, 2*g.span.Step)
	case usage.Heap:
		of := g.usageOf(p.workload)
		for _, sample := range s.Samples {
			of.Heap = max(of.Heap, sizing.Memory(sample.Value))
		}
	case usage.Throttling:
		p.held.add(s.Samples, g.span.Step)
	}
	return nil
}

// beside takes a series of another container of the same Pods.
func (g *gathering) beside(s usage.Series) error {
	p := g.pod(podName{s.Namespace, s.Pod})
	if p == nil {
		return nil
	}
	of := g.usageOf(p.workload)
	if of.Beside == nil {
		of.Beside = map[string]*sizing.Usage{}
	}
	if of.Beside[s.Container] == nil {
		of.Beside[s.Container] = sizing.NewUsage(g.span)
	}
	g.add(of.Beside[s.Container], s, p.starts(s, g.span, false))
	return nil
}

// add hands readings on.
func (g *gathering) add(to *sizing.Usage, s usage.Series, starts []time.Time) {
	g.readings = g.readings[:0]
	for _, sample := range s.Samples {
		g.readings = append(g.readings, sizing.At(sample.At, sample.Value))
	}
	part := sizing.PodUsage{Pod: s.Pod, Starts: starts}
	if s.Metric == usage.CPU {
		part.CPU = g.readings
	} else {
		part.Memory = g.readings
	}
	to.Add(part)
	if n := len(s.Samples); n > 0 {
		if at := s.Samples[0].At; g.first.IsZero() || at.Before(g.first) {
			g.first = at
		}
		if at := s.Samples[n-1].At; at.After(g.last) {
			g.last = at
		}
	}
}

// end adds what is known of Pods once all series have come.
func (g *gathering) end() {
	for name, p := range g.pods {
		part := sizing.PodUsage{Pod: name.name, Kills: p.allKills(2 * g.span.Step)}
		if p.held.readings > 0 {
			part.Throttled = &sizing.Throttling{Share: p.held.share(), Lasting: p.held.lasting}
			if p.live != nil {
				part.Throttled.Limit = p.live.Limits.CPULimit
			}
		}
		if part.Kills != nil || part.Throttled != nil {
			g.ownOf(p.workload).Add(part)
		}
	}
}
