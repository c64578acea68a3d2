// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package collect

import (
	"errors"
	"slices"
	"strings"
	"testing"
)

// below puts text as a second document into a file, on line 6.
func below(text string) string { return mapYAML + "---\n" + text }

func TestDocumentErrors(t *testing.T) {
	head := "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a, namespace: shop}\n"
	for _, test := range []struct {
		name, text string
		want       []string
	}{
		{
			"unquoted annotation", below(head + "spec:\n  template:\n    metadata:\n      annotations:\n        x: z\n        dapr.io/enabled: true\n"),
			[]string{"-:14: Deployment shop/a: annotation dapr.io/enabled in spec.template.metadata.annotations must be a string: quote it"},
		},
		{
			"unquoted yes and a number", below(head + "spec:\n  template:\n    metadata:\n      annotations:\n        dapr.io/enabled: yes\n        dapr.io/app-port: 80\n"),
			[]string{"-:14: Deployment shop/a: annotations dapr.io/app-port, dapr.io/enabled in spec.template.metadata.annotations must be strings: quote them"},
		},
		{
			"unquoted in JSON", "{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":{\n\"name\":\"p\",\"annotations\":{\n\"dapr.io/enabled\":true}}}",
			[]string{"-:3: Pod p: annotation dapr.io/enabled in metadata.annotations must be a string: quote it"},
		},
		{
			"unquoted label", "apiVersion: v1\nkind: Pod\nmetadata:\n  name: p\n  labels:\n    version: 1.0\n",
			[]string{"-:6: Pod p: label version in metadata.labels must be a string: quote it"},
		},
		{
			"unquoted in a cron job", "apiVersion: batch/v1\nkind: CronJob\nmetadata: {name: c}\nspec: {jobTemplate: {spec: {template: {metadata: {annotations:\n  {dapr.io/enabled: on}}}}}}\n",
			[]string{"-:5: CronJob c: annotation dapr.io/enabled in spec.jobTemplate.spec.template.metadata.annotations must be a string: quote it"},
		},
		{
			"unquoted in a rollout", "apiVersion: argoproj.io/v1alpha1\nkind: Rollout\nmetadata: {name: r}\nspec: {template: {metadata: {annotations: {dapr.io/enabled: off}}}}\n",
			[]string{"-:4: Rollout r: annotation dapr.io/enabled in spec.template.metadata.annotations must be a string: quote it"},
		},
		{
			"unquoted in a list", "apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: Pod\n  metadata:\n    name: p\n    annotations:\n      k: 1\n",
			[]string{"-:9: Pod p: annotation k in metadata.annotations must be a string: quote it"},
		},
		{
			"quantity", head + "spec:\n  template:\n    spec:\n      containers:\n      - name: app\n        resources:\n          limits:\n            cpu: 1\n            memory: 1000MB\n",
			[]string{`-:12: Deployment shop/a: spec.template.spec.containers[app].resources.limits.memory: "1000MB" is not a quantity: write it as 500m, 256Mi or 1G`},
		},
		{
			"quantity elsewhere", "apiVersion: v1\nkind: LimitRange\nmetadata: {name: l}\nspec:\n  limits:\n  - type: Container\n    default:\n      memory: 1 Gi\n",
			[]string{`-:8: LimitRange l: spec.limits[0].default.memory: "1 Gi" is not a quantity: write it as 500m, 256Mi or 1G`},
		},
		{"number", head + "spec:\n  replicas: two\n", []string{"-:5: Deployment shop/a: spec.replicas must be a number, not a string"}},
		{"fraction", head + "spec:\n  replicas: 1.5\n", []string{"-:5: Deployment shop/a: spec.replicas must be a number, not the number 1.5"}},
		{"list for a mapping", head + "spec:\n  template:\n    spec:\n    - x\n", []string{"-:6: Deployment shop/a: spec.template.spec must be a mapping, not a list"}},
		{"mapping for a list", head + "spec:\n  template:\n    spec:\n      containers:\n        name: x\n", []string{"-:7: Deployment shop/a: spec.template.spec.containers must be a list, not a mapping"}},
		{"metadata is a text", "apiVersion: v1\nkind: Pod\nmetadata: x\n", []string{"-:3: Pod: metadata must be a mapping, not a string"}},
		{"mtls", "apiVersion: dapr.io/v1alpha1\nkind: Configuration\nmetadata: {name: c}\nspec:\n  mtls:\n    enabled: \"true\"\n", []string{"-:6: Configuration c: spec.mtls.enabled must be true or false, not a string"}},
		{
			"selector", "apiVersion: admissionregistration.k8s.io/v1\nkind: MutatingWebhookConfiguration\nmetadata: {name: w}\nwebhooks:\n- name: sidecar-injector.dapr.io\n  clientConfig: {service: {name: x, namespace: z}}\n  namespaceSelector: {matchExpressions: [{key: a, operator: Like}]}\n",
			[]string{`-:1: MutatingWebhookConfiguration w: namespace selector: "Like" is not a valid label selector operator`},
		},
		{"unquoted elsewhere", "apiVersion: v1\nkind: Pod\nmetadata:\n  name: p\n  namespace: 5\n", []string{"-:5: Pod p: metadata.namespace must be a string: quote it"}},
		{"no name", "apiVersion: v1\nkind: Pod\nmetadata: {namespace: x}\n", []string{"-:1: Pod: metadata.name is missing: name the object"}},
		{"no metadata", "apiVersion: dapr.io/v1alpha1\nkind: Configuration\nmetadata:\n", []string{"-:1: Configuration: metadata.name is missing: name the object"}},
		{"api version", "apiVersion: a/b/c\nkind: Pod\nmetadata: {name: p}\n", []string{`-:1: Pod p: apiVersion "a/b/c" must be VERSION or GROUP/VERSION`}},
		{
			"template of helm", below("apiVersion: v1\nkind: Pod\nmetadata:\n  name: {{ .Release.Name }}\n"),
			[]string{"-:6: malformed YAML: a key must be plain text: this is a template, render it first: helm template … | kubectl dapr-prod check -f -"},
		},
		{
			"template of helm, from its start", "{{- if .Values.x }}\nkind: Pod\n{{- end }}\n",
			[]string{"-:1: malformed YAML: did not find expected node content: this is a template, render it first: helm template … | kubectl dapr-prod check -f -"},
		},
		{"indentation", below("a: 1\nb:\n  c: d\n e: f\n"), []string{"-:9: malformed YAML: did not find expected key"}},
		{"colon", below("a: 1\nb: c: d\n"), []string{"-:7: malformed YAML: mapping values are not allowed in this context"}},
		{"colon in the first line", below("# x\na: b: c\n"), []string{"-:7: malformed YAML: mapping values are not allowed in this context"}},
		{"bracket", below("a: 1\nb: [1,\nc: 2\n"), []string{"-:7: malformed YAML: did not find expected ',' or ']'"}},
		{"quote", below("a: 1\nb: \"x\nc: 2\n"), []string{"-:7: malformed YAML: found unexpected end of stream"}},
		{"no colon", below("a: 1\nb\nc: 2\n"), []string{"-:7: malformed YAML: could not find expected ':'"}},
		{"tab", below("a:\n\tb: 2\n"), []string{"-:7: malformed YAML: found character that cannot start any token"}},
		{"item", below("a: 1\n- b\n"), []string{"-:7: malformed YAML: did not find expected key"}},
		{"anchor", below("a: 1\nb: *x\n"), []string{"-:7: malformed YAML: unknown anchor 'x' referenced"}},
		{"infinity", below("a: 1\nb: .inf\n"), []string{"-:6: malformed YAML: +Inf is not a number that an object can hold"}},
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
		var document *DocumentError
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
		{"no name of an unknown kind", "apiVersion: v1\nkind: Secret\n", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			s, errs := read(t, Manifests{Filenames: []string{"-"}, In: strings.NewReader(test.text)})
			if got := apps(s); got != test.apps || errs != nil {
				t.Errorf("got %q (%q), want %q", got, errs, test.apps)
			}
		})
	}
}
