// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package catalogue

import (
	"slices"

	"github.com/dapr/dapr/pkg/injector/annotations"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// bothFields is the one safe change that takes the token away, and what bars it.
const bothFields = `where the app does not call the API server itself, and neither it nor a state store with an encryption key nor an MCPServer with an OAuth2 secret ` +
	`uses the secret store kubernetes, set automountServiceAccountToken: false and the annotation ` + annotations.KeyDisableBuiltinK8sSecretStore +
	`: "true", both in one change of the Pod template: without the annotation daprd does not start`

// judgeMounted judges a token that is mounted, and that no Component which was seen needs.
func judgeMounted(users tokenUsers, builtin bool) guideline.Result {
	switch {
	case users.components != nil:
		return guideline.Hidden(users.components)
	case !builtin:
		return guideline.Fail("the ServiceAccount's token is mounted, and daprd does not need it").
			Do("set automountServiceAccountToken: false, unless the app itself calls the API server")
	case len(users.storing) > 0:
		return guideline.Fail("the ServiceAccount's token is mounted, and has to be: %s", users.whatBreaks()).As(guideline.Info).
			Do("leave it mounted, and do not set %s, until their auth.secretStore names another store than kubernetes, with the same keys in it", annotations.KeyDisableBuiltinK8sSecretStore)
	default:
		r := guideline.Fail("the ServiceAccount's token is mounted, and daprd needs it for nothing but its built-in secret store")
		if users.mcpServers != nil {
			r = r.Do("%s; MCPServers are to be looked at, which was not possible here: %s", bothFields, users.mcpServers)
		}
		return r
	}
}

// judgeStartWithoutToken judges the built-in store without a token: what comes of
// following the page to the letter.
func judgeStartWithoutToken(users tokenUsers) guideline.Result {
	r := guideline.Fail("daprd cannot start: the ServiceAccount's token is not mounted, and the built-in secret store needs it").
		As(guideline.Error).From(guideline.Ours)
	switch {
	case len(users.needing) > 0:
		return r.Do("set automountServiceAccountToken: true in the Pod template: %s cannot do without the token either", namesOf(users.needing))
	case len(users.storing) > 0:
		return r.Do("set automountServiceAccountToken: true in the Pod template, and do not set %s: %s", annotations.KeyDisableBuiltinK8sSecretStore, users.whatBreaks())
	case users.hidden() != nil:
		return r.Do("set automountServiceAccountToken: true in the Pod template; %s only helps where no Component and no MCPServer needs that store (%s)", annotations.KeyDisableBuiltinK8sSecretStore, users.hidden())
	default:
		return r.Do(`set the annotation %s: "true", unless the app reads secrets from the store kubernetes by Dapr's API: then set automountServiceAccountToken: true in the Pod template`, annotations.KeyDisableBuiltinK8sSecretStore)
	}
}

// judgeLostStore judges what is left of the built-in store's users where it is
// switched off.
func judgeLostStore(users tokenUsers) (r guideline.Result, broken bool) {
	encrypted, servers := users.stored()
	back := "take out " + annotations.KeyDisableBuiltinK8sSecretStore + " and let the token be mounted, or let auth.secretStore name another store that holds the same secret"
	switch {
	case len(users.storing) == 0:
		return guideline.Result{}, false
	case users.own != nil:
		return guideline.Unknown("the built-in secret store is switched off: whether %s has its secret depends on when daprd loads Component %s", namesOf(users.storing), builtinStore), true
	case len(encrypted) > 0:
		r = guideline.Fail("the built-in secret store is switched off, and daprd writes the state of %s in plain text, though it has an encryption key", namesOf(encrypted)).
			Do("%s; what was written meanwhile is plain text, which daprd cannot read once it encrypts again", back)
	default:
		r = guideline.Fail("the built-in secret store is switched off, and holds the OAuth2 secret of %s", namesOf(servers)).Do("%s", back)
	}
	return r.As(guideline.Error).From(guideline.Ours), true
}

// judgeNeeded judges Components that need the token where it is not mounted.
func judgeNeeded(users tokenUsers) guideline.Result {
	r := guideline.Fail("the ServiceAccount's token is not mounted, and %s needs it: daprd does not start", namesOf(users.needing)).As(guideline.Error)
	if !slices.ContainsFunc(users.needing, func(o snapshot.DaprObject) bool { return !o.IgnoreErrors }) {
		r = guideline.Fail("the ServiceAccount's token is not mounted, and %s needs it: daprd starts without it", namesOf(users.needing)).As(guideline.Warning)
	}
	return r.From(guideline.Ours).Do("set automountServiceAccountToken: true in the Pod template, or leave this app out of its scopes")
}
