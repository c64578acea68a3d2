// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package catalogue

import (
	"slices"
	"strings"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/dapr"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

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
	release := releaseOf(app, d)
	users := tokenUsers{components: app.Gap(snapshot.Components)}
	kinds := []string{snapshot.KindComponent}
	if release.AtLeast(1, 18, 0) {
		kinds = append(kinds, snapshot.KindMCPServer)
		users.mcpServers = app.Gap(snapshot.MCPServers)
	}
	if !app.Snapshot.Live && users.components == nil {
		// Manifests with Components hold all of them, as far as anybody can tell, and so all
		// else that sidecars load.
		users.mcpServers = nil
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
// a state store that is an encryption key, whatever it is read from: without the
// store daprd takes none (pkg/encryption, ComponentEncryptionKey). A second key
// without a first encrypts nothing in any case.
func usesBuiltinStore(o *snapshot.DaprObject) bool {
	if o.SecretStore != "" && o.SecretStore != builtinStore {
		return false
	}
	return slices.ContainsFunc(o.Settings, func(s snapshot.Setting) bool {
		if o.Object.Kind == snapshot.KindMCPServer {
			return s.Name == "oauth2" && s.Part == snapshot.Key
		}
		return s.Part == snapshot.Metadata && strings.HasPrefix(typeOf(o), "state.") && s.Name == "primaryEncryptionKey"
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

// namesOf names objects, the first few of many.
func namesOf(all []snapshot.DaprObject) string {
	var names []string
	for _, o := range all {
		names = append(names, o.Object.Kind+" "+o.Object.Name)
	}
	return some(names)
}
