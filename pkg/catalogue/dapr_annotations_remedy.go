// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package catalogue

import (
	"fmt"
	"slices"

	"github.com/dapr/dapr/pkg/injector/annotations"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/dapr"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/sidecar"
)

// moveToTemplate copies annotations of the object to its template, where Dapr looks.
// On the object they do no harm.
func moveToTemplate(app *guideline.App) guideline.Remedy {
	set, _ := annotated(app)
	lost := lostAnnotations(app, set)
	if len(lost) == 0 {
		return guideline.Remedy{}
	}
	if slices.Contains(lost, dapr.ControlPlaneAnnotation) {
		return guideline.LeaveTo(dapr.ControlPlaneAnnotation + " marks Dapr's own Pods: take it off")
	}
	found := map[string]string{}
	for _, key := range lost {
		found[key] = app.Annotations[key]
	}
	if dapr.Truthy(found[annotations.KeyEnabled]) {
		found[annotations.KeyEnabled] = "true" // whatever word for it the release takes
	}
	next := with(app, found)
	if id := found[annotations.KeyAppID]; id != "" && len(next.SameID) > 1 {
		return guideline.LeaveTo(fmt.Sprintf("app ID %q is also that of %s: give each workload one of its own, unless they are one app on purpose", id, others(next)))
	}
	known := judgeDaprAnnotations(app)
	for _, r := range judgeDaprAnnotations(next) {
		same := func(k guideline.Result) bool { return k.Field == r.Field && k.Message == r.Message }
		if r.Outcome == guideline.Failed && !slices.ContainsFunc(known, same) {
			return guideline.LeaveTo("on the template they would not do as they are: " + r.Message)
		}
	}
	if found[annotations.KeyEnabled] == "true" && app.Sidecar.Simulation.State == sidecar.Off {
		return inject(app, found)
	}
	return guideline.Remedy{Annotations: found}.Only("it puts in force what had no effect so far")
}
