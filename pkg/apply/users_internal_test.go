// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package apply

import (
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"
)

// TestEnded: what may still start a container with a Secret keeps that.
func TestEnded(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"{kind: Deployment}": false,
		"{kind: Pod, metadata: {}, status: {phase: Running}}":                                                                                   false,
		"{kind: Pod, metadata: {}, status: {phase: Succeeded}}":                                                                                 true,
		"{kind: Pod, metadata: {deletionTimestamp: '2026-01-01T00:00:00Z'}}":                                                                    true,
		"{kind: Pod, metadata: {deletionTimestamp: '2026-01-01T00:00:00Z', ownerReferences: [{kind: ReplicaSet, name: a, controller: true}]}}":  true,
		"{kind: Pod, metadata: {deletionTimestamp: '2026-01-01T00:00:00Z', ownerReferences: [{kind: StatefulSet, name: a, controller: true}]}}": false,
		"{kind: Pod, metadata: {deletionTimestamp: '2026-01-01T00:00:00Z', ownerReferences: [{kind: CloneSet, name: a, controller: true}]}}":    false,
		"{kind: ReplicaSet, metadata: {ownerReferences: [{kind: Deployment, name: a, controller: true}]}, spec: {replicas: 0}}":                 true,
		"{kind: ReplicaSet, metadata: {ownerReferences: [{kind: Deployment, name: a, controller: true}]}, spec: {replicas: 1}}":                 false,
		"{kind: ReplicaSet, metadata: {}, spec: {replicas: 0}}":                                                                                 false,
		"{kind: Job, status: {conditions: [{type: Complete, status: 'True'}]}}":                                                                 true,
		"{kind: Job, status: {conditions: [{type: Suspended, status: 'True'}]}}":                                                                false,
	} {
		o := &unstructured.Unstructured{}
		if err := yaml.Unmarshal([]byte(text), &o.Object); err != nil {
			t.Fatal(err)
		}
		if r, is := o.Object["spec"].(map[string]any); is {
			r["replicas"] = int64(r["replicas"].(float64)) // as the server's answers are read
		}
		if got := ended(o); got != want {
			t.Errorf("%s: %t", text, got)
		}
	}
}
