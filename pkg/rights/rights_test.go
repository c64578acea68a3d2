// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package rights_test

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	rbacv1 "k8s.io/api/rbac/v1"
	"sigs.k8s.io/yaml"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/rights"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

func right(verb string, r snapshot.Resource, names ...string) rights.Right {
	return rights.Right{Verb: verb, Resource: r, Names: names}
}

func TestRules(t *testing.T) {
	t.Parallel()
	why := right("create", snapshot.Pods)
	why.Why = "only tried"
	for _, test := range []struct {
		name string
		all  []rights.Right
		want []rights.Rule
	}{
		{"none", nil, nil},
		{
			"the same verbs are one rule",
			[]rights.Right{right("list", snapshot.Services), right("list", snapshot.Pods)},
			[]rights.Rule{{Resources: []string{"pods", "services"}, Verbs: []string{"list"}}},
		},
		{
			"each verb once, in a person's order",
			[]rights.Right{right("patch", snapshot.Pods), right("get", snapshot.Pods), right("list", snapshot.Pods), right("get", snapshot.Pods)},
			[]rights.Rule{{Resources: []string{"pods"}, Verbs: []string{"get", "list", "patch"}}},
		},
		{
			"named objects stand alone",
			[]rights.Right{right("get", snapshot.ConfigMaps, "b", "a"), right("get", snapshot.Pods)},
			[]rights.Rule{
				{Resources: []string{"pods"}, Verbs: []string{"get"}},
				{Resources: []string{"configmaps"}, Names: []string{"a", "b"}, Verbs: []string{"get"}},
			},
		},
		{
			"and are left out where all are meant",
			[]rights.Right{right("get", snapshot.Secrets, "a"), right("get", snapshot.Secrets), right("list", snapshot.Secrets, "a")},
			[]rights.Rule{
				{Resources: []string{"secrets"}, Verbs: []string{"get"}},
				{Resources: []string{"secrets"}, Names: []string{"a"}, Verbs: []string{"list"}},
			},
		},
		{
			"groups as a person lists them, and what is written last",
			[]rights.Right{right("list", snapshot.Components), right("list", snapshot.Webhooks), why, right("list", snapshot.Jobs), right("list", snapshot.Services), right("list", snapshot.Deployments)},
			[]rights.Rule{
				{Resources: []string{"services"}, Verbs: []string{"list"}},
				{Resources: []string{"pods"}, Verbs: []string{"create"}, Why: []string{"only tried"}},
				{Group: "apps", Resources: []string{"deployments"}, Verbs: []string{"list"}},
				{Group: "batch", Resources: []string{"jobs"}, Verbs: []string{"list"}},
				{Group: "admissionregistration.k8s.io", Resources: []string{"mutatingwebhookconfigurations"}, Verbs: []string{"list"}},
				{Group: "dapr.io", Resources: []string{"components"}, Verbs: []string{"list"}},
			},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			for range 20 {
				got := rights.Rules(test.all)
				if !slices.EqualFunc(got, test.want, equal) {
					t.Fatalf("got  %+v\nwant %+v", got, test.want)
				}
				// Who declares first must not matter.
				rand.Shuffle(len(test.all), func(i, j int) { test.all[i], test.all[j] = test.all[j], test.all[i] })
			}
		})
	}
}

func equal(a, b rights.Rule) bool {
	return a.Group == b.Group && slices.Equal(a.Resources, b.Resources) && slices.Equal(a.Names, b.Names) &&
		slices.Equal(a.Verbs, b.Verbs) && slices.Equal(a.Why, b.Why)
}

// TestYAML: what is written is the role as Kubernetes reads it, with what is said of it,
// in lines that are not too long.
func TestYAML(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("What is said of it is long. ", 9)
	role := rights.Role{
		Name: "reader", Namespace: "yes", Notes: []string{long, "Copy this:\n  kubectl  apply"},
		Rules: []rights.Rule{
			{Resources: []string{"pods", "services"}, Verbs: []string{"get"}, Why: []string{"Pods are tried."}},
			{Group: "dapr.io", Resources: []string{strings.Repeat("x", 50), strings.Repeat("y", 50)}, Names: []string{"true"}, Verbs: []string{"list"}},
		},
	}
	var asYAML, asJSON strings.Builder
	if err := role.YAML(&asYAML); err != nil {
		t.Fatal(err)
	}
	if err := role.JSON(&asJSON); err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(asYAML.String()) {
		if len(line) > 90 {
			t.Errorf("%d bytes: %s", len(line), line)
		}
	}
	for _, want := range []string{"# Copy this:\n#   kubectl  apply\n", "  # Pods are tried.\n  - apiGroups: [\"\"]\n    resources: [pods, services]\n", "namespace: \"yes\"", "# What is said of it is long. What"} {
		if !strings.Contains(asYAML.String(), want) {
			t.Errorf("%q is missing in:\n%s", want, &asYAML)
		}
	}
	for _, text := range []string{asYAML.String(), asJSON.String()} {
		var read rbacv1.Role
		if err := yaml.UnmarshalStrict([]byte(text), &read); err != nil {
			t.Fatal(err)
		}
		if read.Kind != "Role" || read.Name != "reader" || read.Namespace != "yes" || len(read.Rules) != 2 || read.Rules[1].ResourceNames[0] != "true" || read.Rules[0].APIGroups[0] != "" {
			t.Errorf("%+v", read)
		}
	}
}
