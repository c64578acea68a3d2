// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package guideline_test

import (
	"testing"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
)

func TestSecretNames(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ before, name, after string }{
		{"", "token", "token-2"},
		{"token", "token-2", "token-3"},
		{"token-9", "token-10", "token-11"},
		{"", "token-1", "token-1-2"},
		{"", "token-02", "token-02-2"},
		{"a-2", "a-2-2", "a-2-3"},
	} {
		if before, after := guideline.NameBefore(test.name), guideline.NameAfter(test.name); before != test.before || after != test.after {
			t.Errorf("%s is between %q and %q, want %q and %q", test.name, before, after, test.before, test.after)
		}
	}
}
