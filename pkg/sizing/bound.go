// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package sizing

import (
	"fmt"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
)

// Bound is what the cluster allows of one setting.
type Bound struct {
	Setting Setting
	Kind    BoundKind
	// Amount is in thousandths of a core or bytes; of a Ratio, in thousandths.
	Amount int64
	// By is who says so, in words: "LimitRange shop/limits".
	By string
}

// BoundKind is whether a setting may be no more, or no less.
type BoundKind int

// The kinds of a Bound. A Ratio is on the limit of a request, which Setting names: the
// limit is at most so many times the request.
const (
	AtMost BoundKind = iota
	AtLeast
	Ratio
)

// amountOf is a quantity in the unit of a setting.
func amountOf(s Setting, q resource.Quantity) int64 {
	if s == CPURequest || s == CPULimit {
		return q.MilliValue()
	}
	return q.Value()
}

// pairs are the settings of each resource.
var pairs = []struct {
	resource       corev1.ResourceName
	request, limit Setting
}{
	{corev1.ResourceCPU, CPURequest, CPULimit},
	{corev1.ResourceMemory, MemoryRequest, MemoryLimit},
}

// LimitRangeBounds are what the items of a LimitRange allow a sidecar. Of the bounds for
// a whole Pod only what the sidecar would break by itself, beside the other containers
// of its Pod.
func LimitRangeBounds(name string, items []corev1.LimitRangeItem, others Resources) []Bound {
	var bounds []Bound
	by := "LimitRange " + name
	for _, item := range items {
		whole := item.Type == corev1.LimitTypePod
		if !whole && item.Type != corev1.LimitTypeContainer {
			continue
		}
		for _, pair := range pairs {
			if q, ok := item.Max[pair.resource]; ok {
				most := amountOf(pair.limit, q)
				if whole {
					most = max(0, most-others.Of(pair.limit))
				}
				bounds = append(bounds, Bound{pair.limit, AtMost, most, by})
			}
			if q, ok := item.Min[pair.resource]; ok {
				least := amountOf(pair.request, q)
				if whole {
					least -= others.Of(pair.request)
				}
				bounds = append(bounds, Bound{pair.request, AtLeast, least, by})
			}
			if q, ok := item.MaxLimitRequestRatio[pair.resource]; ok && !whole {
				bounds = append(bounds, Bound{pair.request, Ratio, q.MilliValue(), by})
			}
		}
	}
	return bounds
}

// NodeBounds are what a node has room for, in words "the largest node, a": what it can
// allocate, without what the other containers of the Pod request.
func NodeBounds(name string, allocatable corev1.ResourceList, others Resources) []Bound {
	var bounds []Bound
	for _, pair := range pairs {
		if q, ok := allocatable[pair.resource]; ok {
			most := max(0, amountOf(pair.request, q)-others.Of(pair.request))
			bounds = append(bounds, Bound{pair.request, AtMost, most, name})
		}
	}
	return bounds
}

// Quota is what a ResourceQuota has left. Workloads take from it one after another.
type Quota struct {
	name string
	left map[Setting]int64
}

// quotaNames are the names by which quotas know the settings.
var quotaNames = [settings][]corev1.ResourceName{
	CPURequest:    {corev1.ResourceRequestsCPU, corev1.ResourceCPU},
	CPULimit:      {corev1.ResourceLimitsCPU},
	MemoryRequest: {corev1.ResourceRequestsMemory, corev1.ResourceMemory},
	MemoryLimit:   {corev1.ResourceLimitsMemory},
}

// NewQuota reads a quota's status.
func NewQuota(name string, hard, used corev1.ResourceList) *Quota {
	q := &Quota{name: name, left: map[Setting]int64{}}
	for s := range settings {
		for _, name := range quotaNames[s] {
			most, ok := hard[name]
			if !ok {
				continue
			}
			left := max(0, amountOf(s, most)-amountOf(s, used[name]))
			if before, again := q.left[s]; !again || left < before {
				q.left[s] = left
			}
		}
	}
	return q
}

// Bounds are what the quota has left for each of a workload's Pods, beside what their
// sidecars have now. Where no Pod is wanted there is none.
func (q *Quota) Bounds(pods int, current Resources) []Bound {
	var bounds []Bound
	for s := range settings {
		if left, ok := q.left[s]; ok && pods > 0 {
			by := fmt.Sprintf("ResourceQuota %s, shared by %s", q.name, count(pods, "Pod"))
			bounds = append(bounds, Bound{s, AtMost, current.Of(s) + left/int64(pods), by})
		}
	}
	return bounds
}

// Take takes what a recommendation adds from what is left. What one gives back is not
// there for the next: it comes only when that is applied.
func (q *Quota) Take(r Recommendation) {
	for s := range settings {
		if left, ok := q.left[s]; ok && r.Withheld == "" {
			q.left[s] = max(0, left-max(0, r.Resources.Of(s)-r.Workload.Current.Of(s))*int64(r.Workload.Pods))
		}
	}
}
