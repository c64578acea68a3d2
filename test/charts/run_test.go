// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

//go:build charts

package charts_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// run runs a program on the cluster of a kubeconfig; kubectl is the one that the
// cluster came with.
func run(t *testing.T, kubeconfig, program string, args ...string) {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(filepath.Dir(kubeconfig), "state.json"))
	if err != nil {
		t.Fatal(err)
	}
	var state struct {
		Kubectl string `json:"kubectl"`
	}
	if err := json.Unmarshal(content, &state); err != nil {
		t.Fatal(err)
	}
	if program == "kubectl" {
		program = state.Kubectl
	}
	cmd := exec.CommandContext(t.Context(), program, args...)
	cmd.Env = append(os.Environ(), "KUBECONFIG="+kubeconfig, "PATH="+filepath.Dir(state.Kubectl)+":"+os.Getenv("PATH"))
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%s %q: %v\n%s", program, args, err, out)
	}
}
