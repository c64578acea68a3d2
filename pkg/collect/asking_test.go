// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package collect

import (
	"fmt"
	"strings"
	"testing"
)

// TestAsking: every kind of object may ask, but those that have their annotations
// from a template.
func TestAsking(t *testing.T) {
	t.Parallel()
	var text strings.Builder
	for _, kind := range []string{
		"v1 Secret", "v1 Namespace", "v1 Service", "v1 Node", "apps/v1 Deployment", "rbac.authorization.k8s.io/v1 RoleBinding",
		"dapr.io/v1alpha1 Component", "apiextensions.k8s.io/v1 CustomResourceDefinition", "admissionregistration.k8s.io/v1 MutatingWebhookConfiguration",
		"v1 Pod", "apps/v1 ReplicaSet",
	} {
		version, kind, _ := strings.Cut(kind, " ")
		fmt.Fprintf(&text, "---\napiVersion: %s\nkind: %s\nmetadata: {name: x.dapr.io, annotations: {dapr-prod.github.io/ignore: a=b}}\n", version, kind)
	}
	s, errs := read(t, Manifests{Filenames: []string{"-"}, In: strings.NewReader(text.String())})
	var got []string
	for _, a := range s.Asking {
		got = append(got, a.Object.APIVersion+" "+a.Object.String()+" "+a.Value)
	}
	want := []string{
		"apiextensions.k8s.io/v1 CustomResourceDefinition x.dapr.io a=b",
		"admissionregistration.k8s.io/v1 MutatingWebhookConfiguration x.dapr.io a=b",
		"v1 Namespace x.dapr.io a=b",
		"v1 Node x.dapr.io a=b",
		"dapr.io/v1alpha1 Component default/x.dapr.io a=b",
		"apps/v1 Deployment default/x.dapr.io a=b",
		"rbac.authorization.k8s.io/v1 RoleBinding default/x.dapr.io a=b",
		"v1 Secret default/x.dapr.io a=b",
		"v1 Service default/x.dapr.io a=b",
	}
	if errs != nil || strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("%q\n%s\nwant\n%s", errs, strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}
