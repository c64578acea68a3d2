// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package catalogue

import (
	"fmt"
	"slices"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/dapr"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/sidecar"
)

// renewStale makes Pods anew whose sidecar has an old image or old roots, where new
// Pods get those of today. Without trust-anchors among the guidelines, the roots
// were not read.
func renewStale(app *guideline.App) guideline.Remedy {
	if app.Sidecar.Simulated == nil || app.Install == nil || app.Install.Rehearsed.Known() {
		return guideline.Remedy{}
	}
	image := staleImage(app)
	switch {
	case image == "" && !staleRoots(app):
		return guideline.Remedy{}
	case image == "" && !givesRoots(app):
		return guideline.LeaveTo(otherRootsUnknown)
	}
	r := renewal(app)
	was, is := dapr.VersionOfImage(image), dapr.VersionOfImage(app.Sidecar.Simulated.Image)
	if r.Restart && image != "" && was.Known() && is.Known() {
		r = r.Risking(fmt.Sprintf("daprd goes from %s to %s", was, is))
	}
	return r
}

const otherRootsUnknown = "whether new Pods get other roots is not known: see first what trust-anchors says of the control plane"

// staleImage is an image that Pods run and should not, where the next Pod gets the
// right one; empty where there is none.
func staleImage(app *guideline.App) string {
	if judgeNextImage(app).Outcome != guideline.Passed {
		return ""
	}
	for _, o := range app.Sidecar.Observed {
		if judgeImage(app, o.Container.Image, controlPlaneOf(app, o)).Outcome == guideline.Failed {
			return o.Container.Image
		}
	}
	return ""
}

// staleRoots tells whether Pods run that do not know all roots of their control plane.
func staleRoots(app *guideline.App) bool {
	return slices.ContainsFunc(app.Sidecar.Observed, func(o sidecar.Observed) bool {
		return judgeAnchorsOf(app, observed(o).container).Outcome == guideline.Failed
	})
}

// givesRoots tells whether new Pods get roots, from the ConfigMap of their control
// plane. A daprd that stands in the template has those that stand there.
func givesRoots(app *guideline.App) bool {
	b := app.Snapshot.TrustBundle(app.Injector.Namespace)
	return app.Sidecar.Simulation.State == sidecar.Injected && b != nil && len(b.Anchors) > 0 && len(b.Problems) == 0 && notSelfSigned(b.Anchors) == nil
}
