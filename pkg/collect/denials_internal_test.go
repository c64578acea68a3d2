// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package collect

import (
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// TestDenialsOfDeployments: what was said of Pods that were replaced is no denial, even
// while the status has it.
func TestDenialsOfDeployments(t *testing.T) {
	t.Parallel()
	two, none := int32(2), int32(0)
	for name, tt := range map[string]struct {
		replicas *int32
		status   appsv1.DeploymentStatus
		denied   bool
	}{
		"none of its Pods":          {&two, appsv1.DeploymentStatus{ObservedGeneration: 3}, true},
		"one of its Pods":           {&two, appsv1.DeploymentStatus{ObservedGeneration: 3, UpdatedReplicas: 1, AvailableReplicas: 1}, true},
		"Pods of an older template": {&two, appsv1.DeploymentStatus{ObservedGeneration: 3, UpdatedReplicas: 0, AvailableReplicas: 2}, true},
		"Pods that are not up":      {&two, appsv1.DeploymentStatus{ObservedGeneration: 3, UpdatedReplicas: 2, AvailableReplicas: 1}, true},
		"a status of before":        {&two, appsv1.DeploymentStatus{ObservedGeneration: 2, UpdatedReplicas: 2, AvailableReplicas: 2}, true},
		"all of its Pods":           {&two, appsv1.DeploymentStatus{ObservedGeneration: 3, UpdatedReplicas: 2, AvailableReplicas: 2}, false},
		"the one that is meant":     {nil, appsv1.DeploymentStatus{ObservedGeneration: 3, UpdatedReplicas: 1, AvailableReplicas: 1}, false},
		"no Pods wanted":            {&none, appsv1.DeploymentStatus{ObservedGeneration: 3}, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tt.status.Conditions = []appsv1.DeploymentCondition{{Type: appsv1.DeploymentReplicaFailure, Status: corev1.ConditionTrue, Reason: "FailedCreate", Message: "exceeded quota"}}
			d := &appsv1.Deployment{ObjectMeta: metav1.ObjectMeta{Generation: 3}, Spec: appsv1.DeploymentSpec{Replicas: tt.replicas}, Status: tt.status}
			if got := denialsOf(d); (len(got) == 1) != tt.denied {
				t.Errorf("denials %v", got)
			}
		})
	}
}
