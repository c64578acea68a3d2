// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

//go:build charts

package charts_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/report"
	"github.com/dapr-prod/kubectl-dapr-prod/test/cluster/kube"
)

// harden runs harden, and fails the test unless all went well and it says so.
func harden(t *testing.T, kubeconfig, says string, args ...string) kube.Outcome {
	t.Helper()
	o := kube.Run(t, append([]string{"harden", "--yes", "--timeout=5m", "--kubeconfig", kubeconfig}, args...)...)
	if o.Code != 0 || !strings.Contains(strings.Join(strings.Fields(o.Stdout+" "+o.Stderr), " "), says) {
		t.Fatalf("%v: exit code %d, want 0 with %q\n%s%s", args, o.Code, says, o.Stdout, o.Stderr)
	}
	return o
}

// enforceRestricted has a namespace enforce Pod Security restricted, whose next Pods are
// let in.
func enforceRestricted(t *testing.T, kubeconfig string) {
	t.Helper()
	kubectl := func(args ...string) { run(t, kubeconfig, "kubectl", args...) }
	kubectl("rollout", "status", "--timeout=5m", "-n", "open", "deployment/orders")
	o := harden(t, kubeconfig, "Namespace open enforces Pod Security restricted.", "sidecar-seccomp", "--profile", "restricted", "--enforce", "-n", "open")
	if !strings.Contains(o.Stdout, "1 of 1 changes written and seen to hold") {
		t.Errorf("it needed no profile of seccomp:\n%s", o.Stdout)
	}
	kubectl("wait", "--for=jsonpath={.metadata.labels.pod-security\\.kubernetes\\.io/enforce}=restricted", "--timeout=0", "namespace/open")
	kubectl("rollout", "restart", "-n", "open", "deployment/orders")
	kubectl("rollout", "status", "--timeout=5m", "-n", "open", "deployment/orders")
	harden(t, kubeconfig, "Namespace open enforces Pod Security restricted already.", "sidecar-seccomp", "--profile", "restricted", "--enforce", "-n", "open")
}

// hardenShop closes the security section of the whole cluster, in which the shop is: what
// is open then, the run has said who closes it, and how.
func hardenShop(t *testing.T, kubeconfig string) {
	t.Helper()
	kubectl := func(args ...string) { run(t, kubeconfig, "kubectl", args...) }
	kubectl("apply", "-f", "../../examples/shop")
	for _, app := range []string{"deployment/orders", "deployment/payments", "statefulset/inventory"} {
		kubectl("rollout", "status", "--timeout=5m", "-n", "shop", app)
	}
	journal := filepath.Join(t.TempDir(), "journal")
	all := []string{"-A", "--profile", "restricted", "--assume-no-secret-api", "--all-apps"}
	o := harden(t, kubeconfig, "changes written and seen to hold", append(all, "--journal", journal)...)
	check := kube.Check(t, "-A", "--kubeconfig", kubeconfig)
	for _, app := range []string{"Deployment/orders", "Deployment/payments", "StatefulSet/inventory"} {
		for _, id := range []string{"api-token", "app-token", "token-secrets", "service-account-token", "sidecar-seccomp", "mtls"} {
			for _, r := range check.Of(id, app) {
				if r.Object.Namespace == "shop" && r.Outcome != guideline.Passed {
					t.Errorf("%s: %s %s: %s", r.Object, id, r.Outcome, r.Message)
				}
			}
		}
	}
	check.OpenOnlyAs(t, o.Stdout, func(r report.Result) bool { return kube.Hardens(r.Guideline) })
	harden(t, kubeconfig, "Nothing to write", all...)
	harden(t, kubeconfig, "restored", "--revert", journal)
}
