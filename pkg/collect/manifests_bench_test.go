// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package collect

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	utiljson "k8s.io/apimachinery/pkg/util/json"
	"sigs.k8s.io/yaml"
)

// benchmarkDeployment is a Deployment of the usual size, one of ten Dapr's.
func benchmarkDeployment(i int) string {
	text := `apiVersion: apps/v1
kind: Deployment
metadata:
  name: app-%d
  namespace: shop
  labels: {app.kubernetes.io/name: app, app.kubernetes.io/part-of: shop}
spec:
  replicas: 3
  selector: {matchLabels: {app: app}}
  template:
    metadata:
      labels: {app: app}
      annotations:
        prometheus.io/scrape: "true"
` + "DAPR" + `    spec:
      serviceAccountName: app
      containers:
      - name: app
        image: registry.example.com/shop/app:1.2.3
        ports: [{containerPort: 8080, name: http}]
        env:
        - {name: LOG_LEVEL, value: info}
        - name: PASSWORD
          valueFrom: {secretKeyRef: {name: app, key: password}}
        resources:
          requests: {cpu: 100m, memory: 128Mi}
          limits: {cpu: "1", memory: 256Mi}
        livenessProbe:
          httpGet: {path: /healthz, port: http}
          initialDelaySeconds: 10
        volumeMounts:
        - {name: config, mountPath: /etc/app}
      volumes:
      - name: config
        configMap: {name: app}
`
	own := ""
	if i%10 == 0 {
		own = "        dapr.io/enabled: \"true\"\n        dapr.io/app-id: app\n        dapr.io/app-port: \"8080\"\n"
	}
	return fmt.Sprintf(strings.Replace(text, "DAPR", own, 1), i)
}

func benchmarkYAML(n int) []byte {
	var b bytes.Buffer
	for i := range n {
		b.WriteString("---\n")
		b.WriteString(benchmarkDeployment(i))
	}
	return b.Bytes()
}

func benchmarkJSON(b *testing.B, n int) []byte {
	var list bytes.Buffer
	list.WriteString("{\n    \"apiVersion\": \"v1\",\n    \"items\": [\n")
	for i := range n {
		if i > 0 {
			list.WriteString(",\n")
		}
		compact, err := yaml.YAMLToJSON([]byte(benchmarkDeployment(i)))
		if err != nil {
			b.Fatal(err)
		}
		if err := json.Indent(&list, compact, "        ", "    "); err != nil {
			b.Fatal(err)
		}
	}
	list.WriteString("],\n    \"kind\": \"List\"\n}\n")
	return list.Bytes()
}

func benchmarkRead(b *testing.B, text []byte) {
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := (Manifests{Filenames: []string{"-"}, In: bytes.NewReader(text)}).Read(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkManifestsYAML(b *testing.B) { benchmarkRead(b, benchmarkYAML(1000)) }

// BenchmarkParseYAML is the least that reading YAML can take.
func BenchmarkParseYAML(b *testing.B) {
	text := benchmarkYAML(1000)
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		for _, document := range bytes.Split(text, []byte("---\n")) {
			if _, err := yaml.YAMLToJSON(document); err != nil {
				b.Fatal(err)
			}
		}
	}
}

func BenchmarkManifestsJSON(b *testing.B) { benchmarkRead(b, benchmarkJSON(b, 10_000)) }

// BenchmarkParseJSON is what decoding the same in one piece takes.
func BenchmarkParseJSON(b *testing.B) {
	text := benchmarkJSON(b, 10_000)
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		var all map[string]any
		if err := utiljson.Unmarshal(text, &all); err != nil {
			b.Fatal(err)
		}
	}
}
