// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

//go:build cluster

package cluster_test

import (
	"os"
	"strings"
	"testing"

	rbacv1 "k8s.io/api/rbac/v1"
	"sigs.k8s.io/yaml"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
	"github.com/dapr-prod/kubectl-dapr-prod/test/cluster/kube"
)

// TestRoleOfTheReadme: with the ClusterRole that the README gives, nothing is
// hidden but what is kept in Secrets.
func TestRoleOfTheReadme(t *testing.T) {
	t.Parallel()
	ns := someApps(t)
	user := readmeUser(t, "ClusterRole", "")
	for _, where := range [][]string{{"-A"}, {"-n", ns.Name}} {
		check := kube.Check(t, append(where, "--as", user.Name)...)
		for _, gap := range check.Cluster.Gaps {
			if !strings.Contains(gap, "secrets") {
				t.Errorf("%v: %s", where, gap)
			}
		}
		if len(check.Cluster.Gaps) == 0 {
			t.Errorf("%v: Secrets were read without a right to", where)
		}
	}
}

// TestRoleOfTheReadmeInOneNamespace: with its Role for one namespace, nothing of
// that is hidden but what is kept in Secrets.
func TestRoleOfTheReadmeInOneNamespace(t *testing.T) {
	t.Parallel()
	ns := someApps(t)
	user := readmeUser(t, "Role", ns.Name)
	check := kube.Check(t, "-n", ns.Name, "--scope=apps", "--as", user.Name)
	expectSomeApps(t, check)
	beyond := 0
	for _, gap := range check.Cluster.Gaps {
		here := strings.Contains(gap, "namespace "+ns.Name)
		if here && !strings.Contains(gap, "secrets") {
			t.Error(gap)
		}
		if !here {
			beyond++
		}
	}
	if beyond == 0 {
		t.Error("a Role of one namespace was enough to read what lies beyond it")
	}
	if check.Code != 1 {
		t.Errorf("exit code %d for apps that fall short, want 1", check.Code)
	}
}

// readmeUser has the role dapr-prod-check that the README gives, a Role for one
// namespace or a ClusterRole for all of them.
func readmeUser(t *testing.T, kind, namespace string) *kube.User {
	t.Helper()
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	head := "```yaml\napiVersion: rbac.authorization.k8s.io/v1\nkind: " + kind + "\nmetadata:\n  name: dapr-prod-check\n"
	_, text, _ := strings.Cut(string(readme), head)
	text, _, found := strings.Cut(text, "```")
	_, text, _ = strings.Cut(text, "rules:\n")
	var rules []rbacv1.PolicyRule
	if err := yaml.UnmarshalStrict([]byte(text), &rules); err != nil || !found || len(rules) == 0 {
		t.Fatalf("no %s in the README: %v", kind, err)
	}
	user := cluster.User()
	for _, rule := range rules {
		for _, verb := range rule.Verbs {
			for _, resource := range rule.Resources {
				user.May(t, verb, namespace, snapshot.Resource{Group: rule.APIGroups[0], Resource: resource})
			}
		}
	}
	return user
}
