// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

//go:build cluster

package sizing_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/dapr-prod/kubectl-dapr-prod/test/cluster/kube"
)

// TestRoleOfSizing: with the role that is printed for sizing nothing is forbidden that it
// is about, and nothing of it is not needed.
func TestRoleOfSizing(t *testing.T) {
	t.Parallel()
	ns, p := shop(t)
	cluster.PrometheusIn(t, p.all)
	for name, test := range map[string]struct {
		args []string
		runs [][]string
	}{
		"everywhere": {[]string{"--with-secrets"}, [][]string{
			{"-n", ns.Name}, {"-A"}, {"-A", "--source=metrics"}, {"--control-plane"},
		}},
		"one namespace":  {[]string{"-n", ns.Name}, [][]string{{"-n", ns.Name}}},
		"two namespaces": {[]string{"-n", ns.Name, "--control-plane-namespace", daprSystem}, [][]string{{"-n", ns.Name}}},
	} {
		t.Run(name, func(t *testing.T) {
			front, user := cluster.Front(t), cluster.User()
			rules := user.Has(t, kube.RoleOf(t, append([]string{"sizing"}, test.args...)...))
			record := front.Record()
			for _, run := range test.runs {
				o := kube.Run(t, slices.Concat([]string{"sizing"}, run, []string{"--as", user.Name, "--kubeconfig", front.Kubeconfig})...)
				if o.Code != 0 || !strings.Contains(o.Stdout, "Usage: ") {
					t.Errorf("%q: exit code %d\n%s%s", run, o.Code, o.Stdout, o.Stderr)
				}
			}
			whole := !slices.Contains(test.args, "-n")
			for _, listed := range []bool{false, true} {
				if whole { // Helm may keep its records in ConfigMaps
					front.With(kube.HelmInConfigMaps(listed))
					kube.Run(t, "sizing", "--control-plane", "--as", user.Name, "--kubeconfig", front.Kubeconfig)
				}
			}
			for _, a := range record.Forbidden() {
				if whole || slices.Contains(test.args, a.Namespace) {
					t.Errorf("it is forbidden to %s", a)
				}
			}
			for _, right := range record.Unused(rules) {
				t.Errorf("nobody needs to %s", right)
			}
		})
	}
}
