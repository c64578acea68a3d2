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
	return slices.Concat(
		apply.Rights(rollout.Workloads(), []snapshot.Resource{snapshot.ResourceQuotas}),
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
