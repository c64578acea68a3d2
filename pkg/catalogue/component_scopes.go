// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package catalogue

import (
	"fmt"
	"slices"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

var componentScopes = &guideline.Guideline{
	ID:       "component-scopes",
	Title:    "components are scoped to the apps that use them",
	Severity: guideline.Info,
	Origin:   guideline.Page,
	Section:  "Security",
	Hardens:  true,
	Objects:  "with --apps and those that use it, or --from-metrics, which looks for them; all others lose it",
	Docs:     "https://docs.dapr.io/operations/components/component-scopes/",
	Why: "Without scopes every sidecar of the namespace loads a component, with its credentials: any app may use it, and none starts while its backend is away. " +
		"The page does not demand scopes. One that names no app is a mistake in any case: nobody loads the component.",
	Judged: "scopes of Components, HTTPEndpoints, MCPServers, Subscriptions, Resiliencies and WorkflowAccessPolicies, held against the app IDs of the namespace: " +
		"dapr.io/app-id of each Pod template and Pod or, where that is missing, the names of the Pods of a StatefulSet and of bare Pods.",
	Fix: "list every app ID that uses it in scopes: all other apps lose it",
	Traps: "A component may be shared on purpose. Resiliencies and WorkflowAccessPolicies without scopes hold for every app, which is no fault of theirs. " +
		"An app ID of another namespace never matches. A workload with dapr.io/enabled set to false is no app.",
	Reads: readsSidecars(snapshot.DaprObjects()...),
	Namespace: func(ns *guideline.Namespace) []guideline.Result {
		results := hiddenKinds(ns, snapshot.Components, snapshot.HTTPEndpoints, snapshot.MCPServers,
			snapshot.Subscriptions, snapshot.Resiliencies, snapshot.WorkflowAccessPolicies)
		ids := appIDsOf(ns)
		for _, o := range ns.Snapshot.DaprObjectsOf(ns.Name) {
			r := judgeScopes(&o, ids)
			if o.Object.Kind != snapshot.KindComponent {
				r = r.From(guideline.Ours) // the page speaks of components
			}
			results = append(results, r.On(o.Object, o.Source))
		}
		switch {
		case len(results) > 0:
			return results
		case !ns.Snapshot.Live:
			return []guideline.Result{guideline.Unknown("Components and other objects with scopes in the namespace: not in the input")}
		default:
			return []guideline.Result{guideline.Skip("no Component or other object with scopes in the namespace")}
		}
	},
}

func judgeScopes(o *snapshot.DaprObject, ids appIDs) guideline.Result {
	if len(o.Scopes) == 0 {
		return judgeWithoutScopes(o, ids)
	}
	var lost []string
	for _, scope := range o.Scopes {
		if quoted := fmt.Sprintf("%q", scope); !ids.has(scope) && !slices.Contains(lost, quoted) {
			lost = append(lost, quoted)
		}
	}
	names := some(lost)
	switch {
	case len(lost) == 0:
		return guideline.Pass("scopes name apps of the namespace: %d", len(o.Scopes))
	case ids.hidden != "":
		return guideline.Unknown("scopes name %s, of which it is not known whether it is an app: %s", names, ids.hidden).At("scopes")
	case !slices.ContainsFunc(o.Scopes, ids.has):
		return guideline.Fail("scopes name no app of the namespace, so that none loads it: %s", names).As(guideline.Warning).From(guideline.Ours).At("scopes").
			Do("correct the app IDs in scopes")
	default:
		return guideline.Fail("scopes name what is no app of the namespace: %s", names).As(guideline.Warning).From(guideline.Ours).At("scopes").
			Do("correct or remove these app IDs in scopes")
	}
}

// judgeWithoutScopes judges what every sidecar of the namespace loads.
func judgeWithoutScopes(o *snapshot.DaprObject, ids appIDs) guideline.Result {
	switch {
	case o.Object.Kind == snapshot.KindResiliency || o.Object.Kind == snapshot.KindWorkflowAccessPolicy:
		return guideline.Pass("no scopes: the policy holds for every app of the namespace")
	case ids.apps > 1:
		return guideline.Fail("no scopes: every app of the namespace loads it").At("scopes")
	case ids.hidden != "":
		return guideline.Unknown("no scopes, and it is not known how many apps the namespace has: %s", ids.hidden).At("scopes")
	case ids.apps == 1:
		return guideline.Pass("no scopes, and one app in the namespace")
	default:
		return guideline.Skip("no scopes, and no app in the namespace")
	}
}
