// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package catalogue

import (
	"slices"

	corev1 "k8s.io/api/core/v1"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/sidecar"
)

// daprd is a sidecar and what of its Pod holds for it.
type daprd struct {
	container
	security *corev1.PodSecurityContext
	os       corev1.OSName
	// windows tells that it is for Windows, by its os or by the nodes that it asks for.
	windows bool
	// grace is the Pod's terminationGracePeriodSeconds.
	grace *int64
	// native tells that it is an init container.
	native bool
	// runs tells that it is one that runs, and not that of the next Pod.
	runs bool
}

// simulated is the sidecar of the next Pod.
func simulated(app *guideline.App) daprd {
	spec := app.Template.Spec
	d := daprd{
		container: container{app.Sidecar.Simulated, spec.Resources},
		security:  spec.SecurityContext,
		windows:   spec.NodeSelector[corev1.LabelOSStable] == string(corev1.Windows),
		grace:     spec.TerminationGracePeriodSeconds,
		native:    app.Sidecar.Simulation.Native,
	}
	if spec.OS != nil {
		d.os = spec.OS.Name
		d.windows = d.windows || d.os == corev1.Windows
	}
	return d
}

// observed is a sidecar that runs.
func observed(o sidecar.Observed) daprd {
	return daprd{
		container: container{&o.Container, o.PodResources},
		security:  o.PodSecurity,
		os:        o.OS,
		windows:   o.OS == corev1.Windows,
		grace:     o.Grace,
		native:    o.Native,
		runs:      true,
	}
}

// eachOf judges sidecars in several ways, and says what falls short in any of
// them; kept is the result where nothing does.
func eachOf(app *guideline.App, kept guideline.Result, judges ...func(daprd) guideline.Result) []guideline.Result {
	if !app.Sidecar.Running() {
		return []guideline.Result{guideline.Skip("%s", withoutSidecar(app))}
	}
	var all []guideline.Result
	for _, judge := range judges {
		all = append(all, slices.DeleteFunc(daprds(app, judge), func(r guideline.Result) bool { return r.Outcome == guideline.Passed })...)
	}
	if len(all) == 0 {
		all = append(all, kept)
	}
	return all
}

// atSetting says which annotation a result is about, but for a daprd that stands in
// the template itself, where the annotation does nothing.
func atSetting(app *guideline.App, r guideline.Result, key string) guideline.Result {
	if app.Sidecar.Simulation.State == sidecar.Manual {
		return r.Do("change the arguments of daprd in the Pod template")
	}
	return r.At(annotationField(app, key))
}
