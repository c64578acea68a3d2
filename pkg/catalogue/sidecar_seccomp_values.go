// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package catalogue

import (
	"github.com/dapr/dapr/pkg/injector/annotations"
	corev1 "k8s.io/api/core/v1"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/sidecar"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

const (
	dropAllValue = "dapr_sidecar_injector.sidecarDropALLCapabilities"
	nonRootValue = "dapr_sidecar_injector.sidecarRunAsNonRoot"
)

// seccompValues are the settings of the injector that sidecars need where the namespace
// enforces Pod Security's restricted profile. The seccomp profile is an annotation.
func seccompValues(install *guideline.Install) guideline.Values {
	dropAll, nonRoot := guideline.Value{Path: dropAllValue, Value: true, Over: defaultOff}, guideline.Value{Path: nonRootValue, Value: true}
	if install.New {
		return guideline.Set(dropAll)
	}
	closed := map[snapshot.Object]bool{}
	var v guideline.Values
	drops, roots := false, false
	for _, app := range install.Apps {
		needs, fits, closes := settingsFor(app)
		if !needs || !fits {
			continue
		}
		drops = drops || !app.Injector.DropAllCapabilities
		roots = roots || !app.Injector.RunAsNonRoot
		closed[app.Object] = closes
		switch {
		case !closes: // which makes its Pods anew
			v = v.Risking(app.Object.String() + " needs a seccomp profile as well, which harden sidecar-seccomp sets after the upgrade")
		case len(app.Pods) > 0:
			v.Restart = append(v.Restart, app.Object)
		}
	}
	if drops {
		v.Set = append(v.Set, dropAll)
	}
	if roots {
		v.Set = append(v.Set, nonRoot)
	}
	if len(v.Set) == 0 {
		return guideline.Values{}
	}
	return v.Closing(func(o snapshot.Object, _ guideline.Result) bool { return closed[o] }).
		Risking("every sidecar that is made from then on has it, in all namespaces")
}

// settingsFor tells whether an app's Pods are refused for how the injector is set, or would
// be by the profile that was asked for, whether they are let in with other settings, and whether those are enough.
func settingsFor(app *guideline.App) (needs, fits, closes bool) {
	if app.Sidecar.Simulated == nil || app.Sidecar.Simulation.State == sidecar.Manual {
		return false, false, false
	}
	if r := judgeSeccomp(app, simulated(app)); r.Outcome != guideline.Failed || r.Severity != guideline.Error && !app.Said.Restricted {
		return false, false, false
	}
	profiled := app
	if !confined(seccompOf(simulated(app))) {
		profiled = with(app, map[string]string{annotations.KeySidecarSeccompProfileType: string(corev1.SeccompProfileTypeRuntimeDefault)})
	}
	if judgeSeccomp(profiled, simulated(profiled)).Outcome == guideline.Passed {
		return false, false, false // the annotation does
	}
	return true, passesSet(profiled), passesSet(app)
}

// passesSet tells whether an app's sidecar is right once the injector is set for the
// restricted profile.
func passesSet(app *guideline.App) bool {
	next := *app
	next.Injector.DropAllCapabilities, next.Injector.RunAsNonRoot = true, true
	next.Sidecar = sidecar.Of(app.App, next.Injector, app.Webhook, app.Snapshot)
	return next.Sidecar.Simulated != nil && judgeSeccomp(&next, simulated(&next)).Outcome == guideline.Passed
}
