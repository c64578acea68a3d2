// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package catalogue

import (
	"fmt"
	"maps"
	"slices"

	"github.com/dapr/dapr/pkg/injector/annotations"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/sidecar"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// with is the app as it would be with annotations on its Pod template, beside those
// that are there. Its Pods are as they were.
func with(app *guideline.App, set map[string]string) *guideline.App {
	next, workload, template := *app, *app.App, *app.Template
	template.Annotations = maps.Clone(template.Annotations)
	if template.Annotations == nil {
		template.Annotations = snapshot.Annotations{}
	}
	maps.Copy(template.Annotations, set)
	workload.Template = &template
	next.App = &workload
	next.Sidecar = sidecar.Of(&workload, app.Injector, app.Webhook, app.Snapshot)
	if id := set[annotations.KeyAppID]; id != "" {
		next.SameID = sameID(app, id)
	}
	return &next
}

// sameID are the workloads of the namespace with an app ID, once app has it.
func sameID(app *guideline.App, id string) []snapshot.Object {
	same := []snapshot.Object{app.Object}
	for i := range app.Snapshot.Apps {
		other := &app.Snapshot.Apps[i]
		if o := other.Object; o != app.Object && o.Namespace == app.Object.Namespace && other.Template != nil && other.Template.Annotations[annotations.KeyAppID] == id {
			same = append(same, o)
		}
	}
	return same
}

// fallsShort is what a judge says of the sidecar of the next Pod, and whether it fails
// one that runs.
func fallsShort(app *guideline.App, judge func(daprd) guideline.Result) (next guideline.Outcome, now bool) {
	next = guideline.Unjudged
	if app.Sidecar.Simulated != nil {
		next = judge(simulated(app)).Outcome
	}
	return next, slices.ContainsFunc(app.Sidecar.Observed, func(o sidecar.Observed) bool {
		return judge(observed(o)).Outcome == guideline.Failed
	})
}

// byTemplate is the remedy of a guideline that judges sidecars: where that of the
// next Pod falls short, annotate sets these annotations; where that is right, and not
// those that run, they are made anew.
func byTemplate(app *guideline.App, judge func(daprd) guideline.Result, annotate func() guideline.Remedy, keys ...string) guideline.Remedy {
	next, now := fallsShort(app, judge)
	switch {
	case next == guideline.Failed && app.Sidecar.Simulation.State == sidecar.Manual:
		return guideline.LeaveTo("the Pod template has a daprd of its own, which no annotation changes: change that container")
	case next == guideline.Failed:
		if key := misplacedAmong(app, keys); key != "" {
			return guideline.LeaveTo(fmt.Sprintf("%s stands on the %s itself, where Dapr does not look: move it to the Pod template first, see dapr-annotations", key, app.Object.Kind))
		}
		return beforeInjection(app, annotate())
	case next != guideline.Passed || !now:
		return guideline.Remedy{}
	case app.Install != nil && app.Install.Version.NewerThanTables():
		return guideline.LeaveTo(fmt.Sprintf("whether a restart closes it is not known: Dapr %s is newer than what this tool knows", app.Install.Version))
	default:
		return renewal(app)
	}
}

// beforeInjection makes a remedy one for those who ask where no Pod that runs has a
// sidecar yet: new Pods get one.
func beforeInjection(app *guideline.App, r guideline.Remedy) guideline.Remedy {
	if len(r.Annotations) == 0 || len(app.Sidecar.Without) == 0 || len(app.Sidecar.Observed) > 0 {
		return r
	}
	r.Risks = append([]string{withoutSoFar}, r.Risks...)
	return r.Only("it makes Pods anew that run without a sidecar, and get one then")
}

// withoutSoFar is the risk of starting injection.
const withoutSoFar = "the Pods have run without a sidecar so far"

// misplacedAmong is the first of some annotations that stands on the object and not
// on its template, where somebody wanted it; empty where none does.
func misplacedAmong(app *guideline.App, keys []string) string {
	for _, key := range keys {
		_, there := app.Template.Annotations[key]
		if _, misplaced := app.Annotations[key]; misplaced && !there {
			return key
		}
	}
	return ""
}

// renewal makes the Pods anew: the template is right, and they are older.
func renewal(app *guideline.App) guideline.Remedy {
	switch {
	case app.Template == nil || app.Sidecar.Simulated == nil:
		return guideline.Remedy{}
	case !slices.Contains([]string{"Deployment", "StatefulSet", "DaemonSet", "Rollout"}, app.Object.Kind):
		return guideline.LeaveTo(restart(app.Object))
	case generations(app) > 1:
		return guideline.LeaveTo("Pods of more than one template run: wait for the rollout to end, or see why it does not")
	}
	for _, o := range app.Sidecar.Observed {
		if namespace := sidecar.DaprNamespaceOf(&o.Container); namespace != "" && namespace != app.Injector.Namespace {
			return guideline.LeaveTo(fmt.Sprintf("Pods belong to the control plane in %s, and new ones would to that in %s: see to it that this is wanted, then restart them", namespace, app.Injector.Namespace))
		}
	}
	return guideline.Remedy{Restart: true}.Only("it changes nothing but makes the Pods anew")
}

// generations is how many templates the running Pods were made from.
func generations(app *guideline.App) int {
	seen := map[string]bool{}
	for _, p := range app.Pods {
		seen[generation(p)] = true
	}
	return len(seen)
}

// breaking is the message of the first failure that is an error, for a guideline
// whose own severity is that; empty where there is none.
func breaking(results []guideline.Result) string {
	return failing(slices.DeleteFunc(results, func(r guideline.Result) bool {
		return r.Severity != 0 && r.Severity != guideline.Error
	}))
}

// failing is the message of the first failure; empty where nothing fails.
func failing(results []guideline.Result) string {
	for _, r := range results {
		if r.Outcome == guideline.Failed {
			return r.Message
		}
	}
	return ""
}
