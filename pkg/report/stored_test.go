// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package report

import (
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"
)

// secrets is a Deployment with a marker wherever people have put a password.
const secrets = `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: orders
  namespace: shop
  annotations:
    kubectl.kubernetes.io/last-applied-configuration: '{"env":"MARKER"}'
    vault.example.com/token: MARKER
  managedFields: [{manager: MARKER}]
spec:
  template:
    metadata:
      annotations:
        dapr.io/app-id: orders
        dapr.io/env: "PASSWORD=MARKER,GOMEMLIMIT=900MiB,GOGC=MARKER,MARKER"
        dapr.io/config: "Server=x;Password=MARKER"
        unknown: MARKER
      labels: {app: orders}
    spec:
      containers:
      - name: app
        image: registry.example.com/orders:1
        command: [MARKER]
        args: ["--password=MARKER"]
        env: [{name: PASSWORD, value: MARKER}]
        livenessProbe: {httpGet: {path: /healthz, port: 80, httpHeaders: [{name: Authorization, value: MARKER}]}}
        lifecycle: {preStop: {exec: {command: [MARKER]}}}
status: {conditions: [{message: MARKER}]}
`

func TestStoredHidesSecrets(t *testing.T) {
	t.Parallel()
	u := &unstructured.Unstructured{}
	if err := yaml.Unmarshal([]byte(secrets), &u.Object); err != nil {
		t.Fatal(err)
	}
	text, err := yaml.Marshal(stored(u))
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(text), "MARKER") {
		t.Errorf("a value that may be secret is shown:\n%s", text)
	}
	for _, shown := range []string{"dapr.io/env: PASSWORD=***,GOMEMLIMIT=900MiB,GOGC=***", "dapr.io/app-id: orders", "image: registry.example.com/orders:1", "app: orders", "path: /healthz"} {
		if !strings.Contains(string(text), shown) {
			t.Errorf("%q is not shown:\n%s", shown, text)
		}
	}
	if u.GetAnnotations()["vault.example.com/token"] != "MARKER" {
		t.Error("the object itself was changed")
	}
}

func TestDifference(t *testing.T) {
	t.Parallel()
	live := &unstructured.Unstructured{}
	if err := yaml.Unmarshal([]byte(secrets), &live.Object); err != nil {
		t.Fatal(err)
	}
	next := live.DeepCopy()
	if err := unstructured.SetNestedField(next.Object, "100m", "spec", "template", "metadata", "annotations", "dapr.io/sidecar-cpu-request"); err != nil {
		t.Fatal(err)
	}
	lines, err := difference(live, next, "live", false)
	if err != nil {
		t.Fatal(err)
	}
	text := strings.Join(lines, "\n")
	if !strings.Contains(text, "+        dapr.io/sidecar-cpu-request: 100m") || strings.Count(text, "\n+") != 2 || strings.Contains(text, "MARKER") {
		t.Errorf("%s", text)
	}
	if lines, err := difference(live, live, "live", false); err != nil || len(lines) > 0 {
		t.Errorf("a difference of an object to itself: %v, %v", lines, err)
	}
}
