// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

//go:build cluster

package fix_test

import (
	"strings"
	"testing"

	"github.com/dapr-prod/kubectl-dapr-prod/test/cluster/kube"
)

// TestDeployment: what is promised is what comes up, and a second run has nothing to do.
func TestDeployment(t *testing.T) {
	t.Parallel()
	ns := cluster.Namespace(t)
	apply(t, ns, deployment("orders", 2, on("orders")))
	ns.Ready(t)
	first := kube.Run(t, "fix", "sidecar-resources", "sidecar-seccomp", "-n", ns.Name, "--yes")
	if first.Code != 0 {
		t.Fatalf("exit code %d\n%s%s", first.Code, first.Stdout, first.Stderr)
	}
	check := kube.Check(t, "-n", ns.Name)
	for _, id := range []string{"sidecar-resources", "sidecar-soft-memory-limit", "sidecar-seccomp"} {
		check.Expect(t, id, "Deployment/orders", "pass", "")
	}
	second := kube.Run(t, "fix", "sidecar-resources", "sidecar-seccomp", "-n", ns.Name, "--yes")
	if second.Code != 0 || !strings.Contains(second.Stdout, "Nothing to write") {
		t.Errorf("exit code %d\n%s%s", second.Code, second.Stdout, second.Stderr)
	}
}
