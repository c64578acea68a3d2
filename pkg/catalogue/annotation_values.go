// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package catalogue

import (
	"maps"
	"slices"

	"github.com/dapr/dapr/pkg/injector/annotations"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/dapr"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
)

// judgeAnnotationValues finds values that Dapr reads otherwise than they were meant.
func judgeAnnotationValues(app *guideline.App, set map[string]string, field func(string) string) []guideline.Result {
	if !dapr.Truthy(set[annotations.KeyEnabled]) {
		return nil
	}
	var results []guideline.Result
	for _, key := range slices.Sorted(maps.Keys(set)) {
		value := set[key]
		if value == "" {
			if r, odd := emptyAnnotation(app, key); odd {
				results = append(results, r.At(field(key)))
			}
			continue
		}
		if key == annotations.KeyEnabled {
			continue
		}
		if problem := dapr.AnnotationProblem(key, value); problem != "" {
			// What stands there by mistake may be secret, so it is not printed.
			r := guideline.Fail("the value of %s %s", key, problem).As(guideline.Warning)
			if dapr.EndsDaprd(key, value) {
				r = r.As(guideline.Error)
			}
			results = append(results, r.At(field(key)))
		}
	}
	return results
}

// emptyAnnotation says what an empty value does. Before 1.15 it did nothing.
func emptyAnnotation(app *guideline.App, key string) (guideline.Result, bool) {
	if !app.Injector.Version.AtLeast(1, 15, 0) || !dapr.EmptyMatters(key) {
		return guideline.Result{}, false
	}
	switch key {
	case annotations.KeyAppID, annotations.KeyPlacementHostAddresses, annotations.KeySchedulerHostAddresses:
		return guideline.Result{}, false // judged elsewhere, or meant so
	case annotations.KeyLogLevel, annotations.KeyBlockShutdownDuration:
		return guideline.Fail("%s is empty, which daprd cannot read: it ends at start", key), true
	case annotations.KeySidecarImage:
		return guideline.Fail("%s is empty: the server refuses the Pods, whose sidecar has no image", key), true
	default:
		return guideline.Fail("%s is empty, which from Dapr 1.15 on is a value and not the default", key).As(guideline.Warning), true
	}
}
