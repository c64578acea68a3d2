// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package catalogue

import (
	"fmt"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

var serviceAccountToken = &guideline.Guideline{
	ID:       "service-account-token",
	Title:    "Pods without a use for the ServiceAccount's token do not mount it, and daprd starts without it",
	Severity: guideline.Warning,
	Origin:   guideline.Page,
	Section:  "Service account tokens",
	Hardens:  true, Restricted: true,
	Docs: page + "#service-account-tokens",
	Why: "Whoever gets into a container may do with the token what its ServiceAccount may. But the page does not say that daprd loads a built-in secret store, named kubernetes, " +
		"which needs the token: with automountServiceAccountToken: false alone daprd does not start, and without that store state that it holds the key of is written in plain text.",
	Judged: "automountServiceAccountToken of the Pod template, else of its ServiceAccount, else true; a token that is mounted by hand into daprd; --disable-builtin-k8s-secret-store; " +
		"and what of the namespace reaches the app by its scopes and needs the token: secretstores.kubernetes, bindings.kubernetes, crypto.dapr.kubernetes.secrets and, from 1.18, configuration.kubernetes. " +
		"State stores with an encryption key, and from 1.18 MCPServers with an OAuth2 secret, need the built-in store. secretKeyRef needs neither: Dapr's operator reads those Secrets.",
	Fix: bothFields,
	Traps: "What the app itself does cannot be seen: calls to the API server, reads of the secret store kubernetes by Dapr's API, and what agents such as Vault's do with the token. " +
		"daprd's identity has a token of its own, which stays. The Pods of the control plane need theirs always.",
	Reads: readsSidecars(
		snapshot.Read{Resource: snapshot.Components, Place: snapshot.InApps},
		snapshot.Read{Resource: snapshot.MCPServers, Place: snapshot.InApps},
		snapshot.Read{Resource: snapshot.ServiceAccounts, Place: snapshot.InApps},
	),
	App: func(app *guideline.App) []guideline.Result {
		return sidecars(app, func(d container) guideline.Result { return judgeTokenOf(app, d) })
	},
	Mend: mendToken,
	MendReads: []snapshot.Read{
		{Resource: snapshot.RoleBindings, Place: snapshot.Everywhere},
		{Resource: snapshot.ClusterRoleBindings, Place: snapshot.InCluster},
	},
}

// judgeTokenOf judges a sidecar in each of the ways in which it may come by its token.
func judgeTokenOf(app *guideline.App, d container) guideline.Result {
	mounts, hidden := tokenMounts(app, d)
	if len(mounts) == 0 {
		return hidden
	}
	r := judgeToken(app, d, mounts[0])
	for _, m := range mounts[1:] {
		switch s := judgeToken(app, d, m); {
		case s.Outcome != r.Outcome:
			return hidden
		case s.Severity != r.Severity && r.Outcome == guideline.Failed && !app.Snapshot.Live:
			// It falls short either way, and who reads files alone sees no more. The first is what Kubernetes does by itself.
			r.Message += fmt.Sprintf(", unless its ServiceAccount says otherwise, and then daprd cannot start (%s)", hidden.Message)
		case s.Severity != r.Severity:
			return hidden
		}
	}
	return r.At(automountField(app))
}

// judgeToken judges a sidecar that comes by its token in one way.
func judgeToken(app *guideline.App, d container, mount tokenMount) guideline.Result {
	users, builtin := usersOfToken(app, d), loadsBuiltinStore(d)
	if !builtin {
		if r, broken := judgeLostStore(users); broken {
			return r
		}
	}
	switch {
	case mount.automatic && mount.byHand:
		return guideline.Fail("the ServiceAccount's token is mounted, though daprd has one of its own").
			Do("set automountServiceAccountToken: false, unless the app itself calls the API server: daprd keeps the token that is mounted by hand")
	case mount.automatic && len(users.needing) > 0:
		return guideline.Pass("the ServiceAccount's token is mounted, and needed by %s", namesOf(users.needing))
	case mount.automatic:
		return judgeMounted(users, builtin)
	case mount.byHand:
		return guideline.Pass("the ServiceAccount's token is not mounted; daprd has one that is mounted by hand")
	case mount.kubeconfig && (builtin || len(users.needing) > 0):
		return guideline.Unknown("the ServiceAccount's token is not mounted: whether daprd starts depends on the file that its variable %s names", kubeconfigEnv)
	case builtin:
		return judgeStartWithoutToken(users)
	case len(users.needing) > 0:
		return judgeNeeded(users)
	case users.hidden() != nil:
		return guideline.Hidden(users.hidden())
	default:
		return guideline.Pass("the ServiceAccount's token is not mounted, and daprd does without")
	}
}
