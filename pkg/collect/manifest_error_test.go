// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package collect

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/manifest"
)

func TestManifestErrors(t *testing.T) {
	for _, test := range []struct {
		name, text string
		want       []string
	}{
		{
			"unquoted in a rollout", "apiVersion: argoproj.io/v1alpha1\nkind: Rollout\nmetadata: {name: r}\nspec: {template: {metadata: {annotations: {dapr.io/enabled: off}}}}\n",
			[]string{"-:4: Rollout r: annotation dapr.io/enabled in spec.template.metadata.annotations must be a string: quote it"},
		},
		{"mtls", "apiVersion: dapr.io/v1alpha1\nkind: Configuration\nmetadata: {name: c}\nspec:\n  mtls:\n    enabled: \"true\"\n", []string{"-:6: Configuration c: spec.mtls.enabled must be true or false, not a string"}},
		{
			"selector", "apiVersion: admissionregistration.k8s.io/v1\nkind: MutatingWebhookConfiguration\nmetadata: {name: w}\nwebhooks:\n- name: sidecar-injector.dapr.io\n  clientConfig: {service: {name: x, namespace: z}}\n  namespaceSelector: {matchExpressions: [{key: a, operator: Like}]}\n",
			[]string{`-:1: MutatingWebhookConfiguration w: namespace selector: "Like" is not a valid label selector operator`},
		},
		{"no name", "apiVersion: v1\nkind: Pod\nmetadata: {namespace: x}\n", []string{"-:1: Pod: metadata.name is missing: name the object"}},
		{"no metadata", "apiVersion: dapr.io/v1alpha1\nkind: Configuration\nmetadata:\n", []string{"-:1: Configuration: metadata.name is missing: name the object"}},
		{"api version", "apiVersion: a/b/c\nkind: Pod\nmetadata: {name: p}\n", []string{`-:1: Pod p: apiVersion "a/b/c" must be VERSION or GROUP/VERSION`}},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, errs := read(t, Manifests{Filenames: []string{"-"}, In: strings.NewReader(test.text)})
			if !slices.Equal(errs, test.want) {
				t.Errorf("\n got %q\nwant %q", errs, test.want)
			}
		})
	}
}

func TestBadDocumentsLeaveTheOthersAlone(t *testing.T) {
	for _, bad := range []string{"a: b: c\n", "kind: X\n", "x\n", "--- x\n", deploymentWith("dapr.io/enabled: true")} {
		s, err := Manifests{Filenames: []string{"-"}, In: strings.NewReader(deployment("a", "") + "---\n" + bad + "---\n" + deployment("b", ""))}.Read(t.Context())
		if got, want := apps(s), "Deployment default/a -; Deployment default/b -"; got != want {
			t.Errorf("%q: got %q, want %q", bad, got, want)
		}
		var document *manifest.Error
		if !errors.As(err, &document) || document.File != "-" || document.Line < 13 {
			t.Errorf("%q: got %v", bad, err)
		}
	}
}

// deploymentWith has another annotation in the place of dapr.io/enabled.
func deploymentWith(annotation string) string {
	return strings.Replace(deployment("c", ""), "      annotations:\n", "      annotations:\n        "+annotation+"\n        # ", 1)
}

// TestTolerated are documents with something missing or unknown in them.
func TestTolerated(t *testing.T) {
	for _, test := range []struct{ name, text, apps string }{
		{"no spec", "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a, annotations: {dapr.io/enabled: 'true'}}\n", "Deployment default/a -"},
		{"null template", "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a, annotations: {dapr.io/enabled: 'true'}}\nspec: {template: null}\n", "Deployment default/a -"},
		{"rollout without template", "apiVersion: argoproj.io/v1alpha1\nkind: Rollout\nmetadata: {name: a, annotations: {dapr.io/enabled: 'true'}}\n", "Rollout default/a -"},
		{"unknown field", strings.Replace(deployment("a", ""), "spec:\n", "spec:\n  colour: red\n", 1), "Deployment default/a -"},
		{"another case", strings.Replace(deployment("a", ""), "spec:\n", "Spec:\n", 1), ""},
		{"null annotation", "apiVersion: v1\nkind: Pod\nmetadata: {name: p, annotations: {dapr.io/enabled: 'true', x: null}}\n", "Pod default/p -"},
		{"unknown kind", "apiVersion: x.io/v1\nkind: Deployment\nmetadata: 5\n", ""},
		{"unknown version", strings.Replace(deployment("a", ""), "apps/v1", "apps/v9", 1), ""},
		{"old version", strings.Replace(deployment("a", ""), "apps/v1", "extensions/v1beta1", 1), "Deployment default/a -"},
		{"cron job of old", "apiVersion: batch/v1beta1\nkind: CronJob\nmetadata: {name: a}\nspec: {jobTemplate: {spec: {template: {metadata: {annotations: {dapr.io/enabled: 'true'}}}}}}\n", "CronJob default/a -"},
		{"typed list", `{"apiVersion":"apps/v1","kind":"DeploymentList","items":[{"metadata":{"name":"a","annotations":{"dapr.io/enabled":"true"}}}]}`, "Deployment default/a -"},
		{"typed list, kind last", `{"items":[{"metadata":{"name":"a","annotations":{"dapr.io/enabled":"true"}}}],"apiVersion":"apps/v1","kind":"DeploymentList"}`, "Deployment default/a -"},
		{"no name of an unknown kind", "apiVersion: v1\nkind: Lease\n", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			s, errs := read(t, Manifests{Filenames: []string{"-"}, In: strings.NewReader(test.text)})
			if got := apps(s); got != test.apps || errs != nil {
				t.Errorf("got %q (%q), want %q", got, errs, test.apps)
			}
		})
	}
}
