// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

//go:build cluster

package cluster_test

import (
	"slices"
	"testing"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
	"github.com/dapr-prod/kubectl-dapr-prod/test/cluster/kube"
)

// TestRoleOfCheck: with the role that is printed for check nothing is forbidden but what
// is left out by intention, and nothing of it is not needed.
func TestRoleOfCheck(t *testing.T) {
	t.Parallel()
	ns := someApps(t)
	everywhere := [][]string{{"-A"}, {"-n", ns.Name}}
	here := [][]string{{"-n", ns.Name}, {"-n", ns.Name, "--scope=apps"}}
	for name, test := range map[string]struct {
		args []string
		runs [][]string
	}{
		"everywhere":                  {nil, everywhere},
		"everywhere, with Secrets":    {[]string{"--with-secrets"}, everywhere},
		"one namespace":               {[]string{"-n", ns.Name}, here},
		"one namespace, with Secrets": {[]string{"-n", ns.Name, "--with-secrets"}, here},
		"two namespaces":              {[]string{"-n", ns.Name, "--control-plane-namespace", cluster.Dapr.Namespace}, [][]string{{"-n", ns.Name}}},
		"two namespaces, with Secrets": {
			[]string{"-n", ns.Name, "--control-plane-namespace", cluster.Dapr.Namespace, "--with-secrets"}, [][]string{{"-n", ns.Name}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			front, user := cluster.Front(t), cluster.User()
			rules := user.Has(t, kube.RoleOf(t, append([]string{"check"}, test.args...)...))
			record := front.Record()
			for _, run := range test.runs {
				check := kube.Check(t, slices.Concat(run, []string{"--as", user.Name, "--kubeconfig", front.Kubeconfig})...)
				if slices.Contains(run, ns.Name) {
					expectSomeApps(t, check)
				}
				if slices.Contains(test.args, "--control-plane-namespace") {
					check.Expect(t, "control-plane-ha", "Deployment/dapr-sentry", guideline.Failed, "")
				}
			}
			secrets, whole := slices.Contains(test.args, "--with-secrets"), !slices.Contains(test.args, "-n")
			hidden := false
			for _, a := range record.Forbidden() {
				secret := a.Resource == snapshot.Secrets.Resource && a.Group == ""
				hidden = hidden || secret
				if (whole || a.Namespace == ns.Name || a.Namespace == cluster.Dapr.Namespace && slices.Contains(test.args, a.Namespace)) && (secrets || !secret) {
					t.Errorf("it is forbidden to %s", a)
				}
			}
			if !secrets && !hidden {
				t.Error("Secrets were read without a right to")
			}
			for _, listed := range []bool{false, true} {
				if secrets { // Helm may keep its records in ConfigMaps
					front.With(kube.HelmInConfigMaps(listed))
					kube.Check(t, slices.Concat(test.runs[0], []string{"--as", user.Name, "--kubeconfig", front.Kubeconfig})...)
				}
			}
			for _, right := range record.Unused(rules) {
				t.Errorf("nobody needs to %s", right)
			}
		})
	}
}
