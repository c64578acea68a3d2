// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package collect

import (
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// The kinds that are not built in, and travel as JSON.
var (
	configurationKind = schema.GroupKind{Group: snapshot.Configurations.Group, Kind: "Configuration"}
	rolloutKind       = schema.GroupKind{Group: snapshot.Rollouts.Group, Kind: "Rollout"}
	definitionKind    = schema.GroupKind{Group: snapshot.Definitions.Group, Kind: "CustomResourceDefinition"}
	podMetricsKind    = schema.GroupKind{Group: snapshot.PodMetrics.Group, Kind: "PodMetrics"}

	monitorKinds = map[schema.GroupKind]bool{
		{Group: snapshot.PodMonitors.Group, Kind: "PodMonitor"}:         true,
		{Group: snapshot.ServiceMonitors.Group, Kind: "ServiceMonitor"}: true,
	}
	daprKinds = map[schema.GroupKind]bool{
		{Group: snapshot.Components.Group, Kind: snapshot.KindComponent}:            true,
		{Group: snapshot.Components.Group, Kind: snapshot.KindHTTPEndpoint}:         true,
		{Group: snapshot.Components.Group, Kind: snapshot.KindMCPServer}:            true,
		{Group: snapshot.Components.Group, Kind: snapshot.KindSubscription}:         true,
		{Group: snapshot.Components.Group, Kind: snapshot.KindResiliency}:           true,
		{Group: snapshot.Components.Group, Kind: snapshot.KindWorkflowAccessPolicy}: true,
	}
)

// custom tells whether objects of a kind are read as JSON, without a type.
func custom(gk schema.GroupKind) bool {
	return gk == configurationKind || gk == rolloutKind || gk == definitionKind || monitorKinds[gk] || daprKinds[gk]
}
