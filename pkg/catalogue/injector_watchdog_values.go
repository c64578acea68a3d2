// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package catalogue

import (
	"fmt"

	"github.com/dapr/dapr/pkg/injector/annotations"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/dapr"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/sidecar"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// watchdogValues switch the watchdog on where it would delete nothing today, and nothing
// is seen that it would delete again and again.
func watchdogValues(install *guideline.Install) guideline.Values {
	on := guideline.Set(guideline.Value{Path: "dapr_operator.watchInterval", Value: "2m", Over: []any{"0", "0s"}, Serves: func(is any) bool {
		interval, isText := is.(string)
		return isText && judgeInterval(interval).Outcome == guideline.Passed
	}})
	w := install.Workload(dapr.Operator)
	switch {
	case install.New:
		return on
	case w == nil || w.Container == nil:
		return guideline.Values{}
	}
	off := false
	short := fallen(install, func(install *guideline.Install, w *snapshot.ControlPlaneWorkload) guideline.Result {
		if w.Name != dapr.Operator {
			return guideline.Skip("the watchdog is the operator's")
		}
		off = judgeInterval(dapr.Flag(w.Container, "watch-interval", "0")).Outcome == guideline.Failed
		return judgeWatchdogOf(install)[0]
	})
	namespace := dapr.Flag(w.Container, "watch-namespace", "")
	switch {
	case len(short) == 0 || !off && (namespace == "" || lacksRights(install, w)):
		return guideline.Values{}
	case len(short) > 0 && hazard(install) != "":
		return guideline.Values{Person: hazard(install)}
	case off && namespace != "":
		return guideline.Values{Person: fmt.Sprintf("with dapr_operator.watchNamespace the operator sees namespace %s alone, and never acts where it sees no injector: take that value out first, if the operator is to serve all namespaces", namespace)}
	case !off:
		on = guideline.Set(guideline.Value{Path: "dapr_operator.watchNamespace", Value: ""}).
			Only("somebody wanted the operator to see that namespace alone, and with all of them it does all of its work for all of them")
	}
	return on.Closing(these(short)).
		Risking("from then on it deletes every Pod that asks for a sidecar and has none, whatever PodDisruptionBudgets say, also Pods that nobody makes anew")
}

// hazard says what the watchdog would delete, now or again and again, or why that is
// not known; empty where it is seen to delete nothing.
func hazard(install *guideline.Install) string {
	injector := install.Workload(dapr.Injector)
	all := condemned(install.Snapshot)
	switch {
	case len(all) > 0:
		return fmt.Sprintf("the watchdog would delete %s without daprd at once, such as %s: see first with sidecar-injected why they have none",
			count(len(all), "Pod"), all[0].Object.Namespace+"/"+all[0].Object.Name)
	case podsUnseen(install.Snapshot) != "":
		return "whom the watchdog would delete is not known" + podsUnseen(install.Snapshot)
	case injector == nil || injector.Ready == 0:
		return "no injector is ready: Pods that the watchdog deletes would come back without a sidecar"
	}
	for _, r := range judgeWebhooks(install) {
		switch {
		case r.Outcome == guideline.Failed && r.Severity != guideline.Info:
			return "Pods that the watchdog deletes would come back without a sidecar: see injector-webhook first (" + r.Message + ")"
		case r.Outcome == guideline.Unjudged:
			return "whether Pods that the watchdog deletes would come back with a sidecar is not known: " + r.Message
		}
	}
	return neverInjected(install)
}

// neverInjected says which app would have each of its Pods deleted for ever: the
// injector passes it over, and the watchdog takes it for one that asks.
func neverInjected(install *guideline.Install) string {
	for _, app := range install.Apps {
		asks := app.Template != nil && dapr.Truthy(app.Template.Annotations[annotations.KeyEnabled])
		if s := app.Sidecar.Simulation; asks && (s.State == sidecar.Off || s.State == sidecar.Excluded) {
			return fmt.Sprintf("the watchdog would delete each Pod of %s again and again: %s", app.Object, s.Reason)
		}
	}
	return ""
}
