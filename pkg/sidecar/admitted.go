// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package sidecar

import (
	"fmt"
	"maps"
	"slices"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// admitted is what the API server makes of the resources that the injector
// gave: a limit without a request becomes the request, then the namespace's
// LimitRanges fill in what is missing (the LimitRanger plug-in runs again after
// webhooks). c itself stays as it is.
func admitted(c *corev1.Container, ranges []snapshot.LimitRange) *corev1.Container {
	c = c.DeepCopy()
	r := &c.Resources
	fill := func(into *corev1.ResourceList, from corev1.ResourceList) {
		for name, quantity := range from {
			if _, set := (*into)[name]; set {
				continue
			}
			if *into == nil {
				*into = corev1.ResourceList{}
			}
			(*into)[name] = quantity
		}
	}
	fill(&r.Requests, r.Limits)
	for _, item := range containerItems(ranges) {
		fill(&r.Limits, item.Default)
		fill(&r.Requests, item.DefaultRequest)
	}
	return c
}

// Violations says where the resources of c break the namespace's LimitRanges,
// which makes the server refuse its Pods. Each text starts with the resource's name.
func Violations(c *corev1.Container, ranges []snapshot.LimitRange) []string {
	var broken []string
	say := func(format string, args ...any) { broken = append(broken, fmt.Sprintf(format, args...)) }
	for _, l := range ranges {
		for _, item := range containerItems([]snapshot.LimitRange{l}) {
			for _, name := range sorted(item.Min) {
				least := item.Min[name]
				if q, set := c.Resources.Requests[name]; !set || q.Cmp(least) < 0 {
					say("%s request %s is below the minimum of %s in LimitRange %s", name, text(q, set), &least, l.Name)
				}
				if q, set := c.Resources.Limits[name]; set && q.Cmp(least) < 0 {
					say("%s limit %s is below the minimum of %s in LimitRange %s", name, &q, &least, l.Name)
				}
			}
			for _, name := range sorted(item.Max) {
				most := item.Max[name]
				if q, set := c.Resources.Limits[name]; !set || q.Cmp(most) > 0 {
					say("%s limit %s is above the maximum of %s in LimitRange %s", name, text(q, set), &most, l.Name)
				}
				if q, set := c.Resources.Requests[name]; set && q.Cmp(most) > 0 {
					say("%s request %s is above the maximum of %s in LimitRange %s", name, &q, &most, l.Name)
				}
			}
			for _, name := range sorted(item.MaxLimitRequestRatio) {
				ratio := item.MaxLimitRequestRatio[name]
				request, limit := c.Resources.Requests[name], c.Resources.Limits[name]
				switch {
				case request.IsZero() || limit.IsZero():
					say("%s has no request or no limit, and LimitRange %s holds the one against the other", name, l.Name)
				case limit.AsApproximateFloat64()/request.AsApproximateFloat64() > ratio.AsApproximateFloat64():
					say("%s limit %s is more than %s times the request %s, the most that LimitRange %s allows", name, &limit, &ratio, &request, l.Name)
				}
			}
		}
	}
	return broken
}

func text(q resource.Quantity, set bool) string {
	if !set {
		return "(none)"
	}
	return q.String()
}

func sorted(list corev1.ResourceList) []corev1.ResourceName {
	return slices.Sorted(maps.Keys(list))
}

func containerItems(ranges []snapshot.LimitRange) []corev1.LimitRangeItem {
	var items []corev1.LimitRangeItem
	for _, l := range ranges {
		for _, item := range l.Items {
			if item.Type == corev1.LimitTypeContainer {
				items = append(items, item)
			}
		}
	}
	return items
}
