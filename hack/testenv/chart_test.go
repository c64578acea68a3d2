// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
)

func writeFiles(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, content := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestWriteReleasedChart(t *testing.T) {
	from := writeFiles(t, map[string]string{
		"Chart.yaml":            "version: '0.0.0'\nappVersion: '0.0.0'\n",
		"values.yaml":           "global:\n  tag: 'edge'\n",
		"embed.go":              "package dapr\n",
		"charts/sub/Chart.yaml": "version: '0.0.0'\n",
		"templates/a.yaml":      "edge 0.0.0\n",
	})
	to := filepath.Join(t.TempDir(), "dapr")
	if err := writeReleasedChart(from, to, "1.18.3"); err != nil {
		t.Fatal(err)
	}
	want := map[string]string{
		"Chart.yaml":            "version: '1.18.3'\nappVersion: '1.18.3'\n",
		"values.yaml":           "global:\n  tag: '1.18.3'\n",
		"charts/sub/Chart.yaml": "version: '1.18.3'\n",
		"templates/a.yaml":      "edge 0.0.0\n",
	}
	for name, content := range want {
		if got, err := os.ReadFile(filepath.Join(to, name)); err != nil || string(got) != content {
			t.Errorf("%s: got %q, %v", name, got, err)
		}
	}
	if _, err := os.Stat(filepath.Join(to, "embed.go")); err == nil {
		t.Error("embed.go is no part of a released chart")
	}
}

func TestWriteReleasedChartWithoutPlaceholder(t *testing.T) {
	from := writeFiles(t, map[string]string{"values.yaml": "global:\n  tag: latest\n"})
	err := writeReleasedChart(from, filepath.Join(t.TempDir(), "dapr"), "1.18.3")
	if err == nil || !strings.Contains(err.Error(), "values.yaml") {
		t.Errorf("got %v, want an error that names values.yaml", err)
	}
}

func TestChartValues(t *testing.T) {
	const file = "global:\n  ha:\n    enabled: true\n  seccompProfile: RuntimeDefault\n"
	tests := []struct {
		name string
		file string
		sets []string
		want map[string]any
		err  string
	}{
		{name: "nothing", want: map[string]any{}},
		{name: "file", file: file, want: map[string]any{"global": map[string]any{"ha": map[string]any{"enabled": true}, "seccompProfile": "RuntimeDefault"}}},
		{name: "what is set wins", file: file, sets: []string{"global.ha.enabled=false", "a=1"}, want: map[string]any{"a": int64(1), "global": map[string]any{"ha": map[string]any{"enabled": false}, "seccompProfile": "RuntimeDefault"}}},
		{name: "no YAML", file: "global: {", err: "--helm-values"},
		{name: "no pair", sets: []string{"global"}, err: "--helm-set global"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			path := ""
			if test.file != "" {
				path = filepath.Join(writeFiles(t, map[string]string{"values.yaml": test.file}), "values.yaml")
			}
			got, err := chartValues(path, test.sets)
			if test.err != "" {
				if err == nil || !strings.Contains(err.Error(), test.err) {
					t.Errorf("got %v, want an error with %q", err, test.err)
				}
				return
			}
			if err != nil || !reflect.DeepEqual(got, test.want) {
				t.Errorf("got %v, %v, want %v", got, err, test.want)
			}
		})
	}
	if _, err := chartValues(filepath.Join(t.TempDir(), "none.yaml"), nil); err == nil || !strings.Contains(err.Error(), "none.yaml") {
		t.Errorf("got %v, want an error that names the file", err)
	}
}

func TestVariable(t *testing.T) {
	field := func(path string) *corev1.EnvVarSource {
		return &corev1.EnvVarSource{FieldRef: &corev1.ObjectFieldSelector{FieldPath: path}}
	}
	tests := []struct {
		name  string
		given corev1.EnvVar
		want  string
		fails bool
	}{
		{name: "value", given: corev1.EnvVar{Name: "A", Value: "1"}, want: "A=1"},
		{name: "namespace", given: corev1.EnvVar{Name: "NAMESPACE", ValueFrom: field("metadata.namespace")}, want: "NAMESPACE=dapr-system"},
		{name: "other field", given: corev1.EnvVar{Name: "IP", ValueFrom: field("status.podIP")}, fails: true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := variable(test.given)
			if got != test.want || (err != nil) != test.fails {
				t.Errorf("got %q, %v", got, err)
			}
		})
	}
}
