// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package collect

import (
	"slices"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/dapr"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// gaps are what the input does not hold, which does not mean that it is missing.
func (r *manifestReading) gaps(f *facts, apps []snapshot.App) []snapshot.Gap {
	var gaps []snapshot.Gap
	hidden := func(resource snapshot.Resource, places ...snapshot.Place) {
		for _, place := range places {
			gaps = append(gaps, snapshot.Gap{Resource: resource, Place: place, Reason: snapshot.NotInInput})
		}
	}
	if !r.seen["Pod"] {
		hidden(snapshot.Pods, snapshot.InApps, snapshot.InControlPlane)
	}
	if !r.seen["Event"] {
		hidden(snapshot.Events, snapshot.InApps)
	}
	if !r.seen["ReplicaSet"] {
		hidden(snapshot.ReplicaSets, snapshot.InApps)
	}
	if len(f.namespaces) == 0 {
		hidden(snapshot.Namespaces, snapshot.InApps, snapshot.InControlPlane)
	}
	if len(f.limitRanges) == 0 {
		hidden(snapshot.LimitRanges, snapshot.InApps, snapshot.InControlPlane)
	} else {
		for _, namespace := range withoutLimitRange(apps, f.limitRanges) {
			gaps = append(gaps, snapshot.Gap{Resource: snapshot.LimitRanges, Namespace: namespace, Place: snapshot.InApps, Reason: snapshot.NotInInput})
		}
	}
	if len(f.configurations) == 0 {
		hidden(snapshot.Configurations, snapshot.InApps)
	}
	// The Configurations of apps do not tell the control plane's.
	if !slices.ContainsFunc(f.configurations, func(c snapshot.Configuration) bool { return c.Object.Name == dapr.SystemConfiguration }) {
		hidden(snapshot.Configurations, snapshot.InControlPlane)
	}
	if len(f.webhooks) == 0 {
		hidden(snapshot.Webhooks, snapshot.InCluster)
	}
	if len(f.controlPlane) == 0 {
		hidden(snapshot.Deployments, snapshot.InControlPlane)
		hidden(snapshot.StatefulSets, snapshot.InControlPlane)
	}
	hidden(snapshot.Releases, snapshot.InControlPlane) // a rendered chart has no record
	hidden(snapshot.PodMetrics, snapshot.InApps)
	hidden(snapshot.Pods, snapshot.InCluster) // nobody knows whether these are all
	for _, k := range singleKinds {
		if !r.seen[k.kind] {
			hidden(k.resource, k.places...)
		}
	}
	slices.SortFunc(gaps, snapshot.Gap.Compare)
	return gaps
}

// withoutLimitRange are the namespaces that have apps and no LimitRange, each once.
func withoutLimitRange(apps []snapshot.App, ranges []snapshot.LimitRange) []string {
	var found []string
	for _, a := range apps {
		namespace := a.Object.Namespace
		if !slices.ContainsFunc(ranges, func(l snapshot.LimitRange) bool { return l.Namespace == namespace }) {
			found = append(found, namespace)
		}
	}
	slices.Sort(found)
	return slices.Compact(found)
}

// singleKinds are the kinds that are read for single guidelines, and where.
var singleKinds = []struct {
	kind     string
	resource snapshot.Resource
	places   []snapshot.Place
}{
	{snapshot.KindComponent, snapshot.Components, []snapshot.Place{snapshot.InApps}},
	{snapshot.KindHTTPEndpoint, snapshot.HTTPEndpoints, []snapshot.Place{snapshot.InApps}},
	{snapshot.KindMCPServer, snapshot.MCPServers, []snapshot.Place{snapshot.InApps}},
	{snapshot.KindSubscription, snapshot.Subscriptions, []snapshot.Place{snapshot.InApps}},
	{snapshot.KindResiliency, snapshot.Resiliencies, []snapshot.Place{snapshot.InApps}},
	{snapshot.KindWorkflowAccessPolicy, snapshot.WorkflowAccessPolicies, []snapshot.Place{snapshot.InApps}},
	{definitionKind.Kind, snapshot.Definitions, []snapshot.Place{snapshot.InCluster}},
	{"Node", snapshot.Nodes, []snapshot.Place{snapshot.InCluster}},
	{"PriorityClass", snapshot.PriorityClasses, []snapshot.Place{snapshot.InCluster}},
	{"PodDisruptionBudget", snapshot.DisruptionBudgets, []snapshot.Place{snapshot.InControlPlane}},
	{"ResourceQuota", snapshot.ResourceQuotas, []snapshot.Place{snapshot.InControlPlane}},
	{"PersistentVolumeClaim", snapshot.VolumeClaims, []snapshot.Place{snapshot.InControlPlane}},
	{"ConfigMap", snapshot.ConfigMaps, []snapshot.Place{snapshot.InControlPlane}},
	{"Event", snapshot.Events, []snapshot.Place{snapshot.InControlPlane}},
	{"Service", snapshot.Services, []snapshot.Place{snapshot.InApps, snapshot.InControlPlane}},
	{"EndpointSlice", snapshot.EndpointSlices, []snapshot.Place{snapshot.InControlPlane}},
	{"Ingress", snapshot.Ingresses, []snapshot.Place{snapshot.InControlPlane}},
	{"PodMonitor", snapshot.PodMonitors, []snapshot.Place{snapshot.InCluster}},
	{"ServiceMonitor", snapshot.ServiceMonitors, []snapshot.Place{snapshot.InCluster}},
	{"ServiceAccount", snapshot.ServiceAccounts, []snapshot.Place{snapshot.InApps}},
	{"Role", snapshot.Roles, []snapshot.Place{snapshot.InApps, snapshot.InControlPlane, snapshot.InCluster}},
	{"RoleBinding", snapshot.RoleBindings, []snapshot.Place{snapshot.InApps, snapshot.InControlPlane, snapshot.InCluster}},
	{"ClusterRole", snapshot.ClusterRoles, []snapshot.Place{snapshot.InCluster}},
	{"ClusterRoleBinding", snapshot.ClusterRoleBindings, []snapshot.Place{snapshot.InCluster}},
	{"Secret", snapshot.Secrets, []snapshot.Place{snapshot.InApps, snapshot.InControlPlane}},
}
