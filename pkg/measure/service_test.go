// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package measure_test

import (
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/measure"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// TestOfService: a Pod of a control plane tells by itself that it was killed.
func TestOfService(t *testing.T) {
	t.Parallel()
	ended := time.Date(2026, 3, 29, 12, 0, 0, 0, time.UTC)
	status := &corev1.ContainerStatus{
		State:                corev1.ContainerState{Running: &corev1.ContainerStateRunning{StartedAt: metav1.NewTime(ended.Add(time.Second))}},
		LastTerminationState: corev1.ContainerState{Terminated: &corev1.ContainerStateTerminated{Reason: "OOMKilled", FinishedAt: metav1.NewTime(ended)}},
	}
	w := measure.OfService(&snapshot.ControlPlaneWorkload{Name: "dapr-sentry", Pods: []snapshot.ControlPlanePod{{Name: "a", Status: status}, {Name: "b"}}})
	if a, b := w.Pods[0], w.Pods[1]; !a.Killed.Equal(ended) || !a.Started.Equal(ended.Add(time.Second)) || !b.Killed.IsZero() {
		t.Errorf("%+v", w.Pods)
	}
}
