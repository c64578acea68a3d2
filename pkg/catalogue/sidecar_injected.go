// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package catalogue

import (
	"fmt"
	"slices"
	"strings"

	"github.com/dapr/dapr/pkg/injector/annotations"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/dapr"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/sidecar"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

var sidecarInjected = &guideline.Guideline{
	ID:       "sidecar-injected",
	Title:    "every Pod that asks for a sidecar has one",
	Severity: guideline.Error,
	Origin:   guideline.Page,
	Section:  "Injector watchdog",
	Docs:     page + "#injector-watchdog",
	Why: "The injector's webhook fails open: a Pod made while the injector was away, or asked for in words that it does not take, starts without daprd, " +
		"and every call that the app makes to Dapr fails. With a wrong app ID no Pod is made at all.",
	Judged: "What the injector makes of the template (value of dapr.io/enabled, app ID, the webhook's selectors), the Pods that run (in containers and init containers, " +
		"never the label), and for Pods that are missing the server's refusals.",
	Fix: `set dapr.io/enabled: "true" on the Pod template, then restart the Pods that have no daprd`,
	Reads: readsSidecars(snapshot.Read{Resource: snapshot.Events, Place: snapshot.InApps},
		snapshot.Read{Resource: snapshot.Pods, Place: snapshot.InControlPlane}),
	App: judgeInjection,
}

func judgeInjection(app *guideline.App) []guideline.Result {
	at := annotationField(app, annotations.KeyEnabled)
	if r, failed := judgeTemplate(app); failed {
		if app.Sidecar.Simulation.State == sidecar.Denied {
			at = annotationField(app, annotations.KeyAppID)
		}
		return []guideline.Result{r.At(at)}
	}
	if len(app.Sidecar.Without) > 0 && asksForSidecar(app) {
		return []guideline.Result{guideline.Fail("%d of %d running Pods have no daprd: %s", len(app.Sidecar.Without), len(app.Pods), whyWithout(app)).
			At(at).Do("%s", restart(app.Object))}
	}
	if !asksForSidecar(app) && !app.Sidecar.Running() {
		return []guideline.Result{guideline.Skip("%s", withoutSidecar(app))}
	}
	return []guideline.Result{judgeAbsence(app)}
}

// judgeTemplate says why the next Pod gets no sidecar although it asks for one.
func judgeTemplate(app *guideline.App) (r guideline.Result, failed bool) {
	s := app.Sidecar.Simulation
	set, _ := annotated(app)
	value := set[annotations.KeyEnabled]
	switch s.State {
	case sidecar.Denied:
		return guideline.Fail("no Pod is made: Dapr's injector refuses it, %s", s.Reason).Do("correct dapr.io/app-id on the Pod template"), true
	case sidecar.Excluded:
		return guideline.Fail("no sidecar: %s", s.Reason).Do("label the Pods or the namespace, or change the webhook's selectors"), true
	case sidecar.Off:
		switch {
		case dapr.Truthy(value):
			return guideline.Fail(`%s is %q: from Dapr 1.17.3 on only "true" injects a sidecar`, annotations.KeyEnabled, value).
				Do(`write dapr.io/enabled: "true" on the Pod template`), true
		case set[annotations.KeyEnabled] == "" && dapr.Truthy(app.Annotations[annotations.KeyEnabled]):
			return guideline.Fail("no sidecar: %s is set on the %s itself, not on its Pod template", annotations.KeyEnabled, app.Object.Kind).
				Do("move the annotation to the Pod template"), true
		}
	case sidecar.Injected:
		// Pods that run with a sidecar show that there was an injector; the next
		// one needs it all the same.
		if app.Snapshot.Live && app.Install == nil && app.Gap(snapshot.Deployments) == nil && noInstall(app) {
			return guideline.Fail("no sidecar: no Dapr control plane is installed in this cluster").Do("install Dapr"), true
		}
		if app.Snapshot.Live && app.Install != nil && app.Install.Workload(dapr.Injector) == nil && len(app.Install.Workloads) > 0 &&
			app.Snapshot.Gap(snapshot.InControlPlane, snapshot.Deployments, app.Install.Namespace) == nil {
			return guideline.Fail("no sidecar: the control plane in %s has no injector", app.Install.Namespace).
				Do("install Dapr with dapr_sidecar_injector.enabled=true"), true
		}
	}
	return guideline.Result{}, false
}

// noInstall tells that control planes were looked for, and none is there.
func noInstall(app *guideline.App) bool {
	return len(app.Snapshot.ControlPlanes) == 0 && !slices.ContainsFunc(app.Snapshot.Gaps, func(g snapshot.Gap) bool {
		return g.Place == snapshot.InControlPlane && g.Resource == snapshot.Deployments
	})
}

// whyWithout says why running Pods may have no daprd although their template
// gets one.
func whyWithout(app *guideline.App) string {
	bare := func(p snapshot.Pod) bool { return p.Sidecar == nil }
	pods := slices.DeleteFunc(slices.Clone(app.Pods), func(p snapshot.Pod) bool { return !bare(p) })
	older := func(p snapshot.Pod) bool { return !dapr.Truthy(p.Annotations[annotations.KeyEnabled]) }
	early := func(p snapshot.Pod) bool {
		return app.Install != nil && p.Created.Before(app.Install.InjectorStarted)
	}
	every := func(is func(snapshot.Pod) bool) bool {
		return !slices.ContainsFunc(pods, func(p snapshot.Pod) bool { return !is(p) })
	}
	switch {
	case every(older):
		return "they were made before the template asked for it"
	case app.Template == nil:
		return fmt.Sprintf("a %s makes them, and the injector takes Pods from Kubernetes' own controllers only (and from those it was told of)", app.Object.Kind)
	case app.Object.Kind == "Pod":
		return "the injector takes bare Pods from members of system:masters only"
	case every(early):
		return "they are older than the injector that runs"
	default:
		return "the injector was not reached when they were made, and its webhook lets such Pods through"
	}
}

// judgeAbsence judges an app all of whose Pods, if any, have their sidecar.
func judgeAbsence(app *guideline.App) guideline.Result {
	wanted := app.Replicas == nil || *app.Replicas > 0
	for _, d := range app.Denials {
		if !wanted || len(app.Pods) > 0 || !concernsSidecar(d.Message) {
			continue
		}
		return guideline.Fail("no Pod is made: %s", d.Message).Do("see kubectl describe %s", target(app.Object))
	}
	gap := app.Gap(snapshot.Pods)
	switch {
	case len(app.Sidecar.Observed) > 0 && gap == nil:
		return guideline.Pass("%d of %d running Pods have daprd", len(app.Pods)-len(app.Sidecar.Without), len(app.Pods))
	case gap != nil && gap.Reason != snapshot.NotInInput:
		return guideline.Hidden(gap)
	case app.Sidecar.Simulation.State == sidecar.Manual:
		return guideline.Pass("the Pod template has a daprd of its own")
	}
	if hidden := hiddenSelectors(app); hidden != nil {
		return guideline.Hidden(hidden)
	}
	if hidden := hiddenRefusals(app); hidden != nil && wanted {
		return guideline.Hidden(hidden)
	}
	return guideline.Pass("the injector adds daprd to the next Pod")
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

// hiddenSelectors returns the gap that leaves open whether the webhook's
// selectors take the app's Pods.
func hiddenSelectors(app *guideline.App) *snapshot.Gap {
	for _, g := range app.Snapshot.Gaps {
		if g.Resource == snapshot.Webhooks && g.Reason != snapshot.NotInInput {
			return &g
		}
	}
	gap := app.Gap(snapshot.Namespaces)
	if gap == nil || gap.Reason == snapshot.NotInInput || app.Webhook == nil || app.Webhook.NamespaceSelector.String() == "" {
		return nil
	}
	return gap
}

// concernsSidecar tells whether a refusal is about the sidecar: Dapr's webhook
// said no, or something else did not like daprd.
func concernsSidecar(message string) bool {
	return strings.Contains(message, dapr.InjectorWebhook) || strings.Contains(message, dapr.SidecarContainer)
}
