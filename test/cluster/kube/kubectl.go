// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package kube

import (
	"os/exec"
	"strings"
	"testing"
)

// Kubectl runs kubectl in this namespace, as a person does, with what it is to read
// from its standard input. It returns all that kubectl says, and whether it succeeded.
func (n *Namespace) Kubectl(t testing.TB, stdin string, args ...string) (string, bool) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), n.State.Kubectl, append([]string{"--kubeconfig", n.Kubeconfig, "-n", n.Name, "--cache-dir", t.TempDir()}, args...)...)
	cmd.Stdin = strings.NewReader(stdin)
	out, err := cmd.CombinedOutput()
	return string(out), err == nil
}

// MustKubectl is Kubectl where it has to succeed.
func (n *Namespace) MustKubectl(t testing.TB, stdin string, args ...string) string {
	t.Helper()
	out, ok := n.Kubectl(t, stdin, args...)
	if !ok {
		t.Fatalf("kubectl %q: %s", args, out)
	}
	return out
}
