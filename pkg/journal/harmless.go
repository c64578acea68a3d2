// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package journal

import (
	"encoding/json"
	"net/netip"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/dapr/dapr/pkg/injector/annotations"
	corev1 "k8s.io/api/core/v1"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/dapr"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/field"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/quantity"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/secret"
)

// harmlessVariables are settings of Go's runtime. Any other variable may hold
// anything: "PIN=1234" looks harmless, too.
var harmlessVariables = []string{"GOMEMLIMIT", "GOMAXPROCS", "GOGC"}

// profiles are words that are longer than what a slip of the pen looks like.
var profiles = []string{
	string(corev1.SeccompProfileTypeRuntimeDefault), string(corev1.SeccompProfileTypeUnconfined), string(corev1.SeccompProfileTypeLocalhost),
}

// short is how long a quantity or a duration is at most; a longer number may be a PIN
// or a key.
const short = 16

// blank is what may stand around variables and belongs to none.
func blank(r rune) bool { return r == ',' || unicode.IsSpace(r) }

// harmlessIn tells whether the value of an annotation, or of another field, is known to
// be no secret: of fields what is no text, and a variable that refers to its value.
func harmlessIn(at field.Path, key, value string) bool {
	if len(at) == 0 {
		return harmless(key, value)
	}
	var tree any
	if json.Unmarshal([]byte(value), &tree) != nil {
		return false
	}
	if variable, isMap := tree.(map[string]any); isMap {
		return refers(variable)
	}
	switch tree.(type) {
	case bool, float64:
		return true
	default:
		return false
	}
}

// refers tells whether a variable is a name and a reference to an entry of a Secret.
func refers(variable map[string]any) bool {
	from, _ := variable["valueFrom"].(map[string]any)
	ref, _ := from["secretKeyRef"].(map[string]any)
	return len(variable) == 2 && variable["name"] != nil && len(from) == 1 && len(ref) > 0
}

// harmless tells whether the value of an annotation is known to be no secret.
func harmless(key, value string) bool {
	if key == annotations.KeyEnv {
		return strings.TrimFunc(value, blank) == "" || !slices.ContainsFunc(dapr.EnvElements(value), func(e dapr.EnvElement) bool { return !harmlessVariable(e.Name, e.Value) })
	}
	value = strings.TrimSpace(value)
	switch {
	case secret.Harmless(value), slices.Contains(profiles, value), addresses(value):
		return true
	}
	if _, err := time.Parse(time.RFC3339, value); err == nil {
		return true
	}
	if len(value) > short {
		return false
	}
	_, notQuantity := quantity.Parse(value)
	_, notDuration := time.ParseDuration(value)
	return notQuantity == nil || notDuration == nil
}

func harmlessVariable(name, value string) bool {
	return slices.Contains(harmlessVariables, name) && secret.Harmless(strings.TrimSpace(value))
}

// addresses tells whether a value is a list of IP addresses.
func addresses(value string) bool {
	for part := range strings.SplitSeq(value, ",") {
		if _, err := netip.ParseAddr(strings.Trim(strings.TrimSpace(part), "[]")); err != nil {
			return false
		}
	}
	return true
}
