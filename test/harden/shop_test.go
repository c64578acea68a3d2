// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

//go:build cluster

package harden_test

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/report"
	"github.com/dapr-prod/kubectl-dapr-prod/test/cluster/kube"
)

// TestShop closes the security section of the example in one run: what is open then, the
// run has said who closes it, and how. What was given up by hand before is as it was, once
// the run is taken back.
func TestShop(t *testing.T) {
	t.Parallel()
	ns := cluster.Namespace(t)
	files, err := filepath.Glob("../../examples/shop/[a-z]*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("no manifests: %v", err)
	}
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		ns.MustKubectl(t, strings.ReplaceAll(string(content), "namespace: shop\n", "namespace: "+ns.Name+"\n"), "apply", "-f", "-")
	}
	ns.Ready(t, "checkout") // whose Pods Dapr's injector refuses
	before := secrets(t, ns)
	journal := filepath.Join(t.TempDir(), "journal")
	run := []string{"harden", "-n", ns.Name, "--profile", "restricted", "--assume-no-secret-api", "--all-apps"}
	o := dapr(t, append(run, "--yes", "--journal", journal)...)
	ends(t, o, 0, "3 of 3 changes written and seen to hold")

	check := kube.Check(t, "-n", ns.Name)
	for _, app := range []string{"Deployment/orders", "Deployment/payments", "StatefulSet/inventory"} {
		for _, id := range []string{"api-token", "app-token", "token-secrets", "service-account-token", "sidecar-seccomp", "mtls"} {
			check.Expect(t, id, app, guideline.Passed, "")
		}
	}
	check.OpenOnlyAs(t, o.Stdout, func(r report.Result) bool { return kube.Hardens(r.Guideline) && r.Object.Namespace == ns.Name })
	ends(t, dapr(t, append(run, "--yes")...), 0, "Nothing to write")
	ends(t, dapr(t, "harden", "--revert", journal, "--yes"), 0)
	names(t, ns, slices.Collect(maps.Keys(before))...)
}
