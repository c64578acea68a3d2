// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package kube

import "testing"

// stood is how many times the cluster has to answer the same before what
// differs from it is a difference: another test may make or remove a node, say,
// between any two runs.
const stood = 4

// Alike fails the test unless other comes to what bare comes to, byte for byte, while
// nothing in the cluster changes that.
func Alike[T comparable](t testing.TB, what string, bare, other func() T) {
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
			t.Errorf("%s: %+v\nwant %+v", what, got, want)
		}
	}
}
