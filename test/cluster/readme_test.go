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
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, text, _ := strings.Cut(string(readme), "```yaml\napiVersion: rbac.authorization.k8s.io/v1\n")
	text, _, found := strings.Cut(text, "```")
	var role rbacv1.ClusterRole
	if err := yaml.UnmarshalStrict([]byte(text), &role); err != nil || !found || len(role.Rules) == 0 {
		t.Fatalf("no ClusterRole in the README: %v", err)
	}
	user := cluster.User()
	for _, rule := range role.Rules {
		for _, verb := range rule.Verbs {
			for _, resource := range rule.Resources {
				user.May(t, verb, "", snapshot.Resource{Group: rule.APIGroups[0], Resource: resource})
			}
		}
	}
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
