// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

//go:build cluster

package cluster_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/catalogue"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/report"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
	"github.com/dapr-prod/kubectl-dapr-prod/test/cluster/kube"
)

// ofApps are the resources that any guideline reads where apps are, but for
// namespaces, which no Role lets anybody list.
func ofApps() []snapshot.Resource {
	var all []snapshot.Resource
	for _, g := range catalogue.All() {
		for _, read := range g.Reads {
			if read.Place == snapshot.InApps && read.Resource != snapshot.Namespaces && !slices.Contains(all, read.Resource) {
				all = append(all, read.Resource)
			}
		}
	}
	return all
}

// TestReaderOfOneNamespace has a Role in the namespace of the apps and no other
// right: nothing is known of the control plane, and the Pods that run tell of
// the apps.
func TestReaderOfOneNamespace(t *testing.T) {
	t.Parallel()
	ns := someApps(t)
	user := cluster.User().MayList(t, ns.Name, ofApps()...)

	check := kube.Check(t, "-n", ns.Name, "--as", user.Name)
	expectSomeApps(t, check)
	expectHiddenControlPlane(t, check)
	// What no Pod shows and no setting was read for is not guessed.
	check.Expect(t, "mtls", "Deployment/asleep", guideline.Unjudged, "depends on how the control plane is set")
	check.Expect(t, "sidecar-resources", "Deployment/asleep", guideline.Failed, "no CPU and memory settings")
	if check.Code != 1 {
		t.Errorf("exit code %d for apps that fall short, want 1", check.Code)
	}
	complete := kube.Run(t, "check", "-n", ns.Name, "--as", user.Name, "--require-complete")
	if complete.Code != 2 || !strings.Contains(complete.Stderr, "--require-complete") {
		t.Errorf("--require-complete: exit code %d, %s", complete.Code, complete.Stderr)
	}
}

// TestReaderOfAppsAndWebhooks also sees which control plane there is, and may
// list nothing in its namespace.
func TestReaderOfAppsAndWebhooks(t *testing.T) {
	t.Parallel()
	ns := someApps(t)
	user := cluster.User().MayList(t, ns.Name, ofApps()...).MayList(t, "", snapshot.Webhooks).May(t, "get", "", snapshot.Namespaces)

	check := kube.Check(t, "-n", ns.Name, "--as", user.Name)
	expectSomeApps(t, check)
	expectHiddenControlPlane(t, check)
	check.Expect(t, "sidecar-injected", "Deployment/asleep", guideline.Unjudged, cluster.Dapr.Namespace)
	check.Expect(t, "mtls", "Deployment/asleep", guideline.Unjudged, cluster.Dapr.Namespace)
}

// TestReaderOfTheControlPlane may not list the apps.
func TestReaderOfTheControlPlane(t *testing.T) {
	t.Parallel()
	ns := someApps(t)
	user := cluster.User().MayList(t, "", snapshot.Webhooks, snapshot.StatefulSets, snapshot.Deployments, snapshot.Configurations).
		May(t, "get", "", snapshot.Namespaces)

	check := kube.Check(t, "-n", ns.Name, "--as", user.Name)
	check.Expect(t, "control-plane-ha", "Deployment/dapr-operator", guideline.Failed, "high availability wants 3")
	check.Expect(t, "sidecar-resources", "Namespace/"+ns.Name, guideline.Unjudged, "pods (forbidden)")
	check.Expect(t, "sidecar-injected", "Deployment/orders", guideline.Unjudged, "not allowed to list pods")
	check.Expect(t, "control-plane-resources", "Deployment/dapr-operator", guideline.Unjudged, "not allowed to list pods in namespace "+cluster.Dapr.Namespace)
}

func TestReaderOfNothing(t *testing.T) {
	t.Parallel()
	ns := someApps(t)
	user := cluster.User()
	for _, args := range [][]string{{"-n", ns.Name}, {"-A"}, {"-n", "no-such-namespace"}, {"-n", ns.Name, "--scope=control-plane"}} {
		expectFailure(t, append(args, "--as", user.Name), "not allowed to list")
	}
	// What cannot be seen is not taken for what is not there, over which Dapr would be installed.
	for _, args := range [][]string{nil, {"-o", "helm"}, {"-o", "helm", "--dapr-version", "1.18.3"}} {
		o := kube.Run(t, append([]string{"fix", "--scope=control-plane", "--as", user.Name}, args...)...)
		if o.Code != 2 || o.Stdout != "" || !strings.Contains(o.Stderr, "whether there is a control plane is not known: not allowed to list") {
			t.Errorf("fix %q: exit code %d\n%s%s", args, o.Code, o.Stdout, o.Stderr)
		}
	}
}

func TestNoSuchNamespace(t *testing.T) {
	t.Parallel()
	expectFailure(t, []string{"-n", "no-such-namespace"}, `namespace "no-such-namespace" does not exist`)
	expectFailure(t, []string{"-n", "default", "--scope=apps"}, "there is no Dapr app in namespace default")
}

// expectFailure expects exit code 2, one sentence, and not a word of a verdict.
func expectFailure(t *testing.T, args []string, sentence string) {
	t.Helper()
	for _, output := range []string{"", "json", "yaml", "name", "wide"} {
		o := kube.Run(t, slices.Concat([]string{"check", "-o", output}, args)...)
		if o.Code != 2 || o.Stdout != "" || !strings.HasPrefix(o.Stderr, "error: ") || strings.Count(o.Stderr, "\n") != 1 || !strings.Contains(o.Stderr, sentence) {
			t.Errorf("check %v -o %q: exit code %d, want 2 and one sentence with %q\n%s%s", args, output, o.Code, sentence, o.Stdout, o.Stderr)
		}
	}
}

// someApps is a namespace with an app that is fine, one that is not, and one
// without Pods.
func someApps(t *testing.T) *kube.Namespace {
	t.Helper()
	ns := cluster.Namespace(t)
	asleep := on("asleep")
	asleep["dapr.io/api-token-secret"] = "a-token"
	ns.Apply(t, deployment("payments", 2, settled("payments")), deployment("orders", 1, on("orders")), deployment("asleep", 0, asleep))
	ns.Ready(t)
	ns.Services(t, "payments", "orders", "asleep")
	return ns
}

func expectSomeApps(t *testing.T, check kube.Checked) {
	t.Helper()
	for _, id := range []string{"sidecar-injected", "sidecar-resources", "sidecar-soft-memory-limit", "sidecar-quantities", "dapr-annotations", "mtls"} {
		check.Expect(t, id, "Deployment/payments", guideline.Passed, "")
	}
	check.Expect(t, "sidecar-injected", "Deployment/orders", guideline.Passed, "1 of 1 running Pods have daprd")
	check.Expect(t, "sidecar-resources", "Deployment/orders", guideline.Failed, "no CPU and memory settings")
}

// expectHiddenControlPlane expects nothing but unknown of the control plane, by
// each guideline that judges it.
func expectHiddenControlPlane(t *testing.T, check kube.Checked) {
	t.Helper()
	for _, g := range catalogue.All() {
		if g.ControlPlane == nil {
			continue
		}
		results := slices.DeleteFunc(slices.Clone(check.Results), func(r report.Result) bool {
			return r.Guideline != g.ID || namespaceOf(r) != cluster.Dapr.Namespace && r.Object.Kind != "ControlPlane"
		})
		if len(results) == 0 {
			t.Errorf("%s says nothing of the control plane", g.ID)
		}
		for _, r := range results {
			if r.Outcome != guideline.Unjudged || !strings.Contains(r.Message, "not allowed to ") {
				t.Errorf("%s on %s: %s %q, want unknown", g.ID, r.Object, r.Outcome, r.Message)
			}
		}
	}
}
