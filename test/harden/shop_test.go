// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

//go:build cluster

package harden_test

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/catalogue"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
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
	open := openIn(o.Stdout)
	seen := 0
	for _, r := range check.Results {
		if r.Outcome != guideline.Failed || !hardens(r.Guideline) || r.Object.Namespace != ns.Name {
			continue
		}
		seen++
		finding := fmt.Sprintf("%s/%s/%s %s: %s", ns.Name, strings.ToLower(r.Object.Kind), r.Object.Name, r.Guideline, r.Message)
		if !slices.ContainsFunc(open, func(said string) bool {
			who, found := strings.CutPrefix(said, finding)
			return found && (strings.HasPrefix(who, "; left to you: ") || strings.HasPrefix(who, "; to close it: kubectl dapr-prod harden "))
		}) {
			t.Errorf("nobody is told to see to it: %s", finding)
		}
	}
	if seen == 0 || seen != len(open) {
		t.Errorf("%d findings are open, and %d are said to be:\n%s", seen, len(open), strings.Join(open, "\n"))
	}
	ends(t, dapr(t, append(run, "--yes")...), 0, "Nothing to write")
	ends(t, dapr(t, "harden", "--revert", journal, "--yes"), 0)
	names(t, ns, slices.Collect(maps.Keys(before))...)
}

// openIn are the findings that a plan says are open, each behind what has it.
func openIn(plan string) (all []string) {
	who := ""
	for line := range strings.Lines(plan) {
		line = strings.TrimSuffix(line, "\n")
		if head := opened.FindStringSubmatch(line); head != nil {
			who = head[1]
		} else if finding, is := strings.CutPrefix(line, "- "); is && who != "" {
			all = append(all, who+" "+finding)
		} else {
			who = ""
		}
	}
	return all
}

var opened = regexp.MustCompile(`^Open in (\S+):$`)

// hardens tells whether a guideline is of the security section.
func hardens(id string) bool {
	return slices.ContainsFunc(catalogue.All(), func(g *guideline.Guideline) bool { return g.ID == id && g.Hardens })
}
