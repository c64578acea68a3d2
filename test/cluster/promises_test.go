// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

//go:build cluster

package cluster_test

import (
	"os"
	"path/filepath"
	"testing"

	"sigs.k8s.io/yaml"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/test/cluster/kube"
)

func TestOneBadQuantityDropsAllFour(t *testing.T) {
	t.Parallel()
	ns := cluster.Namespace(t)
	ns.Apply(t, deployment("orders", 2, settled("orders", "sidecar-memory-limit", "1000MB")))
	ns.Ready(t)

	c, _ := daprdOf(&ns.Pods(t)[0].Spec)
	if c == nil || len(c.Resources.Limits)+len(c.Resources.Requests) > 0 {
		t.Fatalf("the injector has changed: it was to drop the resources of %v", c)
	}
	check := kube.Check(t, "-n", ns.Name)
	r := check.Expect(t, "sidecar-resources", "Deployment/orders", guideline.Failed, "all four are dropped")
	if r.Severity != guideline.Error || r.Field != "spec.template.metadata.annotations[dapr.io/sidecar-memory-limit]" {
		t.Errorf("sidecar-resources: %s at %s", r.Severity, r.Field)
	}
	check.Expect(t, "sidecar-quantities", "Deployment/orders", guideline.Failed, "all four settings are ignored")
	check.Expect(t, "sidecar-soft-memory-limit", "Deployment/orders", guideline.Skipped, "no memory limit")
	check.Expect(t, "sidecar-injected", "Deployment/orders", guideline.Passed, "2 of 2 running Pods have daprd")
}

func TestNativeSidecarPasses(t *testing.T) {
	t.Parallel()
	ns := cluster.Namespace(t)
	ns.Apply(t, deployment("payments", 1, settled("payments", "enable-native-sidecar", "true")))
	ns.Ready(t)

	if c, native := daprdOf(&ns.Pods(t)[0].Spec); c == nil || !native {
		t.Fatal("the injector made no native sidecar")
	}
	check := kube.Check(t, "-n", ns.Name, "--scope=apps", ofSettled)
	if check.Code != 0 || check.Summary.Fail > 0 {
		t.Errorf("exit code %d with %+v, want nothing to fall short:\n%s", check.Code, check.Summary, check.Stdout)
	}
	app := check.App(t, "Deployment/payments")
	if !app.Sidecar.Native || len(app.Sidecar.Observed) != 1 || !app.Sidecar.Observed[0].Native || len(app.Sidecar.Problems) > 0 {
		t.Errorf("the report does not show one native sidecar: %+v", app.Sidecar)
	}
}

func TestEnabledYes(t *testing.T) {
	t.Parallel()
	set := settled("notifications", "enabled", "yes")
	content, err := yaml.Marshal(deployment("notifications", 1, set))
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "notifications.yaml")
	content = append([]byte("apiVersion: apps/v1\nkind: Deployment\n"), content...)
	if err := os.WriteFile(file, content, 0o600); err != nil {
		t.Fatal(err)
	}
	older := kube.Check(t, "-f", file, "--dapr-version", "1.17.2")
	older.Expect(t, "sidecar-injected", "Deployment/notifications", guideline.Passed, "the injector adds daprd")
	newer := kube.Check(t, "-f", file, "--dapr-version", "1.18.3")
	newer.Expect(t, "sidecar-injected", "Deployment/notifications", guideline.Failed, `only "true" injects`)

	ns := cluster.Namespace(t)
	ns.Apply(t, deployment("notifications", 1, set))
	ns.Ready(t)
	if c, _ := daprdOf(&ns.Pods(t)[0].Spec); c != nil {
		t.Fatal("the injector has changed: it takes yes for true")
	}
	live := kube.Check(t, "-n", ns.Name)
	live.Expect(t, "sidecar-injected", "Deployment/notifications", guideline.Failed, `only "true" injects`)
	live.Expect(t, "sidecar-resources", "Deployment/notifications", guideline.Skipped, "no sidecar")
}

func TestNoAppID(t *testing.T) {
	t.Parallel()
	ns := cluster.Namespace(t)
	ns.Apply(t, deployment("checkout", 2, settled("")), keeping("inventory", 1, settled("")))
	ns.Ready(t, "checkout")
	ns.Refused(t, "checkout")

	check := kube.Check(t, "-n", ns.Name)
	check.Expect(t, "sidecar-injected", "Deployment/checkout", guideline.Failed, "no Pod is made: Dapr's injector refuses it")
	check.Expect(t, "dapr-annotations", "Deployment/checkout", guideline.Failed, "")
	check.Expect(t, "sidecar-resources", "Deployment/checkout", guideline.Skipped, "no sidecar: Dapr's injector refuses the Pods")
	if app := check.App(t, "Deployment/checkout"); app.Pods != 0 || app.Sidecar.State != "denied" {
		t.Errorf("checkout has %d Pods and is %s", app.Pods, app.Sidecar.State)
	}
	// The Pods of a StatefulSet have a name to fall back to.
	check.Expect(t, "sidecar-injected", "StatefulSet/inventory", guideline.Passed, "1 of 1")
	r := check.Expect(t, "dapr-annotations", "StatefulSet/inventory", guideline.Failed, "")
	if r.Severity != guideline.Warning {
		t.Errorf("a StatefulSet without app ID runs: %s", r.Severity)
	}
}

func TestAnnotatedLater(t *testing.T) {
	t.Parallel()
	ns := cluster.Namespace(t)
	d, s := deployment("orders", 1, nil), keeping("inventory", 2, nil)
	ns.Apply(t, d, s)
	ns.Ready(t)
	d.Spec.Paused, d.Spec.Template.Annotations = true, settled("orders")
	s.Spec.Template.Annotations = settled("inventory")
	ns.Apply(t, d, s)

	check := kube.Check(t, "-n", ns.Name)
	check.Expect(t, "sidecar-injected", "Deployment/orders", guideline.Failed,
		"1 of 1 running Pods have no daprd: they were made before the template asked for it")
	check.Expect(t, "sidecar-injected", "StatefulSet/inventory", guideline.Failed,
		"2 of 2 running Pods have no daprd: they were made before the template asked for it")
	check.Expect(t, "sidecar-resources", "Deployment/orders", guideline.Passed, "")
}
