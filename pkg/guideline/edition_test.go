// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package guideline_test

import (
	"strings"
	"testing"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
)

func TestParseEdition(t *testing.T) {
	t.Parallel()
	for _, name := range guideline.Editions() {
		if got, err := guideline.ParseEdition(name); err != nil || string(got) != name {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
	for _, name := range []string{"", "Newer", "1.18"} {
		if got, err := guideline.ParseEdition(name); err == nil || got != "" || !strings.Contains(err.Error(), "newer, older") {
			t.Errorf("%q: %q, %v", name, got, err)
		}
	}
}
