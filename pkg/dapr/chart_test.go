// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package dapr_test

import (
	"testing"

	"sigs.k8s.io/yaml"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/dapr"
)

func TestIsChartValues(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"dapr_operator: {watchInterval: 2m}":            true,
		"dapr_sentry:":                                  true,
		"{dapr_rbac: {}, monitoring: {}}":               true,
		"global: {ha: {enabled: true}}":                 true,
		"global: {mtls: {enabled: false}, registry: x}": true,
		"global: {daprControlPlaneOs: linux}":           true,
		"global: {registry: x}":                         false,
		"{global: {mtls: {enabled: true}}, pilot: {}}":  false, // Istio's chart
		"{global: {ha: {}}, server: {}}":                false,
		"dapr: {dapr_operator: {watchInterval: 2m}}":    false, // of a chart around it
		"dapr_operator: enabled":                        false,
		"dapr_dashboard: {}":                            false,
		"{apiVersion: v1, dapr_operator: {}}":           false,
		"{kind: Kustomization, dapr_operator: {}}":      false,
		"{dapr_operator: [], global: []}":               false,
		"{}":                                            false,
	} {
		var tree map[string]any
		if err := yaml.Unmarshal([]byte(text), &tree); err != nil {
			t.Fatal(err)
		}
		if is := dapr.IsChartValues(tree); is != want {
			t.Errorf("%s: %t", text, is)
		}
	}
}
