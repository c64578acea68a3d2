// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package rollout

import (
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/rights"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// Workloads are the resources whose rollouts are known.
func Workloads() []snapshot.Resource {
	return append(watched(), snapshot.CronJobs)
}

// watched are those of them whose Pods are waited for.
func watched() []snapshot.Resource {
	return []snapshot.Resource{snapshot.Deployments, snapshot.StatefulSets, snapshot.DaemonSets, snapshot.Rollouts}
}

// Rights are what a Client needs to be allowed to wait for Pods, to tell why they do not
// come up, and what scales them.
func Rights() []rights.Right {
	all := rights.Of(snapshot.InApps, watched(), "get", "list", "watch")
	return append(all, rights.Of(snapshot.InApps, []snapshot.Resource{
		snapshot.ReplicaSets,
		{Group: "apps", Resource: "controllerrevisions"}, // by which the Pods of a DaemonSet are told apart
		snapshot.Pods,
		snapshot.Events,
		{Group: "autoscaling", Resource: "horizontalpodautoscalers"},
	}, "list")...)
}
