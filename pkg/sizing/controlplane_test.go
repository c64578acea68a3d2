// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package sizing_test

import (
	"testing"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/dapr"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/sizing"
)

func TestControlPlane(t *testing.T) {
	t.Parallel()
	small := func() *sizing.Usage { return usage(14*day, pod(0, constant(0.01), constant(20), 14*day)) }
	large := func() *sizing.Usage {
		p := pod(0, constant(0.9), constant(400), 14*day)
		p.Kills = []sizing.Kill{{Time: end, Limit: 420 * mib}}
		return usage(14*day, p)
	}
	for _, test := range []struct {
		service string
		edition guideline.Edition
		usage   *sizing.Usage
		want    string
		ours    bool
		says    string
	}{
		{dapr.Operator, guideline.Newer, nil, "100m/1 100Mi/0 ", false, "CPU: the guidelines' numbers"},
		{dapr.Operator, guideline.Older, nil, "100m/1 100Mi/200Mi ", false, ""},
		{dapr.Placement, guideline.Older, small(), "250m/1 75Mi/150Mi ", false, ""},
		{dapr.Sentry, guideline.Newer, large(), "1100m/1400m 450Mi/0 ", false, "at a limit of up to 420Mi: no limit is recommended here"},
		{dapr.Sentry, guideline.Older, large(), "1100m/1400m 450Mi/550Mi ", false, "memory: the guidelines' numbers, raised to what was seen"},
		{dapr.Scheduler, guideline.Newer, small(), "250m/0 256Mi/0 ", true, "this tool's own numbers, for want of some in the guidelines"},
		{dapr.Dashboard, guideline.Older, nil, "50m/200m 20Mi/200Mi ", false, ""},
	} {
		t.Run(test.service+", "+string(test.edition), func(t *testing.T) {
			t.Parallel()
			r, ok := sizing.RecommendControlPlane(test.service, test.edition, sizing.Workload{Pods: 1, Usage: test.usage})
			equal(t, "known", ok, true)
			equal(t, "numbers", shown(r.Resources), test.want)
			equal(t, "ours", r.Ours, test.ours)
			says(t, r.Reasons, test.says)
			for _, reason := range r.Reasons {
				if len(reason) > 10 && reason[:10] == "GOMEMLIMIT" {
					t.Errorf("nobody asked: %s", reason)
				}
			}
		})
	}
	_, ok := sizing.RecommendControlPlane(dapr.Dashboard, guideline.Newer, sizing.Workload{})
	equal(t, "the newer edition has no dashboard", ok, false)
	_, ok = sizing.RecommendControlPlane("redis", guideline.Older, sizing.Workload{})
	equal(t, "no part of Dapr", ok, false)
}
