// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package catalogue

import (
	"slices"

	corev1 "k8s.io/api/core/v1"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/dapr"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

var injectorWatchdog = &guideline.Guideline{
	ID:         "injector-watchdog",
	Title:      "the injector watchdog is on, and sees the Pods of all namespaces",
	Severity:   guideline.Warning,
	Origin:     guideline.Page,
	Section:    "Injector watchdog",
	HardensToo: true,
	Docs:       page + "#injector-watchdog",
	Why: "Pods that were made while the injector was away, as when a whole cluster comes back, run without daprd until somebody deletes them. " +
		"The watchdog of the operator does that.",
	Judged: "--watch-interval of the operator, in its template and in its Pods: a time of one second or more. Also what makes the watchdog blind: --watch-namespace, and an operator that may not list, watch and delete Pods in all namespaces. " +
		"Where the injector's webhook lets no Pod through without it, the watchdog has nothing to do.",
	Fix: "set the Helm value dapr_operator.watchInterval=2m",
	Traps: "The watchdog deletes Pods, also those that nobody makes anew, and again and again those that the injector does not inject: look first at sidecar-injected. It does not see native sidecars by their container, only by their label. " +
		"Whether a policy engine does the same job cannot be seen.",
	Reads: slices.Concat(snapshot.Apps(), []snapshot.Read{
		{Resource: snapshot.Deployments, Place: snapshot.InControlPlane},
		{Resource: snapshot.Pods, Place: snapshot.InControlPlane},
		{Resource: snapshot.Webhooks, Place: snapshot.InCluster},
		{Resource: snapshot.Roles, Place: snapshot.InControlPlane},
		{Resource: snapshot.RoleBindings, Place: snapshot.InControlPlane},
		{Resource: snapshot.ClusterRoles, Place: snapshot.InCluster},
		{Resource: snapshot.ClusterRoleBindings, Place: snapshot.InCluster},
	}),
	ControlPlane: judgeWatchdogOf,
	Values:       watchdogValues,
}

// judgeWatchdogOf judges the watchdog of an install, unless it has nothing to do.
func judgeWatchdogOf(install *guideline.Install) []guideline.Result {
	w, injector := install.Workload(dapr.Operator), install.Workload(dapr.Injector)
	seen := install.Snapshot.Live && install.Gap(snapshot.Deployments) == nil
	switch {
	case injector == nil && seen || injector != nil && injector.Desired == 0:
		return []guideline.Result{guideline.Skip("no injector is installed")}
	case injector == nil && !install.Snapshot.Live:
		return []guideline.Result{judgeMissing(install, dapr.Injector, notInstalled)}
	case w == nil:
		return []guideline.Result{judgeMissing(install, dapr.Operator, notInstalled)}
	}
	r, off := notJudged(w)
	if !off {
		r = judgeWatchdog(install, w)
	}
	return []guideline.Result{r.On(w.Object, w.Source)}
}

func judgeWatchdog(install *guideline.Install, w *snapshot.ControlPlaneWorkload) guideline.Result {
	r := inTemplateAndPods(w, func(c *corev1.Container) guideline.Result {
		return judgeInterval(dapr.Flag(c, "watch-interval", "0"))
	})
	switch {
	case r.Severity == guideline.Error || r.Outcome == guideline.Failed && r.Remedy != "":
		return r
	case r.Outcome == guideline.Failed && lacksRights(install, w):
		return guideline.Skip("%s, and it would be blind: the operator may not watch the Pods of all namespaces, as with the Helm value global.rbac.namespaced=true", r.Message)
	case r.Outcome == guideline.Failed && failsClosed(install):
		return guideline.Skip("%s, and the injector's webhook lets no Pod through without it: failurePolicy is Fail", r.Message)
	case r.Outcome == guideline.Failed && hiddenPolicy(install) != nil:
		return guideline.Unknown("%s, and whether the injector's webhook lets Pods through without it is not known: %s", r.Message, hiddenPolicy(install)).In(w.Name).At(r.Field)
	case r.Outcome == guideline.Failed:
		return r.Do("set the Helm value dapr_operator.watchInterval=2m%s", victims(install))
	case r.Outcome == guideline.Unjudged:
		return r
	default:
		return judgeSight(install, w, r).In(w.Name).At(r.Field)
	}
}
