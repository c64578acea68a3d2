// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package dapr

import (
	"regexp"
	"strings"
)

// The variables of daprd that hold its tokens: what apps show to it, and what it
// shows to its app. They are variables, not values.
const (
	APITokenEnv = "DAPR_API_TOKEN" //nolint:gosec // a name
	AppTokenEnv = "APP_API_TOKEN"  //nolint:gosec // a name
)

// envSplit finds where dapr.io/env is cut: a comma, blanks, a name, "=". The
// grammar is the injector's (pkg/injector/patcher/sidecar_container.go,
// parseEnvVars): a comma that no "name=" follows stays in the value, and there
// is no quoting.
var envSplit = regexp.MustCompile(`,\s*[a-zA-Z_][a-zA-Z0-9_]*=`)

// SplitEnv cuts the value of dapr.io/env into its elements, trimmed. An element
// without "=" is one that the injector drops.
func SplitEnv(value string) []string {
	var elements []string
	start := 0
	for _, cut := range envSplit.FindAllStringIndex(value, -1) {
		elements = append(elements, strings.TrimSpace(value[start:cut[0]]))
		start = cut[0] + 1
	}
	return append(elements, strings.TrimSpace(value[start:]))
}
