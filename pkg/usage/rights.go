// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package usage

import (
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/rights"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// Rights are what MetricsAPI and Cluster need to be allowed. Whether metrics.k8s.io is
// served everybody may ask who is logged in.
func Rights() []rights.Right {
	proxy := snapshot.Resource{Resource: snapshot.Services.Resource + "/proxy"}
	return []rights.Right{
		{Verb: "list", Resource: snapshot.PodMetrics, Place: snapshot.InApps},
		{Verb: "list", Resource: snapshot.Services, Place: snapshot.InCluster},
		{
			Verb: "get", Resource: proxy, Place: snapshot.InCluster,
			Why: "A Prometheus in the cluster is asked through the API server, and which Service it is shows only then.",
		},
	}
}

// ScopeRights are what it takes to read who uses what of a Prometheus in the cluster, or
// of the Pods themselves.
func ScopeRights() []rights.Right {
	proxy := func(r snapshot.Resource) snapshot.Resource { return snapshot.Resource{Resource: r.Resource + "/proxy"} }
	return []rights.Right{
		{Verb: "list", Resource: snapshot.Pods, Place: snapshot.InApps},
		{Verb: "get", Resource: proxy(snapshot.Pods), Place: snapshot.InApps, Why: "Metrics of the Pods are for component-scopes --from-metrics alone, where there is no Prometheus."},
		{Verb: "list", Resource: snapshot.Services, Place: snapshot.InCluster},
		{Verb: "get", Resource: proxy(snapshot.Services), Place: snapshot.InCluster, Why: "A Prometheus in the cluster is asked through the API server, for --from-metrics alone."},
	}
}
