// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package catalogue

import (
	"slices"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/dapr"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/sidecar"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// judgeInjector says why nothing would add a sidecar to the next Pod. Pods that
// run with one show that there was an injector; that it has no replica ready just
// now is then no fault of theirs.
func judgeInjector(app *guideline.App) (r guideline.Result, failed bool) {
	hidden := hiddenInjector(app) != nil
	running := len(app.Sidecar.Observed) > 0
	injector := injectorOf(app)
	switch {
	case hidden:
		return guideline.Result{}, false
	case app.Install == nil || len(app.Install.Workloads) == 0:
		return guideline.Fail("no sidecar: no Dapr control plane is installed for it in this cluster").Do("install Dapr"), true
	case injector == nil:
		return guideline.Fail("no sidecar: the control plane in %s has no injector", app.Install.Namespace).
			Do("install Dapr with dapr_sidecar_injector.enabled=true"), true
	case app.Webhook == nil:
		return guideline.Fail("no sidecar: the webhook of Dapr's injector is not in this cluster").
			Do("upgrade the Helm release of Dapr, whose chart brings the webhook"), true
	case injector.Ready == 0 && !running:
		return guideline.Fail("no sidecar: the injector in %s has no replica ready, and its webhook lets Pods through", app.Install.Namespace).
			Do("see kubectl describe %s", target(injector.Object)), true
	default:
		return guideline.Result{}, false
	}
}

func injectorOf(app *guideline.App) *snapshot.ControlPlaneWorkload {
	if app.Install == nil {
		return nil
	}
	return app.Install.Workload(dapr.Injector)
}

// hiddenInjector returns the gap that leaves open whether the injector adds a
// sidecar to the next Pod: its webhook, the webhook's selectors, or the injector
// itself could not be read.
func hiddenInjector(app *guideline.App) *snapshot.Gap {
	if app.Sidecar.Simulation.State == sidecar.Manual || !app.Snapshot.Live {
		return nil
	}
	if gap := app.Snapshot.Gap(snapshot.InCluster, snapshot.Webhooks, ""); gap != nil {
		return gap
	}
	if injectorOf(app) == nil {
		for i := range app.Snapshot.Gaps {
			g := &app.Snapshot.Gaps[i]
			mine := app.Install == nil || g.Namespace == "" || g.Namespace == app.Install.Namespace
			if g.Place == snapshot.InControlPlane && g.Resource == snapshot.Deployments && mine {
				return g
			}
		}
	}
	if app.Webhook != nil && app.Webhook.NamespaceSelector.String() != "" {
		return app.Gap(snapshot.Namespaces)
	}
	return nil
}

// hiddenRefusals returns the gap that leaves open whether the server refused the
// Pods that are not there. A Deployment tells of it in its status, all others in
// events alone; no Pods between runs is what a CronJob is about.
func hiddenRefusals(app *guideline.App) *snapshot.Gap {
	gap := app.Gap(snapshot.Events)
	if gap == nil || gap.Reason == snapshot.NotInInput || slices.Contains([]string{"Deployment", "CronJob"}, app.Object.Kind) {
		return nil
	}
	return gap
}
