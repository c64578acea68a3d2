// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package catalogue

import (
	"fmt"
	"slices"
	"strings"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/dapr"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// builtinStore is the secret store that every sidecar has unless it is told otherwise.
const builtinStore = "kubernetes"

// secretStore is one that an app reaches.
type secretStore struct {
	name string
	// kubernetes tells that it holds Kubernetes' own Secrets.
	kubernetes bool
}

// storesOf are the secret stores that a sidecar has, and the gap that hides others.
// A Component takes the place of the built-in store of its name.
func storesOf(app *guideline.App, d daprd) (stores []secretStore, hidden *snapshot.Gap) {
	namespace, id := app.Object.Namespace, dapr.Flag(d.Container, "app-id", "")
	for _, o := range app.Snapshot.DaprObjectsOf(namespace, snapshot.KindComponent) {
		if kind := strings.ToLower(o.Type); strings.HasPrefix(kind, "secretstores.") && o.Reaches(id) {
			stores = append(stores, secretStore{o.Object.Name, kind == "secretstores.kubernetes"})
		}
	}
	if loadsBuiltinStore(d.container) && !slices.Contains(names(stores), builtinStore) {
		stores = append(stores, secretStore{builtinStore, true})
	}
	return stores, app.Gap(snapshot.Components)
}

func names(stores []secretStore) []string {
	var all []string
	for _, s := range stores {
		all = append(all, s.name)
	}
	return all
}

// closes tells whether the scope for a store keeps all secrets back that it does not
// name: a list of those allowed does, whatever the default (pkg/config, IsSecretAllowed).
func closes(scopes []snapshot.SecretScope, store string) bool {
	return slices.ContainsFunc(scopes, func(s snapshot.SecretScope) bool {
		return s.Store == store && (strings.EqualFold(s.DefaultAccess, "deny") || len(s.Allowed) > 0)
	})
}

func closesAll(scopes []snapshot.SecretScope, stores []secretStore) bool {
	return !slices.ContainsFunc(stores, func(s secretStore) bool { return !closes(scopes, s.name) })
}

// scopeProblem says what in scopes daprd does not take.
func scopeProblem(scopes []snapshot.SecretScope) string {
	seen := map[string]bool{}
	for _, s := range scopes {
		switch {
		case seen[s.Store]:
			return fmt.Sprintf("store %q has two scopes", s.Store)
		case s.DefaultAccess != "" && !strings.EqualFold(s.DefaultAccess, "allow") && !strings.EqualFold(s.DefaultAccess, "deny"):
			return fmt.Sprintf("defaultAccess %q of store %q is neither allow nor deny", s.DefaultAccess, s.Store)
		}
		seen[s.Store] = true
	}
	return ""
}

// strayScopes tells of scopes for stores that the app does not have.
func strayScopes(scopes []snapshot.SecretScope, stores []secretStore) string {
	var stray []string
	for _, s := range scopes {
		if !slices.Contains(names(stores), s.Store) {
			stray = append(stray, s.Store)
		}
	}
	if len(stray) == 0 {
		return ""
	}
	return "; it has a scope for what is no secret store of the app: " + some(stray)
}
