// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

//go:build charts

package charts_test

import (
	"strings"
	"testing"

	"github.com/dapr-prod/kubectl-dapr-prod/test/cluster/kube"
)

// TestRestricted: where the injector drops all capabilities, a namespace that enforces
// Pod Security restricted takes daprd as soon as it has a seccomp profile, and the
// proof sees that both before and after; and harden has another namespace enforce it.
func TestRestricted(t *testing.T) {
	kubeconfig := start(t, []string{"--helm-set", "dapr_sidecar_injector.sidecarDropALLCapabilities=true"})
	kubectl := func(args ...string) { run(t, kubeconfig, "kubectl", args...) }
	kubectl("apply", "-f", "testdata/restricted.yaml")
	fix := func(code int, says, guideline string) {
		t.Helper()
		o := kube.Run(t, "fix", guideline, "-n", "restricted", "--yes", "--timeout=3m", "--kubeconfig", kubeconfig)
		if o.Code != code || !strings.Contains(strings.Join(strings.Fields(o.Stdout), " "), says) {
			t.Fatalf("%s: exit code %d, want %d with %q\n%s%s", guideline, o.Code, code, says, o.Stdout, o.Stderr)
		}
	}
	fix(1, `seccompProfile (pod or container "daprd" must set securityContext.seccompProfile.type`, "sidecar-resources")
	fix(0, "1 of 1 changes written and seen to hold.", "sidecar-seccomp")
	kubectl("rollout", "status", "--timeout=5m", "-n", "restricted", "deployment/orders")
	fix(0, "1 of 1 changes written and seen to hold.", "sidecar-resources")
	enforceRestricted(t, kubeconfig)
	hardenShop(t, kubeconfig)
}
