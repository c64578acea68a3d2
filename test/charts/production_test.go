// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

//go:build charts

package charts_test

import (
	"testing"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/catalogue"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/test/cluster/kube"
)

// TestProduction: with the values and the shop of examples/production every
// guideline is kept, and each is judged.
func TestProduction(t *testing.T) {
	kubeconfig := start(t, []string{"--helm-values", "../../examples/production/dapr-values.yaml"})
	run(t, kubeconfig, "../../examples/production/deploy.sh")

	check := kube.Check(t, "-A", "--kubeconfig", kubeconfig)
	if check.Code != 0 {
		t.Errorf("exit code %d, want 0", check.Code)
	}
	judged := map[string]bool{}
	for _, r := range check.Results {
		judged[r.Guideline] = judged[r.Guideline] || r.Outcome != guideline.Skipped
		if r.Outcome == guideline.Unjudged || r.Outcome == guideline.Failed && r.Severity != guideline.Info {
			t.Errorf("%s: %s %s, %s: %s", r.Object, r.Outcome, r.Guideline, r.Severity, r.Message)
		}
	}
	for _, g := range catalogue.All() {
		if !judged[g.ID] {
			t.Errorf("%s has nothing to judge", g.ID)
		}
	}
}
