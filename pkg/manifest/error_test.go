// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package manifest

import (
	"slices"
	"strings"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
)

// below puts text as a second document into a file, on line 6.
func below(text string) string { return mapYAML + "---\n" + text }

func TestErrors(t *testing.T) {
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
			"unquoted in a list", "apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: Pod\n  metadata:\n    name: p\n    annotations:\n      k: 1\n",
			[]string{"-:9: Pod p: annotation k in metadata.annotations must be a string: quote it"},
		},
		{
			"quantity", head + "spec:\n  template:\n    spec:\n      containers:\n      - name: app\n        resources:\n          limits:\n            cpu: 1\n            memory: 1000MB\n",
			[]string{`-:12: Deployment shop/a: spec.template.spec.containers[app].resources.limits.memory: "1000MB" is not a quantity: write it as 500m, 256Mi or 1G`},
		},
		{
			"quantity with an absurd exponent", head + "spec:\n  template:\n    spec:\n      containers:\n      - name: app\n        resources:\n          limits:\n            cpu: 1\n            memory: \"1e-9999999999\"\n",
			[]string{`-:12: Deployment shop/a: spec.template.spec.containers[app].resources.limits.memory: "1e-9999999999" is not a quantity: write it as 500m, 256Mi or 1G`},
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
		{"unquoted elsewhere", "apiVersion: v1\nkind: Pod\nmetadata:\n  name: p\n  namespace: 5\n", []string{"-:5: Pod p: metadata.namespace must be a string: quote it"}},
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
		{"anchor", below("a: 1\nb: *x\n"), []string{"-:7: malformed YAML: a value that begins with * refers to an anchor, and there is none of that name: quote it if it is a text"}},
		{"tag", below("a: 1\nb: !!int x\n"), []string{"-:6: malformed YAML: cannot decode !!str a text as a !!int"}},
		{"number for a list", head + "spec:\n  template:\n    spec:\n      containers: 12345\n", []string{"-:7: Deployment shop/a: spec.template.spec.containers must be a list, not a number"}},
		{"infinity", below("a: 1\nb: .inf\n"), []string{"-:6: malformed YAML: +Inf is not a number that an object can hold"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			var errs []string
			if err := (Input{Filenames: []string{"-"}, Stdin: strings.NewReader(test.text)}).Read(t.Context(), decodeTyped); err != nil {
				errs = strings.Split(err.Error(), "\n")
			}
			if !slices.Equal(errs, test.want) {
				t.Errorf("\n got %q\nwant %q", errs, test.want)
			}
		})
	}
}

func decodeTyped(d *Document) error {
	into, found := map[string]any{
		"Deployment": &appsv1.Deployment{}, "CronJob": &batchv1.CronJob{}, "Pod": &corev1.Pod{}, "LimitRange": &corev1.LimitRange{},
	}[d.Kind]
	if !found {
		return nil
	}
	return d.Decode(into)
}
