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

// Admitted is what the API server makes of the resources that the injector
// gave: a limit without a request becomes the request, then the namespace's
// LimitRanges fill in what is missing (the LimitRanger plug-in runs again after
// webhooks). c itself stays as it is, and shares all else with it.
func Admitted(c *corev1.Container, ranges []snapshot.LimitRange) *corev1.Container {
	admitted := *c
	admitted.Resources = *c.Resources.DeepCopy()
	r := &admitted.Resources
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
	return &admitted
}

// Violations says where the resources of c break the namespace's LimitRanges,
// which makes the server refuse its Pods. Each text starts with the resource's
// name. Of the bounds of a Pod as a whole, those are seen that c breaks by itself.
func Violations(c *corev1.Container, ranges []snapshot.LimitRange) []string {
	var broken []string
	for _, l := range ranges {
		say := func(format string, args ...any) {
			broken = append(broken, fmt.Sprintf(format, args...)+" in LimitRange "+l.Name)
		}
		for _, item := range l.Items {
			switch item.Type {
			case corev1.LimitTypeContainer:
				belowMin(c.Resources, item.Min, say)
				aboveMax(c.Resources, item.Max, say)
				aboveRatio(c.Resources, item.MaxLimitRequestRatio, say)
			case corev1.LimitTypePod:
				abovePodMax(c.Resources, item.Max, say)
			}
		}
	}
	return broken
}

type sayFunc func(format string, args ...any)

func belowMin(r corev1.ResourceRequirements, bounds corev1.ResourceList, say sayFunc) {
	for _, name := range sorted(bounds) {
		least := bounds[name]
		if q, set := r.Requests[name]; !set || q.Cmp(least) < 0 {
			say("%s request %s is below the minimum of %s", name, text(q, set), &least)
		}
		if q, set := r.Limits[name]; set && q.Cmp(least) < 0 {
			say("%s limit %s is below the minimum of %s", name, &q, &least)
		}
	}
}

func aboveMax(r corev1.ResourceRequirements, bounds corev1.ResourceList, say sayFunc) {
	for _, name := range sorted(bounds) {
		most := bounds[name]
		if q, set := r.Limits[name]; !set || q.Cmp(most) > 0 {
			say("%s limit %s is above the maximum of %s", name, text(q, set), &most)
		}
		if q, set := r.Requests[name]; set && q.Cmp(most) > 0 {
			say("%s request %s is above the maximum of %s", name, &q, &most)
		}
	}
}

func aboveRatio(r corev1.ResourceRequirements, bounds corev1.ResourceList, say sayFunc) {
	for _, name := range sorted(bounds) {
		ratio := bounds[name]
		request, limit := r.Requests[name], r.Limits[name]
		switch {
		case request.IsZero() || limit.IsZero():
			say("%s has no request or no limit, of which a ratio is asked", name)
		case limit.AsApproximateFloat64()/request.AsApproximateFloat64() > ratio.AsApproximateFloat64():
			say("%s limit %s is more than %s times the request %s, the most that is allowed", name, &limit, &ratio, &request)
		}
	}
}

// abovePodMax holds one container against the bounds of its whole Pod.
func abovePodMax(r corev1.ResourceRequirements, bounds corev1.ResourceList, say sayFunc) {
	for _, name := range sorted(bounds) {
		most := bounds[name]
		if q, set := r.Limits[name]; set && q.Cmp(most) > 0 {
			say("%s limit %s is above the maximum of %s for the whole Pod", name, &q, &most)
		}
	}
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
