// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package sizing_test

import (
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/sizing"
)

func list(pairs ...string) corev1.ResourceList {
	l := corev1.ResourceList{}
	for i := 0; i < len(pairs); i += 2 {
		l[corev1.ResourceName(pairs[i])] = resource.MustParse(pairs[i+1])
	}
	return l
}

// measured wants 120m/300m and 225Mi/250Mi, and needs 100m and 200Mi.
func measured() *sizing.Usage {
	return usage(14*day, pod(0, constant(0.1), constant(200), 14*day))
}

func container(item corev1.LimitRangeItem) []corev1.LimitRangeItem {
	item.Type = corev1.LimitTypeContainer
	return []corev1.LimitRangeItem{item}
}

func TestBounds(t *testing.T) {
	t.Parallel()
	limits := func(item corev1.LimitRangeItem) []sizing.Bound {
		return sizing.LimitRangeBounds("shop/limits", container(item), sizing.Resources{})
	}
	quota := func(hard, used corev1.ResourceList) []sizing.Bound {
		return sizing.NewQuota("shop/team", hard, used).Bounds(2, sizing.Resources{CPURequest: 50})
	}
	for _, test := range []struct {
		name, want, says string
		bounds           []sizing.Bound
	}{
		{
			"headroom is cut", "120m/250m 222Mi/222Mi 199MiB", "memory limit 222Mi, less than it should have: LimitRange shop/limits allows 222Mi",
			limits(corev1.LimitRangeItem{Max: list("cpu", "250m", "memory", "222Mi")}),
		},
		{
			"what was needed is not", "withheld", "the memory limit has to be at least 200Mi, and LimitRange shop/limits leaves 199Mi",
			limits(corev1.LimitRangeItem{Max: list("memory", "199Mi")}),
		},
		{
			"least", "200m/300m 512Mi/512Mi 460MiB", "memory request raised to 512Mi: LimitRange shop/limits allows no less",
			limits(corev1.LimitRangeItem{Min: list("cpu", "200m", "memory", "512Mi")}),
		},
		{
			"least and most", "withheld", "the memory limit has to be at least 512Mi, and LimitRange shop/limits leaves 400Mi",
			limits(corev1.LimitRangeItem{Min: list("memory", "512Mi"), Max: list("memory", "400Mi")}),
		},
		{
			"ratio", "150m/300m 225Mi/250Mi 225MiB", "CPU request raised to 150m: LimitRange shop/limits allows a limit of 2 times the request",
			limits(corev1.LimitRangeItem{MaxLimitRequestRatio: list("cpu", "2", "memory", "1.5")}),
		},
		{
			"the largest node", "100m/300m 225Mi/250Mi 225MiB", "CPU request 100m, less than it should have: the largest node, a, allows 100m",
			sizing.NodeBounds("the largest node, a,", list("cpu", "2", "memory", "8Gi"), sizing.Resources{CPURequest: 1900}),
		},
		{
			"no node", "withheld", "the CPU request has to be at least 100m, and the largest node, a, leaves 0",
			sizing.NodeBounds("the largest node, a,", list("cpu", "2", "memory", "8Gi"), sizing.Resources{CPURequest: 2500}),
		},
		{
			"quota, shared by Pods", "110m/300m 225Mi/250Mi 225MiB", "CPU request 110m, less than it should have: ResourceQuota shop/team, shared by 2 Pods allows 110m",
			quota(list("requests.cpu", "1", "limits.memory", "2Gi"), list("requests.cpu", "880m", "limits.memory", "1Gi")),
		},
		{
			"used up", "withheld", "the CPU request has to be at least 100m, and ResourceQuota shop/team, shared by 2 Pods leaves 50m",
			quota(list("cpu", "1"), list("cpu", "1")),
		},
		{
			"whole Pod", "100m/300m 225Mi/250Mi 225MiB", "LimitRange pods allows 400m",
			append(
				sizing.LimitRangeBounds("pods", []corev1.LimitRangeItem{{Type: corev1.LimitTypePod, Max: list("cpu", "1")}}, sizing.Resources{CPULimit: 600}),
				sizing.Bound{Setting: sizing.CPURequest, Amount: 100, By: "me"},
			),
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			r := sizing.Recommend(sizing.Workload{Pods: 2, Usage: measured(), Bounds: test.bounds})
			got := shown(r.Resources)
			if r.Withheld != "" {
				got = "withheld"
			}
			equal(t, "numbers", got, test.want)
			if test.name != "whole Pod" {
				says(t, append(r.Reasons, r.Withheld), test.says)
			} else if r.Workload.Bounds[0].Amount != 400 {
				t.Errorf("%+v", r.Workload.Bounds)
			}
		})
	}
}

// Where the container was killed at the highest limit that there may be, another one of
// that size is no advice.
func TestKilledAtTheHighestLimit(t *testing.T) {
	t.Parallel()
	p := pod(0, constant(0.1), constant(200), 14*day)
	p.Kills = []sizing.Kill{{Time: end, Limit: 256 * mib}}
	bounds := sizing.LimitRangeBounds("l", container(corev1.LimitRangeItem{Max: list("memory", "256Mi")}), sizing.Resources{})
	r := sizing.Recommend(sizing.Workload{Usage: usage(14*day, p), Bounds: bounds})
	if r.Withheld == "" || !strings.Contains(r.Withheld, "LimitRange l leaves 256Mi") {
		t.Errorf("withheld %q, %s", r.Withheld, shown(r.Resources))
	}
}

func TestQuotaIsTakenFrom(t *testing.T) {
	t.Parallel()
	q := sizing.NewQuota("team", list("requests.cpu", "300m"), nil)
	recommend := func() sizing.Recommendation {
		r := sizing.Recommend(sizing.Workload{Pods: 2, Usage: measured(), Bounds: q.Bounds(2, sizing.Resources{})})
		q.Take(r)
		return r
	}
	equal(t, "the first", recommend().Resources.CPURequest, 120)
	equal(t, "the second", recommend().Withheld, "the CPU request has to be at least 100m, and ResourceQuota team, shared by 2 Pods leaves 30m")
	equal(t, "bounds of no Pods", len(q.Bounds(0, sizing.Resources{})), 0)
}
