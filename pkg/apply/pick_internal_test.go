// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package apply

import (
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"
)

func parse(t *testing.T, manifest string) map[string]any {
	t.Helper()
	var u unstructured.Unstructured
	if err := yaml.Unmarshal([]byte(manifest), &u.Object); err != nil {
		t.Fatal(err)
	}
	return u.Object
}

func TestApplied(t *testing.T) {
	t.Parallel()
	const object = `
metadata: {name: orders, labels: {a: "1", b: "2"}, finalizers: [x, y, z]}
spec:
  selector: {matchLabels: {app: orders}}
  args: [--a, --b]
  volume: {}
  ports:
  - {port: 80, protocol: UDP, name: a}
  - {port: 80, protocol: TCP, name: b, nodePort: 30080}
  - {port: 81, protocol: TCP, name: c}
`
	for _, test := range []struct{ name, fields, want string }{
		{"nothing", `{}`, "{}"},
		{"keys of a map", `{"f:metadata":{"f:labels":{"f:b":{}}}}`, "metadata: {labels: {b: '2'}}"},
		{"a map and its keys", `{"f:metadata":{"f:labels":{".":{},"f:b":{}}}}`, "metadata: {labels: {b: '2'}}"},
		{"an atomic map", `{"f:spec":{"f:selector":{}}}`, "spec: {selector: {matchLabels: {app: orders}}}"},
		{"an empty map", `{"f:spec":{"f:volume":{}}}`, "spec: {volume: {}}"},
		{"an atomic list", `{"f:spec":{"f:args":{}}}`, "spec: {args: [--a, --b]}"},
		{
			"a list with keys", `{"f:spec":{"f:ports":{"k:{\"port\":80,\"protocol\":\"TCP\"}":{".":{},"f:name":{},"f:port":{}},"k:{\"port\":81,\"protocol\":\"TCP\"}":{"f:name":{}}}}}`,
			"spec: {ports: [{port: 80, name: b}, {port: 81, protocol: TCP, name: c}]}",
		},
		{"an element alone", `{"f:spec":{"f:ports":{"k:{\"port\":80,\"protocol\":\"UDP\"}":{}}}}`, "spec: {ports: [{port: 80, protocol: UDP}]}"},
		{"a set", `{"f:metadata":{"f:finalizers":{"v:\"z\"":{},"v:\"x\"":{}}}}`, "metadata: {finalizers: [x, z]}"},
		{"labels without keys", `{"f:metadata":{"f:name":{},"f:labels":{}}}`, "metadata: {name: orders}"},
		{"a map whose keys are gone", `{"f:spec":{"f:selector":{".":{},"f:matchExpressions":{}}}}`, "{}"},
		{"what is gone", `{"f:metadata":{"f:labels":{"f:c":{}},"f:annotations":{"f:d":{}}}}`, "{}"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			live := &unstructured.Unstructured{Object: parse(t, object)}
			entry := map[string]any{"manager": Manager, "operation": "Apply", "apiVersion": "v1", "fieldsType": "FieldsV1", "fieldsV1": parse(t, test.fields)}
			other := map[string]any{"manager": Manager, "operation": "Update", "apiVersion": "v1", "fieldsType": "FieldsV1", "fieldsV1": parse(t, `{"f:data":{}}`)}
			if err := unstructured.SetNestedSlice(live.Object, []any{other, entry}, "metadata", "managedFields"); err != nil {
				t.Fatal(err)
			}
			got, err := applied(live)
			if err != nil {
				t.Fatal(err)
			}
			text, err := yaml.Marshal(got)
			if err != nil {
				t.Fatal(err)
			}
			want, err := yaml.Marshal(parse(t, test.want))
			if err != nil {
				t.Fatal(err)
			}
			if string(text) != string(want) {
				t.Errorf("got\n%swant\n%s", text, want)
			}
		})
	}
}

func TestManagerIn(t *testing.T) {
	t.Parallel()
	for message, want := range map[string]string{
		`conflict with "kubectl-edit" using apps/v1 at 2026-11-21T10:00:00Z`: "kubectl-edit",
		`conflict with "a \"b\"" with subresource "status" using apps/v1`:    `a "b"`,
		`conflict with "argocd-controller"`:                                  "argocd-controller",
		`something else`:                                                     "something else",
	} {
		if got := managerIn(message); got != want {
			t.Errorf("%s: %s", message, got)
		}
	}
}

func TestDiffer(t *testing.T) {
	t.Parallel()
	before := parse(t, `{metadata: {annotations: {a.b/c: "1", d: "2"}}, spec: {replicas: 1, args: [a], gone: {x: 1}}}`)
	after := parse(t, `{metadata: {annotations: {a.b/c: "1", d: "3"}, labels: {e: "4"}}, spec: {replicas: 1, args: [a, b]}}`)
	var got []string
	differ("", before, after, func(field string) { got = append(got, field) })
	want := "metadata.annotations[d] metadata.labels[e] spec.args spec.gone.x"
	if text := strings.Join(got, " "); text != want {
		t.Errorf("got %s, want %s", text, want)
	}
}
