// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package sidecar_test

import (
	"slices"
	"testing"

	corev1 "k8s.io/api/core/v1"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/sidecar"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// TestDifferencesHideNames: a piece of a secret may have become a name.
func TestDifferencesHideNames(t *testing.T) {
	t.Parallel()
	simulated := &corev1.Container{Env: []corev1.EnvVar{{Name: "postgres://admin:S3cr3t@db?sslmode"}, {Name: "A"}}}
	observed := &snapshot.Sidecar{Container: corev1.Container{Env: []corev1.EnvVar{{Name: "S3cr3t!"}}}}
	if got, want := sidecar.Differences(simulated, false, observed), []string{"env ***", "env A"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
