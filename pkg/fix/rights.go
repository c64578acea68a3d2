// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package fix

import (
	"slices"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/apply"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/rights"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/rollout"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// Rights are what a Runner needs to be allowed beside what its Reader reads.
func Rights() []rights.Right {
	return appRights([]snapshot.Resource{snapshot.ResourceQuotas})
}

// HardenRights are those of a Runner and of Objects that close the security section: with
// the steps that keep anything in Secrets, or without them.
func HardenRights(secrets bool) []rights.Right {
	all := slices.Concat(
		appRights(nil),
		rights.Of(snapshot.InApps, objects(), "get", "patch"),
		[]rights.Right{
			{Verb: "get", Resource: snapshot.Configurations, Place: snapshot.InApps},
			{Verb: "get", Resource: snapshot.Namespaces, Place: snapshot.InApps},
			{Verb: "patch", Resource: snapshot.Namespaces, Place: snapshot.InApps, Why: "Namespaces are labelled by --enforce alone."},
		},
	)
	if !secrets {
		return all
	}
	return slices.Concat(
		all,
		rights.Of(snapshot.InApps, []snapshot.Resource{snapshot.Secrets}, "get", "create", "patch", "delete"),
		[]rights.Right{{Verb: "patch", Resource: snapshot.Configurations, Place: snapshot.InApps}},
		rights.Of(snapshot.InApps, apply.Referring(), "list"),
	)
}

// appRights are what it takes to write to apps, and to make other objects where control
// planes are.
func appRights(made []snapshot.Resource) []rights.Right {
	return slices.Concat(
		apply.Rights(rollout.Workloads(), made),
		rollout.Rights(),
		[]rights.Right{
			{Verb: "list", Resource: snapshot.ResourceQuotas, Place: snapshot.InApps},
			{
				Verb: "create", Resource: snapshot.Pods, Place: snapshot.InApps,
				Why: "Pods are only tried, in a dry run, which RBAC cannot tell from making them; without it nothing is proven.",
			},
		},
	)
}

// objects are the resources of dapr.io that have scopes.
func objects() []snapshot.Resource {
	var all []snapshot.Resource
	for _, read := range snapshot.DaprObjects() {
		all = append(all, read.Resource)
	}
	return all
}
