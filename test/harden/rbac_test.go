// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

//go:build cluster

package harden_test

import (
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	rbacv1 "k8s.io/api/rbac/v1"
	"sigs.k8s.io/yaml"

	"github.com/dapr-prod/kubectl-dapr-prod/test/cluster/kube"
)

// TestRoleOfHarden: with the role that is printed for harden nothing is forbidden but what
// is left out by intention, and nothing of it is not needed that fix or sizing do not need
// as well, of whose roles test/fix and test/sizing say the same.
func TestRoleOfHarden(t *testing.T) {
	t.Parallel()
	shared := append(rulesOf(t, kube.RoleOf(t, "fix", "--with-secrets")), rulesOf(t, kube.RoleOf(t, "sizing"))...)
	for name, args := range map[string][]string{
		"everywhere":                  nil,
		"everywhere, with Secrets":    {"--with-secrets"},
		"one namespace":               {"-n"},
		"one namespace, with Secrets": {"--with-secrets", "-n"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ns := cluster.Namespace(t)
			ns.MustKubectl(t, stores+scoped, "apply", "-f-")
			ns.MustKubectl(t, "", "delete", "deployment", "orders")
			apply(t, ns, open("orders", 1))
			ns.Ready(t)
			whole, secrets := !slices.Contains(args, "-n"), slices.Contains(args, "--with-secrets")
			if !whole {
				args = append(slices.Clone(args), ns.Name)
			}
			user := cluster.User()
			rules := user.Has(t, kube.RoleOf(t, append([]string{"harden"}, args...)...))
			front := cluster.Front(t)
			record := front.Record()
			as := func(args ...string) kube.Outcome {
				t.Helper()
				return dapr(t, append(append([]string{"harden"}, args...), "-n", ns.Name, "--as", user.Name, "--kubeconfig", front.Kubeconfig)...)
			}
			back := func(journal string) {
				t.Helper()
				ends(t, dapr(t, "harden", "--revert", journal, "--yes", "--as", user.Name, "--kubeconfig", front.Kubeconfig), 0)
			}
			if secrets { // whose Secret the next run takes over
				killed(t, "secret-made", "harden", "api-token", "deployment/orders", "-n", ns.Name, "--yes")
			}
			allSteps(t, secrets, as, back)
			if whole {
				nothing := func(http.ResponseWriter, *http.Request) bool { return false }
				faults := []kube.Fault{nothing}
				if secrets {
					faults = []kube.Fault{kube.HelmInConfigMaps(false), kube.HelmInConfigMaps(true), nothing}
				}
				for _, fault := range faults {
					front.With(fault)
					as("mtls", "injector-watchdog", "default-secret-reader", "trust-anchors")
				}
			}
			for _, a := range record.Forbidden() {
				if secret := a.Resource == "secrets" && a.Group == ""; (whole || a.Namespace == ns.Name) && (secrets || !secret) {
					t.Errorf("it is forbidden to %s", a)
				}
			}
			for _, right := range record.Unused(rules) {
				if !slices.Contains(shared, right) {
					t.Errorf("nobody needs to %s", right)
				}
			}
		})
	}
}

// allSteps takes the steps of the security section that are written, and takes each back.
// Without Secrets those that need one are refused.
func allSteps(t *testing.T, secrets bool, as func(...string) kube.Outcome, back func(string)) {
	t.Helper()
	folder := t.TempDir()
	step := func(name string, code int, says string, args ...string) {
		t.Helper()
		journal := filepath.Join(folder, name)
		ends(t, as(append(args, "--yes", "--journal", journal)...), code, says)
		if code == 0 {
			defer back(journal)
		}
	}
	if secrets {
		step("tokens", 0, "1 of 1 changes written", "api-token", "app-token", "deployment/orders")
		ends(t, as("api-token", "deployment/orders", "--yes"), 0, "1 of 1 changes written")
		step("rotated", 0, "orders-api-token: deleted, since nothing uses it any more", "api-token", "deployment/orders", "--rotate")
		step("moved", 0, "4 of 4 objects written", "component-secrets")
	} else {
		step("tokens", 1, "could not be read", "api-token", "deployment/orders")
		step("moved", 1, "is there already is not known", "component-secrets")
	}
	step("account", 0, "1 of 1 changes written", "service-account-token", "deployment/orders", "--assume-no-secret-api", "--assume-unused-token")
	for _, object := range []string{
		"component/store", "httpendpoints.dapr.io/bank", "mcpservers.dapr.io/tools",
		"subscriptions.dapr.io/news", "resiliencies.dapr.io/patient", "workflowaccesspolicies.dapr.io/open",
	} {
		step(strings.ReplaceAll(object, "/", "-"), 0, "1 of 1 object written", "component-scopes", object, "--apps", "orders")
	}
	ends(t, as("component-scopes", "--from-metrics", "--dry-run=server"), 1, "Nothing to write", "orders")
	step("enforced", 0, "enforces Pod Security baseline.", "sidecar-seccomp", "--enforce")
}

// scoped are objects for an app that is gone.
const scoped = `
---
{apiVersion: dapr.io/v2alpha1, kind: Subscription, metadata: {name: news}, scopes: [gone], spec: {topic: news, pubsubname: store, routes: {default: /news}}}
---
{apiVersion: dapr.io/v1alpha1, kind: Resiliency, metadata: {name: patient}, scopes: [gone], spec: {policies: {}, targets: {}}}
---
{apiVersion: dapr.io/v1alpha1, kind: WorkflowAccessPolicy, metadata: {name: open}, scopes: [gone], spec: {rules: []}}
`

// rulesOf are the rights of a role, as Record.Unused has them.
func rulesOf(t testing.TB, role string) []string {
	t.Helper()
	var read rbacv1.ClusterRole
	if err := yaml.UnmarshalStrict([]byte(role), &read); err != nil {
		t.Fatal(err)
	}
	return (&kube.Record{}).Unused(read.Rules)
}
