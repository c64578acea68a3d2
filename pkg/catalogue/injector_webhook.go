// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package catalogue

import (
	"slices"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/dapr"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

var injectorWebhook = &guideline.Guideline{
	ID:       "injector-webhook",
	Title:    "the API server reaches the injector",
	Severity: guideline.Error,
	Origin:   guideline.Ours,
	Section:  notOnThePage,
	Docs:     "https://docs.dapr.io/concepts/dapr-services/sidecar-injector/",
	Why: "The API server asks the injector about every new Pod. Where it cannot, because nothing tells it to, it does not trust the answer or nobody is there, " +
		"Pods start without a sidecar and nobody is told.",
	Judged: "The MutatingWebhookConfiguration that calls the injector's Service: that it is there, that its caBundle holds the control plane's roots, and that its selectors leave out no workload " +
		"that asks for a sidecar; and that addresses behind the Service are ready.",
	Fix: "restart the injector, which writes its caBundle anew: kubectl rollout restart deployment/dapr-sidecar-injector in the control plane's namespace",
	Traps: "failurePolicy Ignore is the chart's own and no fault: Fail can keep a cluster from starting. The caBundle is written by the injector, so that a rendered chart has none. " +
		"A firewall or a NetworkPolicy between the API server and port 4000 of the Pods cannot be seen here, only by Pods without a sidecar.",
	Reads: slices.Concat(snapshot.Apps(), []snapshot.Read{
		{Resource: snapshot.Webhooks, Place: snapshot.InCluster},
		{Resource: snapshot.Namespaces, Place: snapshot.InApps},
		{Resource: snapshot.Deployments, Place: snapshot.InControlPlane},
		{Resource: snapshot.ConfigMaps, Place: snapshot.InControlPlane},
		{Resource: snapshot.Services, Place: snapshot.InControlPlane},
		{Resource: snapshot.EndpointSlices, Place: snapshot.InControlPlane},
	}),
	ControlPlane: judgeWebhooks,
}

// judgeWebhooks judges the webhooks that call the injector of an install.
func judgeWebhooks(install *guideline.Install) []guideline.Result {
	var results []guideline.Result
	for i := range install.Snapshot.Webhooks {
		if w := &install.Snapshot.Webhooks[i]; w.ControlPlane == install.Namespace {
			results = append(results,
				judgeCABundle(install, w).On(w.Object, w.Source),
				judgeSelectors(install, w).On(w.Object, w.Source),
				judgeService(install, w.Service))
		}
	}
	if len(results) == 0 {
		return []guideline.Result{withoutWebhook(install)}
	}
	return results
}

// withoutWebhook judges an install whose injector nothing calls.
func withoutWebhook(install *guideline.Install) guideline.Result {
	gap := install.Snapshot.Gap(snapshot.InCluster, snapshot.Webhooks, "")
	switch hidden := install.Gap(snapshot.Deployments); {
	case gap != nil:
		return guideline.Hidden(gap)
	case !install.Snapshot.Live:
		return guideline.Unknown("the webhook of the injector in %s: not in the input", install.Namespace)
	case install.Workload(dapr.Injector) == nil && hidden != nil:
		return guideline.Hidden(hidden)
	case install.Workload(dapr.Injector) == nil:
		return guideline.Skip("the injector is not installed")
	default:
		return guideline.Fail("no MutatingWebhookConfiguration calls the injector: no Pod gets a sidecar").
			Do("upgrade the Helm release to its own chart version with its own values, which makes the MutatingWebhookConfiguration anew, then restart the injector")
	}
}

// judgeService looks at whether somebody answers.
func judgeService(install *guideline.Install, name string) guideline.Result {
	object := snapshot.Object{APIVersion: "v1", Kind: "Service", Namespace: install.Namespace, Name: name}
	src := snapshot.Source{}
	s := install.Snapshot.Service(install.Namespace, name)
	if s != nil {
		src = s.Source
	}
	var r guideline.Result
	ready := install.Snapshot.ReadyEndpoints(install.Namespace, name)
	switch gap, slices := install.Gap(snapshot.Services), install.Gap(snapshot.EndpointSlices); {
	case s == nil && gap != nil:
		r = guideline.Hidden(gap)
	case s == nil && !install.Snapshot.Live:
		r = guideline.Unknown("Service %s: not in the input", name)
	case s == nil:
		r = guideline.Fail("the Service that the webhook calls is not there").
			Do("upgrade the Helm release to its own chart version with its own values, which makes the Service anew")
	case ready > 0:
		r = guideline.Pass("ready addresses: %d", ready)
	case slices != nil:
		r = guideline.Hidden(slices)
	case !install.Snapshot.Live:
		r = guideline.Unknown("the addresses behind Service %s: not in the input", name)
	default:
		r = guideline.Fail("no ready address: nobody answers the API server").
			Do("see why the injector's Pods are not ready: kubectl describe -n %s deployment/%s", install.Namespace, dapr.Injector)
	}
	return r.On(object, src)
}
