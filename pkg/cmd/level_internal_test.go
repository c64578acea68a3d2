// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package cmd

import "testing"

// TestLogLevel: bodies, which the client logs from 8 on, are never asked for.
func TestLogLevel(t *testing.T) {
	for typed, want := range map[string]string{"0": "0", "6": "6", "7": "7", "8": "7", "9": "7", "10": "7", "99": "7"} {
		v := verbosity()
		if err := v.Value.Set(typed); err != nil {
			t.Fatal(err)
		}
		if got := v.Value.String(); got != want {
			t.Errorf("-v=%s gives %s, want %s", typed, got, want)
		}
	}
	v := verbosity()
	if v.Value.Set("much") == nil {
		t.Error("-v=much is taken")
	}
	if err := v.Value.Set("0"); err != nil {
		t.Fatal(err)
	}
}
