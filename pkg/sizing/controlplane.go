// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package sizing

import (
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/dapr"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
)

// controlPlane are the numbers of the page's table, by service, with the memory limits
// of its older edition. The scheduler came after both: its requests are this tool's own,
// and there is no limit.
var controlPlane = map[string]Resources{
	dapr.Operator:  {CPURequest: 100, CPULimit: 1000, MemoryRequest: 100 * mebibyte, MemoryLimit: 200 * mebibyte},
	dapr.Injector:  {CPURequest: 100, CPULimit: 1000, MemoryRequest: 30 * mebibyte, MemoryLimit: 200 * mebibyte},
	dapr.Sentry:    {CPURequest: 100, CPULimit: 1000, MemoryRequest: 30 * mebibyte, MemoryLimit: 200 * mebibyte},
	dapr.Placement: {CPURequest: 250, CPULimit: 1000, MemoryRequest: 75 * mebibyte, MemoryLimit: 150 * mebibyte},
	dapr.Dashboard: {CPURequest: 50, CPULimit: 200, MemoryRequest: 20 * mebibyte, MemoryLimit: 200 * mebibyte},
	dapr.Scheduler: {CPURequest: 250, MemoryRequest: 256 * mebibyte},
}

// ControlPlane are the numbers that an edition of the page has for a service of the
// control plane; for the scheduler this tool's own, which ours tells. Services that the
// edition does not know have none.
func ControlPlane(service string, edition guideline.Edition) (start Resources, ours, known bool) {
	start, known = controlPlane[service]
	if service == dapr.Dashboard && edition != guideline.Older {
		return Resources{}, false, false
	}
	if edition != guideline.Older {
		start.MemoryLimit = 0
	}
	return start, service == dapr.Scheduler, known
}

// RecommendControlPlane says what a service of the control plane should get: the page's
// numbers, raised to what was seen, and no limit where there is no number for
// one. ok is false where there are no numbers.
func RecommendControlPlane(service string, edition guideline.Edition, w Workload) (r Recommendation, ok bool) {
	start, ours, known := ControlPlane(service, edition)
	if !known {
		return Recommendation{}, false
	}
	// The guidelines say nothing of GOMEMLIMIT here.
	p := policy{start: start, startOf: "the guidelines' numbers", always: true}
	if ours {
		p.startOf = "this tool's own numbers, for want of some in the guidelines"
	}
	r = recommend(w, p)
	r.Ours = ours
	return r, true
}
