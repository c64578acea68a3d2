// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package catalogue

import (
	"slices"
	"strings"

	"github.com/dapr/dapr/pkg/injector/annotations"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

var secretScopes = &guideline.Guideline{
	ID:       "secret-scopes",
	Title:    "an app may read only those secrets that a scope allows",
	Severity: guideline.Info,
	Origin:   guideline.DaprDocs,
	Section:  notOnThePage,
	Hardens:  true,
	Docs:     "https://docs.dapr.io/operations/configuration/secret-scope/",
	Why:      "Without a scope an app may ask its sidecar for every secret of every store that it reaches, those of other apps among them.",
	Judged: "spec.secrets.scopes of the Configuration that daprd loads, against the secret stores that the app reaches: Components of a type secretstores.*, and the built-in store kubernetes unless it is switched off. " +
		"A scope closes its store with defaultAccess: deny, or with a list of allowed secrets. A store of Kubernetes' Secrets is closed as well where RBAC lets the app's ServiceAccount read none.",
	Fix: "write a scope with defaultAccess: deny and allowedSecrets for each store into spec.secrets.scopes of the app's Configuration, and name it by dapr.io/config",
	Traps: "A scope in a Configuration that no app names, or for a store that does not exist, does nothing. Of RoleBindings only those in the namespaces asked for are seen, and other authorizers than RBAC not at all. " +
		"Secrets that Components refer to are not read through these scopes.",
	Reads: readsConfigurations(
		snapshot.Read{Resource: snapshot.Components, Place: snapshot.InApps},
		snapshot.Read{Resource: snapshot.Roles, Place: snapshot.InApps},
		snapshot.Read{Resource: snapshot.RoleBindings, Place: snapshot.InApps},
		snapshot.Read{Resource: snapshot.ClusterRoles, Place: snapshot.InCluster},
		snapshot.Read{Resource: snapshot.ClusterRoleBindings, Place: snapshot.InCluster},
	),
	App: func(app *guideline.App) []guideline.Result {
		return daprds(app, func(d daprd) guideline.Result { return judgeSecretScopes(app, d) })
	},
}

func judgeSecretScopes(app *guideline.App, d daprd) guideline.Result {
	c := configurationOf(app, d.Container)
	if r, is := c.unjudged(); is {
		return r
	}
	var scopes []snapshot.SecretScope
	if c.Configuration != nil {
		scopes = c.SecretScopes
	}
	if problem := scopeProblem(scopes); problem != "" {
		return guideline.Fail("%s in spec.secrets.scopes of Configuration %s: daprd ends at start", problem, c.name).As(guideline.Error).
			Do("write one scope for each store, with defaultAccess allow or deny")
	}
	stores, hidden := storesOf(app, d)
	rights := secretRightsOf(app)
	var open, unsure []string
	for _, store := range stores {
		switch {
		case closes(scopes, store.name) || store.kubernetes && rights == readsNone:
		case store.kubernetes && rights != readsSome:
			unsure = append(unsure, store.name)
		default:
			open = append(open, store.name)
		}
	}
	switch {
	case len(open) > 0 && c.name == "":
		return atSetting(app, guideline.Fail("the app may read all that it gets of secret store %s: daprd loads no Configuration with scopes", some(open)), annotations.KeyConfig)
	case len(open) > 0:
		return guideline.Fail("the app may read all that it gets of secret store %s: no scope in Configuration %s closes it%s", some(open), c.name, strayScopes(scopes, stores))
	case hidden != nil:
		return guideline.Unknown("which secret stores the app reaches is not known: %s", hidden)
	case len(unsure) > 0:
		return guideline.Unknown("no scope closes %s, and whether the app's ServiceAccount may read Secrets is not known: %s", some(unsure), rights)
	case len(stores) == 0:
		return guideline.Pass("the app reaches no secret store")
	case closesAll(scopes, stores):
		return guideline.Pass("scopes close every secret store: %s", strings.Join(names(stores), ", "))
	case !slices.ContainsFunc(stores, func(s secretStore) bool { return !s.kubernetes }):
		return guideline.Pass("the app's ServiceAccount may read no Secret, and there is no other secret store")
	default:
		return guideline.Pass("the app's ServiceAccount may read no Secret, and scopes close every other store")
	}
}
