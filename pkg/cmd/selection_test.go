// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package cmd

import (
	"slices"
	"testing"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// TestReadsOf: what is read of apps where they are not judged themselves.
func TestReadsOf(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name  string
		scope guideline.Scope
		apps  bool
	}{
		{"mtls", guideline.Apps, true},
		{"mtls", guideline.ControlPlane, false},
		{"metrics", guideline.ControlPlane, false},
		{"injector-webhook", guideline.ControlPlane, true},
		{"injector-watchdog", guideline.ControlPlane, true},
		{"dashboard", guideline.Cluster, true},
		{"control-plane-ha", guideline.ControlPlane, false},
	} {
		g, err := findGuideline(test.name)
		if err != nil {
			t.Fatal(err)
		}
		reads := readsOf([]*guideline.Guideline{g}, []guideline.Scope{test.scope})
		if got := slices.Contains(reads, snapshot.Read{Resource: snapshot.Deployments, Place: snapshot.InApps}); got != test.apps {
			t.Errorf("%s in scope %s: are the Deployments of apps read: %t", test.name, test.scope, got)
		}
	}
}
