// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package sizing_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/sizing"
)

// world is a workload as it may be, and the cluster around it.
type world struct {
	span    sizing.Span
	pods    []sizing.PodUsage
	current sizing.Resources
	count   int32
	ranges  []corev1.LimitRangeItem
	node    corev1.ResourceList
	// quota is what is left of one, beyond current; nil if there is none.
	quota corev1.ResourceList
}

// randomWorld is one of many.
func randomWorld(r *rand.Rand) world {
	history := []time.Duration{0, time.Hour, 30 * time.Hour, 3 * day, 8 * day, 14 * day}[r.IntN(6)]
	w := world{span: sizing.Span{From: end.Add(-history), To: end, Step: 30 * time.Minute}, count: int32(r.IntN(6))}
	for i := range 1 + r.IntN(5) {
		w.pods = append(w.pods, randomPod(r, w.span, fmt.Sprintf("orders-%d", i)))
	}
	if r.IntN(2) == 0 {
		w.current = sizing.Resources{
			CPURequest: sizing.CPU(r.IntN(500)), CPULimit: sizing.CPU(500 + r.IntN(500)),
			MemoryRequest: sizing.Memory(r.IntN(500) * mib), MemoryLimit: sizing.Memory((500 + r.IntN(900)) * mib),
		}
	}
	if r.IntN(3) == 0 {
		item := corev1.LimitRangeItem{Type: corev1.LimitTypeContainer, Max: amounts(r, 300, 3000), Min: amounts(r, 1, 300)}
		if r.IntN(2) == 0 {
			ratio := *resource.NewMilliQuantity(1000+r.Int64N(5000), resource.DecimalSI)
			item.MaxLimitRequestRatio = corev1.ResourceList{corev1.ResourceCPU: ratio, corev1.ResourceMemory: ratio}
		}
		w.ranges = append(w.ranges, item)
	}
	if r.IntN(3) == 0 {
		w.node = amounts(r, 100, 4000)
	}
	if r.IntN(3) == 0 {
		w.quota = corev1.ResourceList{
			corev1.ResourceRequestsCPU: amount(r, 0, 3000, false), corev1.ResourceLimitsMemory: amount(r, 0, 3000, true),
		}
	}
	return w
}

func amounts(r *rand.Rand, from, to int64) corev1.ResourceList {
	return corev1.ResourceList{corev1.ResourceCPU: amount(r, from, to, false), corev1.ResourceMemory: amount(r, from, to, true)}
}

// amount is so many thousandths of a core, or MiB.
func amount(r *rand.Rand, from, to int64, memory bool) resource.Quantity {
	n := from + r.Int64N(to-from)
	if memory {
		return *resource.NewQuantity(n*mib+r.Int64N(mib), resource.BinarySI)
	}
	return *resource.NewMilliQuantity(n, resource.DecimalSI)
}

func randomPod(r *rand.Rand, span sizing.Span, name string) sizing.PodUsage {
	p := sizing.PodUsage{Pod: name}
	cpu, memory := math.Exp(r.NormFloat64())/10, 50*mib*math.Exp(r.NormFloat64())
	if r.IntN(2) == 0 {
		for range 1 + r.IntN(3) {
			p.Starts = append(p.Starts, span.From.Add(time.Duration(r.Int64N(int64(15*day)))-day))
		}
	}
	for at := span.From; !at.After(span.To); at = at.Add(span.Step) {
		if r.IntN(10) == 0 {
			continue
		}
		p.CPU = append(p.CPU, sizing.At(at, cpu*math.Exp(r.NormFloat64()/2)))
		p.Memory = append(p.Memory, sizing.At(at, memory*math.Exp(r.NormFloat64()/4)))
		if r.IntN(50) == 0 {
			p.CPU[len(p.CPU)-1].Value, p.Memory[len(p.Memory)-1].Value = math.NaN(), math.Inf(1)
		}
	}
	if r.IntN(6) == 0 {
		p.Kills = append(p.Kills, sizing.Kill{Time: span.To, Limit: sizing.Memory(max(0, r.IntN(800)-200) * mib)})
	}
	if r.IntN(6) == 0 {
		p.Throttled = &sizing.Throttling{Share: r.Float64() / 4, Limit: sizing.CPU(max(0, r.IntN(1300)-300))}
	}
	return p
}

// more is the same world with more usage: no reading is lower, and nothing that went
// wrong did not.
func (w world) more(r *rand.Rand) world {
	raise := func(all []sizing.Reading) []sizing.Reading {
		all = slices.Clone(all)
		for i := range all {
			if r.IntN(3) == 0 {
				all[i].Value *= 1 + r.Float64()*r.Float64()
			}
		}
		return all
	}
	w.pods = slices.Clone(w.pods)
	for i := range w.pods {
		p := &w.pods[i]
		p.CPU, p.Memory = raise(p.CPU), raise(p.Memory)
		if r.IntN(10) == 0 {
			p.Kills = append(slices.Clone(p.Kills), sizing.Kill{Time: w.span.To, Limit: sizing.Memory(r.IntN(600) * mib)})
		}
		if r.IntN(10) == 0 && p.Throttled == nil {
			p.Throttled = &sizing.Throttling{Share: 0.2, Limit: sizing.CPU(r.IntN(1000))}
		}
	}
	return w
}

// workload is the world as it is given to the recommendation.
func (w world) workload() sizing.Workload {
	u := sizing.NewUsage(w.span)
	for _, p := range w.pods {
		u.Add(p)
	}
	bounds := sizing.LimitRangeBounds("limits", w.ranges, sizing.Resources{})
	if w.node != nil {
		bounds = append(bounds, sizing.NodeBounds("the largest node", w.node, sizing.Resources{CPURequest: 50})...)
	}
	if w.quota != nil {
		quota := sizing.NewQuota("team", w.quota, nil)
		bounds = append(bounds, quota.Bounds(int(w.count), w.current)...)
	}
	return sizing.Workload{Pods: w.count, Current: w.current, Usage: u, Bounds: bounds}
}

// carriedOut is the world after the recommendation was.
func (w world) carriedOut(r sizing.Recommendation) world {
	if w.quota != nil {
		left := corev1.ResourceList{}
		for name, q := range w.quota {
			left[name] = q.DeepCopy()
		}
		take := func(name corev1.ResourceName, milli int64) {
			q := left[name]
			q.Sub(*resource.NewMilliQuantity(milli*int64(w.count), resource.DecimalSI))
			left[name] = q
		}
		take(corev1.ResourceRequestsCPU, int64(r.Resources.CPURequest-w.current.CPURequest))
		take(corev1.ResourceLimitsMemory, int64(r.Resources.MemoryLimit-w.current.MemoryLimit)*1000)
		w.quota = left
	}
	w.current = r.Resources
	return w
}
