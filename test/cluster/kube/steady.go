// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package kube

import "testing"

// stood is how many times the cluster has to answer the same before what
// differs from it is a difference: another test may make or remove a node, say,
// between any two runs.
const stood = 4

// Alike fails the test unless other comes to the outcome of bare, byte for byte,
// while nothing in the cluster changes what bare comes to.
func Alike(t testing.TB, what string, bare, other func() Outcome) {
	t.Helper()
	want := bare()
	for same := 0; same < stood; {
		got := other()
		if got == want {
			return
		}
		before := want
		if want = bare(); want != before {
			same = 0
			continue
		}
		if same++; same == stood {
			t.Errorf("%s gives another outcome: exit code %d\n%s%s\nwant exit code %d\n%s%s", what, got.Code, got.Stdout, got.Stderr, want.Code, want.Stdout, want.Stderr)
		}
	}
}
