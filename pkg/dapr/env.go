// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package dapr

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// The variables of daprd that hold its tokens: what apps show to it, and what it
// shows to its app. They are variables, not values.
const (
	APITokenEnv = "DAPR_API_TOKEN" //nolint:gosec // a name
	AppTokenEnv = "APP_API_TOKEN"  //nolint:gosec // a name
)

// EnvKeysEnv is the variable that lists those of dapr.io/env and
// dapr.io/env-from-secret; without any there is none.
const EnvKeysEnv = "DAPR_ENV_KEYS"

// envSplit finds where dapr.io/env is cut: a comma, blanks, a name, "=". The
// grammar is the injector's (pkg/injector/patcher/sidecar_container.go,
// parseEnvVars): a comma that no "name=" follows stays in the value, and there
// is no quoting.
var envSplit = regexp.MustCompile(`,\s*[a-zA-Z_][a-zA-Z0-9_]*=`)

// SplitEnv cuts the value of dapr.io/env into its elements, trimmed. An element
// without "=" is one that the injector drops.
func SplitEnv(value string) []string {
	var elements []string
	for _, e := range cutEnv(value) {
		elements = append(elements, strings.TrimSpace(value[e.start:e.end]))
	}
	return elements
}

// span is where one element stands in the value: its blanks are part of it, the
// comma behind it is not.
type span struct{ start, end int }

func cutEnv(value string) []span {
	var all []span
	start := 0
	for _, cut := range envSplit.FindAllStringIndex(value, -1) {
		all = append(all, span{start, cut[0]})
		start = cut[0] + 1
	}
	return append(all, span{start, len(value)})
}

// SetEnv writes one variable into a value of dapr.io/env. Where it is there already
// its value is replaced, and of several the last one stays, which is the one that
// counts; all other bytes stay as they are. Otherwise it is put behind the others,
// and blanks and one comma at the end of these go: the comma was part of the last
// value. It is an error where the injector would not read the result so.
func SetEnv(value, name, newValue string) (string, error) {
	base := withoutEnd(value)
	var next string
	switch own := named(value, name); {
	case len(own) > 0:
		base, next = value, replaceEnv(value, own, newValue)
	case base == "":
		next = name + "=" + newValue
	default:
		next = base + "," + name + "=" + newValue
	}
	is := func(p envPair) bool { return p.name == name }
	others := slices.DeleteFunc(envPairs(base), is)
	pairs := envPairs(next)
	set := slices.IndexFunc(pairs, is)
	if set < 0 || pairs[set].value != newValue || !slices.Equal(slices.Delete(pairs, set, set+1), others) {
		return "", fmt.Errorf("dapr.io/env cannot hold such a value of %q beside what stands there", name)
	}
	return next, nil
}

// withoutEnd is a value without the blanks and the one comma at its end.
func withoutEnd(value string) string {
	return strings.TrimSuffix(strings.TrimRightFunc(value, unicode.IsSpace), ",")
}

// named are the elements that set a variable.
func named(value, name string) []span {
	return slices.DeleteFunc(cutEnv(value), func(e span) bool {
		is, _, found := strings.Cut(strings.TrimSpace(value[e.start:e.end]), "=")
		return !found || is != name
	})
}

// replaceEnv gives the last of some elements another value, and takes out the
// others with the comma behind each.
func replaceEnv(value string, own []span, newValue string) string {
	last := own[len(own)-1]
	text := value[last.start:last.end]
	blanks := text[len(strings.TrimRightFunc(text, unicode.IsSpace)):]
	name, _, _ := strings.Cut(text, "=")
	value = value[:last.start] + name + "=" + newValue + blanks + value[last.end:]
	for _, e := range slices.Backward(own[:len(own)-1]) {
		value = value[:e.start] + value[e.end+1:]
	}
	return value
}

// envPair is a variable as the injector reads it.
type envPair struct{ name, value string }

func envPairs(value string) []envPair {
	var pairs []envPair
	for _, element := range SplitEnv(value) {
		if name, value, found := strings.Cut(element, "="); found {
			pairs = append(pairs, envPair{name, value})
		}
	}
	return pairs
}
