// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package catalogue

import (
	"fmt"

	"github.com/dapr/dapr/pkg/injector/annotations"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/sidecar"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

var sidecarVersion = &guideline.Guideline{
	ID:       "sidecar-version",
	Title:    "sidecars run the release of their control plane",
	Severity: guideline.Warning,
	Origin:   guideline.Page,
	Section:  "Upgrade Dapr with Helm",
	Docs:     page + "#upgrade-dapr-with-helm",
	Why: "An upgrade changes the control plane alone: sidecars keep the release that they were made with until their Pods are made anew. " +
		"Dapr tests a control plane with sidecars of its own minor and the one before; what is further apart, or newer than the control plane, may fail in any way.",
	Judged: "The release in the tag of daprd's image, of the next Pod (the injector's SIDECAR_IMAGE, or dapr.io/sidecar-image) and of those that run, native sidecars and Pods of Jobs among them, against the control plane's. " +
		"Newer by a minor, or two minors behind: an error; one minor: a warning; another patch: info. Registries and suffixes such as -mariner do not count.",
	Fix: "restart the Pods, so that the injector gives them its own image, once the control plane is what you want it to be: this tool upgrades neither that nor Dapr's CLI",
	Traps: "A tag such as latest names no release. Two Pods with the same tag may run different images, which is only seen where the kubelet reports other digests; " +
		"some container runtimes report another digest for each processor architecture. While a rollout is under way old and new sidecars run side by side.",
	Reads:    readsSidecars(),
	App:      judgeSidecarVersion,
	Mend:     renewStale,
	MendsToo: []string{"trust-anchors"},
}

func judgeSidecarVersion(app *guideline.App) []guideline.Result {
	s := app.Sidecar
	if !s.Running() {
		return []guideline.Result{guideline.Skip("%s", withoutSidecar(app))}
	}
	var results []guideline.Result
	if s.Simulated != nil {
		results = append(results, judgeNextImage(app).In(s.Simulated.Name))
	}
	for _, o := range s.Observed {
		results = addRunning(app, results, o)
	}
	gap := app.Gap(snapshot.Pods)
	if len(s.Observed) == 0 && gap != nil && gap.Reason != snapshot.NotInInput {
		results = append(results, guideline.Hidden(gap))
	}
	return worth(append(results, differentImages(app)...))
}

// judgeNextImage judges what the next Pod runs, which nobody changes by a restart.
func judgeNextImage(app *guideline.App) guideline.Result {
	set, field := annotated(app)
	if app.Install != nil && app.Install.Rehearsed.Known() && !ownImage(app) {
		return guideline.Skip("the injector's own image comes with the upgrade")
	}
	if app.Install != nil && app.Install.Assumed && !ownImage(app) {
		return guideline.Pass("the next Pod gets the injector's own image")
	}
	r := judgeImage(app, app.Sidecar.Simulated.Image, app.Install)
	switch {
	case r.Outcome != guideline.Failed:
		return r
	case app.Sidecar.Simulation.State == sidecar.Manual:
		return r.Do("let the daprd of the Pod template run the control plane's release")
	case set[annotations.KeySidecarImage] != "":
		return r.At(field(annotations.KeySidecarImage)).Do("take dapr.io/sidecar-image off the Pod template, or let it name the control plane's release")
	default:
		return r.Do("leave out the Helm value dapr_sidecar_injector.image.name, or let it name an image of the control plane's release; then restart the apps")
	}
}

// ownImage tells whether the template itself says which image its sidecar has, and
// not the injector.
func ownImage(app *guideline.App) bool {
	set, _ := annotated(app)
	return set[annotations.KeySidecarImage] != "" || app.Sidecar.Simulation.State == sidecar.Manual
}

// addRunning judges Pods that run with one sidecar, unless that was said already.
func addRunning(app *guideline.App, results []guideline.Result, o sidecar.Observed) []guideline.Result {
	cp := controlPlaneOf(app, o)
	if cp != nil && cp.Rehearsed.Known() {
		return append(results, guideline.Skip("the restart of the Pods is part of the upgrade"))
	}
	r := judgeImage(app, o.Container.Image, cp)
	for _, said := range results {
		if said.Outcome == r.Outcome && said.Message == r.Message {
			return results
		}
	}
	if r.Outcome == guideline.Failed {
		if rolling(app, o) {
			r = r.As(guideline.Info).Do("wait for the rollout to end: kubectl rollout status %s", target(app.Object))
			r.Message += ", while newer Pods come up"
		} else {
			r = r.Do("%s", restart(app.Object))
		}
	}
	r.Message = fmt.Sprintf("%s (%d of %d running Pods)", r.Message, len(o.Pods), len(app.Pods))
	return append(results, r.In(o.Container.Name))
}

// controlPlaneOf is the one that injected a running sidecar; nil where it was not read.
func controlPlaneOf(app *guideline.App, o sidecar.Observed) *snapshot.ControlPlane {
	namespace := sidecar.DaprNamespaceOf(&o.Container)
	if namespace == "" || app.Install != nil && app.Install.Assumed {
		return app.Install
	}
	return app.Snapshot.ControlPlane(namespace)
}
