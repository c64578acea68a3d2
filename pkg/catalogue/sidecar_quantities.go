// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package catalogue

import (
	"strings"

	"github.com/dapr/dapr/pkg/injector/annotations"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/secret"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/sidecar"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// leastMemory is the least that a daprd is taken to start with; less is a slip
// of the pen (ours).
const leastMemory = 32 * mebibyte

// leastMemoryRequest is less than any daprd uses (ours).
const leastMemoryRequest = 16 * mebibyte

var sidecarQuantities = &guideline.Guideline{
	ID:       "sidecar-quantities",
	Title:    "the sidecar's resource settings are quantities that agree",
	Severity: guideline.Error,
	Origin:   guideline.Page,
	Section:  "Sidecar resource settings",
	Docs:     page + "#sidecar-resource-settings",
	Why: "One value that does not parse makes Dapr's injector drop all four settings, with a line in its own log and no word to you. " +
		"A request above its limit, or a value outside the namespace's LimitRange, makes the server refuse the Pods.",
	Judged: "The four annotations with Kubernetes' own parser, the request of each against its limit, memory that is given in thousandths of a byte " +
		"or is too small to start with, zero, which is none, and what results against the namespace's LimitRange (of its bounds for a whole Pod, what the sidecar breaks by itself).",
	Fix:   "write a Kubernetes quantity, such as 300m or 1000Mi, with the request not above the limit",
	Traps: "1000MB is no quantity and 300m of memory is less than a byte. Exotic forms such as 1e3 or 0.25 are fine: Kubernetes' own parser decides.",
	Reads: readsSidecars(snapshot.Read{Resource: snapshot.LimitRanges, Place: snapshot.InApps}),
	App:   judgeSidecarQuantities,
}

func judgeSidecarQuantities(app *guideline.App) []guideline.Result {
	set, field := annotated(app)
	switch {
	case app.Sidecar.Simulation.State == sidecar.Manual:
		return []guideline.Result{guideline.Skip("the Pod template has a daprd of its own: Dapr's injector does not look at the annotations")}
	case !asksForSidecar(app):
		return []guideline.Result{guideline.Skip("%s", withoutSidecar(app))}
	}
	if keys := sidecar.BadQuantities(set); len(keys) > 0 {
		return invalidQuantities(set, field, keys)
	}
	var results []guideline.Result
	quantities := map[string]resource.Quantity{}
	for _, key := range sidecar.ResourceAnnotations() {
		if set[key] == "" {
			continue
		}
		q := resource.MustParse(set[key])
		quantities[key] = q
		if r, odd := implausible(key, set[key], q); odd {
			results = append(results, r.At(field(key)))
		}
	}
	for _, pair := range [][2]string{
		{annotations.KeyCPURequest, annotations.KeyCPULimit},
		{annotations.KeyMemoryRequest, annotations.KeyMemoryLimit},
	} {
		request, asked := quantities[pair[0]]
		limit, limited := quantities[pair[1]]
		if asked && limited && request.Cmp(limit) > 0 {
			results = append(results, guideline.Fail("%s %s is above %s %s: the server refuses the Pods", pair[0], &request, pair[1], &limit).At(field(pair[0])))
		}
	}
	if len(results) > 0 {
		return results
	}
	return againstLimitRange(app, len(quantities))
}

// invalidQuantities reports the values that do not parse, with the first what follows.
func invalidQuantities(set map[string]string, field func(string) string, keys []string) []guideline.Result {
	consequence := ": all four settings are ignored"
	var results []guideline.Result
	for _, key := range keys {
		results = append(results, guideline.Fail("%s %s is not a quantity%s", key, secret.Shown(set[key]), consequence).At(field(key)))
		consequence = ""
	}
	return results
}

// implausible says what is wrong with a quantity that parses.
func implausible(key, value string, q resource.Quantity) (r guideline.Result, odd bool) {
	memory := key == annotations.KeyMemoryRequest || key == annotations.KeyMemoryLimit
	fail := func(problem string) guideline.Result {
		return guideline.Fail("%s %q %s", key, value, problem)
	}
	switch {
	case q.Sign() < 0:
		return fail("is negative: the server refuses the Pods"), true
	case q.IsZero():
		return fail("is the same as none: for Kubernetes zero is neither a limit nor a request").As(guideline.Warning).From(guideline.Ours), true
	case memory && strings.HasSuffix(value, "m") && q.Value() < mebibyte:
		return fail("is next to nothing: m means thousandths of a byte"), true
	case key == annotations.KeyMemoryLimit && q.Value() < leastMemory:
		return fail("is too little for daprd to start with").From(guideline.Ours), true
	case key == annotations.KeyMemoryRequest && q.Value() < leastMemoryRequest:
		return fail("is less than any daprd uses").As(guideline.Warning).From(guideline.Ours), true
	default:
		return guideline.Result{}, false
	}
}

// againstLimitRange holds what results from the settings against the namespace.
func againstLimitRange(app *guideline.App, settings int) []guideline.Result {
	gap := app.Gap(snapshot.LimitRanges)
	if c := app.Sidecar.Simulated; c != nil && gap == nil {
		results := aboveDefaults(c)
		for _, broken := range sidecar.Violations(c, app.Snapshot.LimitRangesOf(app.Object.Namespace)) {
			results = append(results, guideline.Fail("%s: the server refuses the Pods", broken).In(c.Name))
		}
		if len(results) > 0 {
			return results
		}
	}
	switch {
	case gap != nil && gap.Reason != snapshot.NotInInput && len(app.Sidecar.Observed) == 0:
		return []guideline.Result{guideline.Hidden(gap)}
	case settings == 0:
		return []guideline.Result{guideline.Skip("no resource annotations")}
	case gap != nil && gap.Reason == snapshot.NotInInput:
		return []guideline.Result{guideline.Pass("the quantities parse and agree; no LimitRange in the input to hold them against")}
	default:
		return []guideline.Result{guideline.Pass("the quantities parse and agree")}
	}
}

// aboveDefaults finds requests above a limit that a LimitRange fills in: those
// that the annotations set themselves were compared before.
func aboveDefaults(c *corev1.Container) []guideline.Result {
	var results []guideline.Result
	for _, name := range []corev1.ResourceName{corev1.ResourceCPU, corev1.ResourceMemory} {
		request, limit := c.Resources.Requests[name], c.Resources.Limits[name]
		if _, limited := c.Resources.Limits[name]; limited && request.Cmp(limit) > 0 {
			results = append(results, guideline.Fail("%s request %s is above the limit of %s that the namespace's LimitRange gives: the server refuses the Pods", name, &request, &limit).
				In(c.Name).Do("set dapr.io/sidecar-%s-limit on the Pod template, or a lower request", name))
		}
	}
	return results
}
