// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package cmd

import (
	"path/filepath"
	"strings"
	"testing"
)

// TestJournalFolder: without a home the state folder is enough.
func TestJournalFolder(t *testing.T) {
	state := t.TempDir()
	for _, tt := range []struct{ name, home, state, folder, problem string }{
		{"the home", "/home/ann", "", "/home/ann/.local/state/kubectl-dapr-prod", ""},
		{"the state folder", "/home/ann", state, filepath.Join(state, "kubectl-dapr-prod"), ""},
		{"the state folder alone", "", state, filepath.Join(state, "kubectl-dapr-prod"), ""},
		{"neither", "", "", "", "name a file with --journal"},
		{"no path", "", "state", "", "name a file with --journal"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Setenv("HOME", tt.home)
			t.Setenv("XDG_STATE_HOME", tt.state)
			path, err := journalFolder()
			switch {
			case tt.problem != "" && (err == nil || !strings.Contains(err.Error(), tt.problem)):
				t.Errorf("%q and %v, want an error", path, err)
			case tt.problem == "" && (err != nil || path != tt.folder):
				t.Errorf("%q and %v, want it in %s", path, err, tt.folder)
			}
		})
	}
}
