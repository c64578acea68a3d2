// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package catalogue

import (
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
	Fix:   `set dapr.io/enabled: "true" on the Pod template, then restart the Pods that have no daprd`,
	Traps: "The label dapr.io/sidecar-injected can be set by anybody and proves nothing. What is denied leaves no Pod behind: it shows in the conditions and events of the workload.",
	Reads: readsSidecars(snapshot.Read{Resource: snapshot.Events, Place: snapshot.InApps},
		snapshot.Read{Resource: snapshot.Pods, Place: snapshot.InControlPlane}),
	App:  judgeInjection,
	Mend: mendInjection,
}

func judgeInjection(app *guideline.App) []guideline.Result {
	at := annotationField(app, annotations.KeyEnabled)
	if r, failed := judgeTemplate(app); failed {
		if app.Sidecar.Simulation.Refuser == sidecar.InjectorRefuses {
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
	switch s.State {
	case sidecar.Denied:
		r := guideline.Fail("no Pod is made: %s refuses it, %s", s.Refuser, s.Reason)
		if s.Refuser == sidecar.ServerRefuses {
			return r.Do("take dapr.io/enabled off the Pod template, or leave daprd to the injector"), true
		}
		return r.Do("correct dapr.io/app-id on the Pod template"), true
	case sidecar.Excluded:
		return guideline.Fail("no sidecar: %s", s.Reason).Do("label the Pods or the namespace, or change the webhook's selectors"), true
	case sidecar.Off:
		return guideline.Fail("%s", s.Reason).Do(`write dapr.io/enabled: "true" on the Pod template`), s.Reason != ""
	case sidecar.Injected:
		if app.Snapshot.Live {
			return judgeInjector(app)
		}
	}
	return guideline.Result{}, false
}

// judgeAbsence judges an app all of whose Pods, if any, have their sidecar.
func judgeAbsence(app *guideline.App) guideline.Result {
	wanted := app.Replicas == nil || *app.Replicas > 0
	for _, d := range app.Denials {
		// An event may be about Pods that were made since.
		if wanted && (d.Current || len(app.Pods) == 0) && concernsSidecar(d.Message) {
			return guideline.Fail("the server refuses new Pods: %s", d.Message).Do("see kubectl describe %s", target(app.Object))
		}
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
	if hidden := hiddenInjector(app); hidden != nil {
		return guideline.Hidden(hidden)
	}
	if hidden := hiddenRefusals(app); hidden != nil && wanted {
		return guideline.Hidden(hidden)
	}
	if wanted && len(app.Denials) > 0 && len(app.Pods) == 0 {
		return guideline.Pass("the injector adds daprd to the next Pod, which the server refuses for another reason: %s", app.Denials[0].Message)
	}
	return guideline.Pass("the injector adds daprd to the next Pod")
}

// concernsSidecar tells whether a refusal is about the sidecar: Dapr's webhook
// said no, or something else did not like daprd.
func concernsSidecar(message string) bool {
	return strings.Contains(message, dapr.InjectorWebhook) || strings.Contains(message, dapr.SidecarContainer)
}
