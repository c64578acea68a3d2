// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package guideline

import (
	"fmt"
	"slices"
	"strings"
)

// Edition is one of the two texts of the guidelines page.
type Edition string

// The editions, as reports name them.
const (
	// Newer is the page as it is now.
	Newer Edition = "newer"
	// Older is the page as it was before it was written anew.
	Older Edition = "older"
)

// Editions returns the names that ParseEdition takes, the newer first.
func Editions() []string { return []string{string(Newer), string(Older)} }

// ParseEdition reads "newer" or "older".
func ParseEdition(s string) (Edition, error) {
	if !slices.Contains(Editions(), s) {
		return "", fmt.Errorf("unknown edition %q: use %s", s, strings.Join(Editions(), ", "))
	}
	return Edition(s), nil
}
