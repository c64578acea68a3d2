// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package report_test

import (
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/utils/ptr"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/report"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

var (
	orders     = snapshot.Object{APIVersion: "apps/v1", Kind: "Deployment", Namespace: "shop", Name: "orders"}
	reporting  = snapshot.Object{APIVersion: "batch/v1", Kind: "CronJob", Namespace: "analytics", Name: "nightly-revenue-reconciliation-by-store-and-region"}
	debug      = snapshot.Object{APIVersion: "v1", Kind: "Pod", Namespace: "shop", Name: "debug"}
	statestore = snapshot.Object{APIVersion: "dapr.io/v1alpha1", Kind: "Component", Namespace: "shop", Name: "statestore"}
	operator   = snapshot.Object{APIVersion: "apps/v1", Kind: "Deployment", Namespace: "dapr-system", Name: "dapr-operator"}
	webhook    = snapshot.Object{APIVersion: "admissionregistration.k8s.io/v1", Kind: "MutatingWebhookConfiguration", Name: "dapr-sidecar-injector"}
)

// shop is a report as a check of a real cluster makes it.
func shop() *report.Report {
	r := &report.Report{
		APIVersion: report.APIVersion,
		Kind:       report.Kind,
		Tool:       report.Tool{Version: "v0.1.0", GuidelinesEdition: "1.18", DataDate: "2026-11-20"},
		TakenAt:    time.Date(2026, 11, 21, 3, 4, 5, 0, time.UTC),
		Cluster: report.Cluster{
			Context:           "prod-eu",
			KubernetesVersion: "v1.36.3",
			ControlPlanes:     []report.ControlPlane{{Namespace: "dapr-system", Version: "1.18.3"}},
			Gaps: []string{
				"not allowed to list secrets in namespace shop",
				"cannot list resiliencies in all namespaces: conversion webhook for dapr.io/v1alpha1, Kind=Resiliency failed: Post \"https://dapr-webhook.dapr-system.svc:443/convert\": connection refused",
			},
		},
		Apps: apps(),
	}
	r.Results = results()
	count(r)
	return r
}

func results() []report.Result {
	fail, pass := guideline.Failed, guideline.Passed
	all := []report.Result{
		result(statestore, "component-secrets", guideline.Error, fail, "redisPassword is in plain text", "Put the value into a Secret and refer to it with secretKeyRef.", "spec.metadata[redisPassword]", ""),
		result(orders, "sidecar-quantities", guideline.Error, fail, "all four resource settings are dropped: sidecar-memory-limit \"1000MB\" is not a quantity", "Write a Kubernetes quantity, such as 1000Mi.", "spec.template.metadata.annotations[dapr.io/sidecar-memory-limit]", "daprd"),
		result(operator, "control-plane-ha", guideline.Warning, fail, "1 replica; high availability wants 3", "Set global.ha.enabled=true.", "spec.replicas", ""),
		result(operator, "control-plane-priority-class", guideline.Warning, fail, "Pods have no priority class, so that a full node may evict them before any app", "Set global.priorityClassName=system-cluster-critical.", "spec.template.spec.priorityClassName", ""),
		result(reporting, "sidecar-soft-memory-limit", guideline.Warning, fail, "GOMEMLIMIT is not set while the memory limit is 1000Mi: the Go runtime of the sidecar does not know of the limit until the kernel ends it", "Append GOMEMLIMIT=900MiB to dapr.io/env.", "spec.jobTemplate.spec.template.metadata.annotations[dapr.io/env]", "daprd"),
		result(orders, "sidecar-soft-memory-limit", guideline.Warning, fail, "GOMEMLIMIT is 1000MiB, more than 95 % of the memory limit of 1000Mi", "Set GOMEMLIMIT=900MiB in dapr.io/env.", "spec.template.metadata.annotations[dapr.io/env]", "daprd"),
		result(orders, "service-account-token", guideline.Warning, fail, "the token of the service account is mounted, and neither daprd's own secret store nor the app is known to need it", "", "spec.template.spec.automountServiceAccountToken", ""),
		result(webhook, "injector-failure-policy", guideline.Info, fail, "failurePolicy is Ignore: while the injector is down, Pods start without a sidecar", "Set dapr_sidecar_injector.webhookFailurePolicy=Fail.", "webhooks[0].failurePolicy", ""),
		result(debug, "sidecar-liveness-probe", guideline.Info, fail, "daprd has no liveness probe", "Leave the probe as the injector makes it.", "", "daprd"),
		result(orders, "app-token", guideline.Warning, guideline.Unjudged, "not allowed to list secrets in namespace shop", "", "", ""),
		result(orders, "token-secrets", guideline.Error, guideline.Unjudged, "not allowed to list secrets in namespace shop", "", "", ""),
		result(debug, "sidecar-resources", guideline.Warning, guideline.Ignored, "no CPU limit", "", "", ""),
		result(orders, "mtls", guideline.Error, pass, "daprd runs with mTLS", "", "", "daprd"),
		result(operator, "injector-watchdog", guideline.Warning, pass, "the watchdog runs every 10s", "", "", ""),
		result(reporting, "component-scopes", guideline.Info, guideline.Skipped, "no component in the namespace", "", "", ""),
	}
	for i := range all {
		if all[i].Outcome == guideline.Ignored {
			all[i].Reason = "thrown away after the incident"
		}
	}
	return all
}

func result(o snapshot.Object, id string, s guideline.Severity, outcome guideline.Outcome, message, remedy, field, container string) report.Result {
	r := report.Result{
		Guideline: id, Origin: guideline.Page, Severity: s, Outcome: outcome, Object: o,
		Container: container, Field: field, Message: message, Remedy: remedy,
		Docs: "https://docs.dapr.io/operations/hosting/kubernetes/kubernetes-production/",
	}
	if o == statestore {
		r.Source = &report.Source{File: "components/statestore.yaml", Line: 12}
	}
	return r
}

func apps() []report.App {
	small := daprd("1.18.3", "100m", "300m", "250Mi", "1000Mi")
	old := daprd("1.17.2", "100m", "", "", "1000Mi")
	none := daprd("1.18.3", "", "", "", "")
	return []report.App{
		{Namespace: "analytics", Kind: "CronJob", Name: reporting.Name, AppID: "nightly-revenue", Sidecar: report.Sidecar{State: "denied", Problems: []string{
			"Dapr's injector refuses the Pods: value for the dapr.io/app-id annotation is not a valid DNS-1123 label",
		}}},
		{Namespace: "shop", Kind: "Pod", Name: "debug", AppID: "debug", Pods: 1, Sidecar: report.Sidecar{State: "off"}},
		{Namespace: "shop", Kind: "Deployment", Name: "orders", AppID: "orders", Replicas: ptr.To[int32](3), Pods: 2, Sidecar: report.Sidecar{
			State: "injected", Simulated: small,
			Observed: []report.Observed{{Pods: []string{"orders-7c9-x2x", "orders-7c9-z8z"}, Container: *old}},
			Problems: []string{
				"all four resource settings are dropped: sidecar-memory-limit \"1000MB\" is not a quantity",
				"2 of 2 Pods differ from what the template gives now: image, resources, env GOMEMLIMIT",
			},
		}},
		{Namespace: "shop", Kind: "StatefulSet", Name: "carts", Replicas: ptr.To[int32](3), Pods: 3, Sidecar: report.Sidecar{
			State: "injected", Native: true, Simulated: small,
		}},
		{Namespace: "shop", Kind: "Rollout", Name: "payments", AppID: "payments", Pods: 5, Sidecar: report.Sidecar{
			State: "unread", Without: []string{"p-5"}, Observed: []report.Observed{{Pods: []string{"p-1", "p-2", "p-3", "p-4"}, Container: *none}},
		}},
	}
}

func daprd(version, cpuRequest, cpuLimit, memoryRequest, memoryLimit string) *corev1.Container {
	c := &corev1.Container{
		Name:  "daprd",
		Image: "registry.example.com:5000/daprio/daprd:" + version,
		Args:  []string{"/daprd", "--app-id", "orders", "--log-level", "info"},
		Env: []corev1.EnvVar{
			{Name: "NAMESPACE", Value: "shop"},
			{Name: "API_KEY", Value: "hunter2"},
			{Name: "POD_NAME", ValueFrom: &corev1.EnvVarSource{FieldRef: &corev1.ObjectFieldSelector{FieldPath: "metadata.name"}}},
		},
	}
	c.Resources.Requests = quantities(cpuRequest, memoryRequest)
	c.Resources.Limits = quantities(cpuLimit, memoryLimit)
	return c
}

func quantities(cpu, memory string) corev1.ResourceList {
	list := corev1.ResourceList{}
	if cpu != "" {
		list[corev1.ResourceCPU] = resource.MustParse(cpu)
	}
	if memory != "" {
		list[corev1.ResourceMemory] = resource.MustParse(memory)
	}
	return list
}

// count fills in the summary.
func count(r *report.Report) {
	r.Summary = report.Summary{}
	for _, result := range r.Results {
		switch result.Outcome {
		case guideline.Passed:
			r.Summary.Pass++
		case guideline.Skipped:
			r.Summary.Skip++
		case guideline.Unjudged:
			r.Summary.Unknown++
		case guideline.Ignored:
			r.Summary.Ignored++
		case guideline.Failed:
			r.Summary.Fail++
			switch result.Severity {
			case guideline.Error:
				r.Summary.BySeverity.Error++
			case guideline.Warning:
				r.Summary.BySeverity.Warning++
			case guideline.Info:
				r.Summary.BySeverity.Info++
			}
		}
	}
}
