// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package catalogue

import (
	"fmt"

	"github.com/dapr/dapr/pkg/injector/annotations"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/dapr"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/sidecar"
)

// mendInjection writes dapr.io/enabled so that the injector takes it for yes, and
// makes the Pods anew that were left without a sidecar.
func mendInjection(app *guideline.App) guideline.Remedy {
	set, _ := annotated(app)
	_, failed := judgeTemplate(app)
	switch {
	case app.Template == nil:
		return guideline.Remedy{}
	case app.Sidecar.Simulation.State == sidecar.Off && dapr.Truthy(set[annotations.KeyEnabled]):
		return inject(app, map[string]string{annotations.KeyEnabled: "true"})
	case failed || len(app.Sidecar.Without) == 0 || !asksForSidecar(app):
		return guideline.Remedy{}
	}
	r := renewal(app)
	if r.Restart {
		r = r.Risking(withoutSoFar)
	}
	return r
}

// inject sets annotations with which the Pods get the sidecar that they were meant
// to have, unless it would not start.
func inject(app *guideline.App, set map[string]string) guideline.Remedy {
	next := with(app, set)
	switch s := next.Sidecar.Simulation; s.State {
	case sidecar.Injected:
	case sidecar.Denied:
		return guideline.LeaveTo(fmt.Sprintf("then %s refuses the Pods, %s: correct dapr.io/app-id on the Pod template as well", s.Refuser, s.Reason))
	default:
		return guideline.LeaveTo("the Pods get no sidecar then either: " + s.Reason)
	}
	for _, judge := range []func(*guideline.App) []guideline.Result{judgeDaprAnnotations, judgeSidecarQuantities} {
		if problem := breaking(judge(next)); problem != "" {
			return guideline.LeaveTo("correct this first: " + problem)
		}
	}
	return guideline.Remedy{Annotations: set}.Only("it starts injection").Risking(withoutSoFar)
}
