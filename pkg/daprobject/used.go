// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package daprobject

import (
	"slices"
	"strconv"
	"strings"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// used is a key of a Secret that an object refers to.
type used struct{ secret, key string }

// usedIn are those that are anywhere in an object, also where no value moves, as that of
// a certificate.
func usedIn(content any) []used {
	var all []used
	switch content := content.(type) {
	case map[string]any:
		e := entry{content: content}
		if name, key := e.ref(); name != "" {
			all = append(all, used{secret: name, key: key})
		}
		for _, below := range content {
			all = append(all, usedIn(below)...)
		}
	case []any:
		for _, below := range content {
			all = append(all, usedIn(below)...)
		}
	}
	return all
}

// keysTaken are the keys that an object refers to in the Secrets that were made for it:
// what is moved there counts, and may have been rotated since.
func (m *Move) keysTaken() []string {
	var keys []string
	for _, u := range m.used {
		if isSecretName(m.Object, u.secret) {
			keys = append(keys, u.key)
		}
	}
	return keys
}

// InUse tells whether the object refers to the Secret already, before anything moves.
func (m *Move) InUse() bool {
	return slices.ContainsFunc(m.used, func(u used) bool { return u.secret == m.Secret })
}

// isSecretName tells whether a name is one of SecretName.
func isSecretName(o snapshot.Object, name string) bool {
	n, err := strconv.Atoi(name[strings.LastIndex(name, "-")+1:])
	if err != nil {
		n = 1
	}
	return n > 0 && name == SecretName(o, n)
}
