// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package dapr

import (
	"slices"
	"strings"
)

// Truthy is how Dapr reads a boolean annotation: trimmed and lower-cased, one
// of y, yes, true, t, on, 1 (dapr/kit, strings.IsTruthy). All else is false.
func Truthy(value string) bool {
	return slices.Contains([]string{"y", "yes", "true", "t", "on", "1"}, strings.ToLower(strings.TrimSpace(value)))
}

// Falsy tells whether somebody who wrote value meant "no". It is not a test of
// Dapr's, which takes everything that is not truthy for false.
func Falsy(value string) bool {
	return slices.Contains([]string{"", "n", "no", "false", "f", "off", "0", "disabled"}, strings.ToLower(strings.TrimSpace(value)))
}

// Enabled is the injector's test of dapr.io/enabled. From 1.17.3 only "true"
// counts, in any case and without blanks around it
// (pkg/injector/service/handler.go, podHasDaprEnabled); before, all that is Truthy.
func Enabled(value string, v Version) bool {
	if v.AtLeast(1, 17, 3) {
		return strings.EqualFold(value, "true")
	}
	return Truthy(value)
}
