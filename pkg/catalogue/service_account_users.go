// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package catalogue

import (
	"slices"
	"strings"

	"github.com/dapr/dapr/pkg/injector/annotations"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/dapr"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// bothFields is the one safe change that takes the token away.
const bothFields = `unless the app itself calls the API server, or reads the secret store kubernetes by Dapr's API, set automountServiceAccountToken: false and the annotation ` +
	annotations.KeyDisableBuiltinK8sSecretStore + `: "true", both in one change of the Pod template: without the annotation daprd does not start`

// builtinStore is the name of the store that daprd loads by itself.
const builtinStore = "kubernetes"

// tokenUsers is what of a namespace reaches a sidecar and needs the token, or the
// built-in secret store, which needs the token in turn.
type tokenUsers struct {
	// needing are Components that call the API server themselves.
	needing []snapshot.DaprObject
	// storing are state stores with an encryption key, and MCPServers with an OAuth2
	// secret, of the built-in store.
	storing []snapshot.DaprObject
	// own is a Component that bears the name of the built-in store; nil without.
	own *snapshot.DaprObject
	// components and mcpServers hide what else there may be.
	components, mcpServers *snapshot.Gap
}

// hidden is the gap behind which more may need the token or the store; nil without.
func (u tokenUsers) hidden() *snapshot.Gap {
	if u.components != nil {
		return u.components
	}
	return u.mcpServers
}

func usersOfToken(app *guideline.App, d container) tokenUsers {
	release := app.Injector.Version
	if v := dapr.VersionOfImage(d.Image); v.Known() {
		release = v
	}
	users := tokenUsers{components: app.Gap(snapshot.Components)}
	kinds := []string{snapshot.KindComponent}
	if release.AtLeast(1, 18, 0) {
		kinds = append(kinds, snapshot.KindMCPServer)
		users.mcpServers = app.Gap(snapshot.MCPServers)
	}
	for _, o := range app.Snapshot.DaprObjectsOf(app.Object.Namespace, kinds...) {
		if !o.Reaches(dapr.Flag(d.Container, "app-id", "")) {
			continue
		}
		switch {
		case callsServer(&o, release):
			users.needing = append(users.needing, o)
		case usesBuiltinStore(&o):
			users.storing = append(users.storing, o)
		}
		if o.Object.Kind == snapshot.KindComponent && o.Object.Name == builtinStore && strings.HasPrefix(typeOf(&o), "secretstores.") {
			users.own = &o
		}
	}
	return users
}

// typeOf is a Component's type as daprd compares it.
func typeOf(o *snapshot.DaprObject) string { return strings.ToLower(o.Type) }

// callsServer tells whether a Component calls the API server, and not by a
// kubeconfig of its own (cmd/daprd/components).
func callsServer(o *snapshot.DaprObject, release dapr.Version) bool {
	named := slices.ContainsFunc(o.Settings, func(s snapshot.Setting) bool {
		return strings.EqualFold(s.Name, "kubeconfigPath") && s.Value.Text() != ""
	})
	switch typeOf(o) {
	case "secretstores.kubernetes", "bindings.kubernetes", "crypto.dapr.kubernetes.secrets":
		return !named
	case "configuration.kubernetes":
		return !named && release.AtLeast(1, 18, 0)
	default:
		return false
	}
}

// usesBuiltinStore tells whether something breaks without the built-in store. For
// a state store that is any encryption key, whatever it is read from: without the
// store daprd takes none (pkg/encryption, ComponentEncryptionKey).
func usesBuiltinStore(o *snapshot.DaprObject) bool {
	if o.SecretStore != "" && o.SecretStore != builtinStore {
		return false
	}
	return slices.ContainsFunc(o.Settings, func(s snapshot.Setting) bool {
		if o.Object.Kind == snapshot.KindMCPServer {
			return s.Name == "oauth2" && s.Part == snapshot.Key
		}
		return s.Part == snapshot.Metadata && strings.HasPrefix(typeOf(o), "state.") &&
			(s.Name == "primaryEncryptionKey" || s.Name == "secondaryEncryptionKey")
	})
}

// whatBreaks says what comes of taking the built-in store away.
func (u tokenUsers) whatBreaks() string {
	encrypted, servers := u.stored()
	var all []string
	if len(encrypted) > 0 {
		all = append(all, "without the built-in secret store daprd writes the state of "+namesOf(encrypted)+" in plain text, without a word")
	}
	if len(servers) > 0 {
		all = append(all, "without the built-in secret store there is no OAuth2 secret for "+namesOf(servers))
	}
	return strings.Join(all, "; ")
}

func (u tokenUsers) stored() (encrypted, servers []snapshot.DaprObject) {
	for _, o := range u.storing {
		if o.Object.Kind == snapshot.KindMCPServer {
			servers = append(servers, o)
		} else {
			encrypted = append(encrypted, o)
		}
	}
	return encrypted, servers
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

// namesOf names objects, the first few of many.
func namesOf(all []snapshot.DaprObject) string {
	var names []string
	for _, o := range all {
		names = append(names, o.Object.Kind+" "+o.Object.Name)
	}
	return some(names)
}
