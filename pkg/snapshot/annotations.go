// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package snapshot

import (
	"maps"
	"slices"
	"strings"
)

// VaultInject has Vault's injector add an agent to a Pod, which logs in with the token of
// the app's ServiceAccount. It is kept beside the annotations of Dapr.
const VaultInject = "vault.hashicorp.com/agent-inject"

// Annotations are those of one object. dapr.io/env among them may hold secrets, so
// that whatever prints them prints their names alone.
type Annotations map[string]string

// String is the names, sorted.
func (a Annotations) String() string {
	return "[" + strings.Join(slices.Sorted(maps.Keys(a)), " ") + "]"
}

// GoString is String, so that %#v shows no value either.
func (a Annotations) GoString() string { return a.String() }
