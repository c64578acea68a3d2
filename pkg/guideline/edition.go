// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package guideline

import (
	"fmt"
	"slices"
	"strings"
)

// Edition is an edition of Dapr's page of production guidelines. They differ in a
// few demands: the older asks for memory limits on the control plane, the newer
// advises against them.
type Edition string

// The editions. The newer one stands where nobody asks for the other.
const (
	Newer Edition = "newer"
	Older Edition = "older"
)

// Editions returns the names that ParseEdition takes.
func Editions() []string { return []string{string(Newer), string(Older)} }

// ParseEdition reads "newer" or "older".
func ParseEdition(s string) (Edition, error) {
	if !slices.Contains(Editions(), s) {
		return "", fmt.Errorf("unknown edition %q: use %s", s, strings.Join(Editions(), ", "))
	}
	return Edition(s), nil
}
