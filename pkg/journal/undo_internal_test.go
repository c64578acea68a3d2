// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package journal

import (
	"strings"
	"testing"

	"github.com/dapr/dapr/pkg/injector/annotations"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/dapr"
)

// FuzzUndo appends to any value, as the remedies do: the way back leads to what was,
// and says nothing but the variable that was appended.
func FuzzUndo(f *testing.F) {
	for _, seed := range []string{"", "A=1", "A=x,y , ", "=,", "a b,", "GOGC=1,\n", ",A=1,,", "GOMEMLIMIT=1"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, was string) {
		set := strings.TrimSuffix(strings.TrimRight(was, " \t\r\n"), ",") + ",GOMEMLIMIT=900MiB"
		edits, ok := undo(annotations.KeyEnv, was, set)
		if !ok {
			return
		}
		if back, ok := edited(edits, set); !ok || back != was {
			t.Errorf("%q became %q", was, back)
		}
		for _, e := range edits {
			if e.Set != nil || e.Name != "GOMEMLIMIT" || strings.Trim(e.Tail, ", \t\r\n") != "" {
				t.Errorf("%q: %+v", was, e)
			}
		}
	})
}

// FuzzUndoSet replaces a variable in any value, by the remedies' own code: the way back
// leads to what was, and says nothing but what that variable was.
func FuzzUndoSet(f *testing.F) {
	for _, seed := range []string{"GOMEMLIMIT=1", "A=x,GOMEMLIMIT=1 ,", "GOMEMLIMIT=900Mi,GOMEMLIMIT=900Mi", " GOMEMLIMIT=1,A=s,\tGOMEMLIMIT=2,B=s,GOMEMLIMIT=3", "A=1,A=2,GOMEMLIMIT=4,A=3"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, was string) {
		set, err := dapr.SetEnv(was, "GOMEMLIMIT", "900MiB")
		if err != nil {
			return
		}
		edits, ok := undo(annotations.KeyEnv, was, set)
		if harmless(annotations.KeyEnv, was) {
			return // and is kept as it is
		}
		for _, e := range dapr.EnvElements(was) {
			if e.Name == "GOMEMLIMIT" && !harmlessVariable(e.Name, e.Value) {
				return
			}
		}
		if !ok && !strings.Contains(was, " =") && !strings.ContainsRune(was, 0xa0) {
			t.Errorf("%q: there is no way back from %q", was, set)
		}
		if back, done := edited(edits, set); ok && (!done || back != was) {
			t.Errorf("%q became %q", was, back)
		}
		for _, e := range edits {
			if e.Name != "GOMEMLIMIT" {
				t.Errorf("%q: %+v", was, e)
			}
		}
	})
}
