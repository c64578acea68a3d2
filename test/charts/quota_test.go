// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

//go:build charts

package charts_test

import (
	"context"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/dapr-prod/kubectl-dapr-prod/test/cluster/kube"
)

// TestQuotaIsMade: in a cluster that limits the critical classes, the chart of 1.13
// leaves the control plane without Pods until the quota of the guidelines is there.
// Undone, it is gone. The role that is printed for fix is enough for it, and needed.
func TestQuotaIsMade(t *testing.T) {
	kubeconfig := start(t, []string{"--chart", "1.13.5", "--limit-critical"})
	cluster, err := kube.OpenFile(filepath.Join(filepath.Dir(kubeconfig), "state.json"))
	if err != nil {
		t.Fatal(err)
	}
	user, front := cluster.User(), cluster.Front(t)
	user.Has(t, kube.RoleOf(t, "fix"))
	record := front.Record()
	kubectl := func(args ...string) { run(t, kubeconfig, "kubectl", append(args, "-n", "dapr-system")...) }
	fix := func(code int, says string, args ...string) {
		t.Helper()
		o := kube.Run(t, append([]string{"fix", "--as", user.Name, "--kubeconfig", front.Kubeconfig}, args...)...)
		if o.Code != code || !strings.Contains(o.Stdout, says) {
			t.Fatalf("%v: exit code %d, want %d with %q\n%s%s", args, o.Code, code, says, o.Stdout, o.Stderr)
		}
	}
	fix(0, "Nothing to write.", "priority-class-quota")

	kubectl("patch", "deployment", "dapr-sentry", "-p", `{"spec":{"template":{"spec":{"priorityClassName":"system-cluster-critical"}}}}`)
	kube.Eventually(t, "the refusal of Sentry's Pods", func(context.Context) (bool, string, error) {
		o := kube.Run(t, "check", "-A", "--kubeconfig", kubeconfig)
		return strings.Contains(o.Stdout, "the server refuses Pods of priority class"), o.Stdout, nil
	})
	fix(1, "ResourceQuota dapr-system/dapr-system-critical-quota: is made", "-n", "dapr-system", "--dry-run=server")
	fix(1, "+kind: ResourceQuota", "priority-class-quota", "--dry-run=server")
	journal := filepath.Join(t.TempDir(), "journal")
	fix(0, "1 of 1 changes written and seen to hold.", "priority-class-quota", "--yes", "--journal", journal)
	kubectl("rollout", "status", "--timeout=5m", "deployment/dapr-sentry")
	fix(0, "Nothing to write.", "priority-class-quota", "--yes")

	kubectl("get", "resourcequota", "dapr-system-critical-quota")
	fix(0, "deleted", "--revert", journal, "--yes")
	kubectl("wait", "--for=delete", "--timeout=5m", "resourcequota/dapr-system-critical-quota")
	quotas := []rbacv1.PolicyRule{{Verbs: []string{"get", "create", "delete"}, APIGroups: []string{""}, Resources: []string{"resourcequotas"}}}
	for _, right := range record.Unused(quotas) {
		t.Errorf("nobody needs to %s", right)
	}
	for _, a := range slices.DeleteFunc(record.Forbidden(), func(a kube.Asked) bool { return a.Resource == "secrets" }) {
		t.Errorf("it is forbidden to %s", a)
	}
}
