// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

//go:build cluster

package sizing_test

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"
	"sigs.k8s.io/yaml"

	"github.com/dapr-prod/kubectl-dapr-prod/test/cluster/kube"
)

const daprSystem = "dapr-system"

// TestControlPlane: the guidelines' numbers, raised to what a Prometheus has seen of the
// services, and as values for helm.
func TestControlPlane(t *testing.T) {
	t.Parallel()
	p := &past{namespace: daprSystem, start: time.Now().Truncate(5 * time.Minute).Add(-days * 24 * time.Hour).Unix()}
	const end = days * day
	p.ran("dapr-sentry-5d4f8c7b9-x7x2q", "dapr-sentry", 0, end, 0.01, 90*mib) // gone by now, and counted
	p.ran("dapr-placement-server-0", "dapr-placement-server", 0, end, 0.3, 20*mib)
	p.ran("dapr-scheduler-server-1", "dapr-scheduler-server", 0, end, 0.5, 400*mib)
	p.ran("dapr-scheduler-server-1", "sidecar-of-somebody", 0, end, 8, 8000*mib)
	url := kube.Prometheus(t, p.all)
	d := sizing(t, "--control-plane", "--prometheus-url", url)
	for name, want := range map[string]string{
		"dapr-operator": "100m/1 100Mi/ ", "dapr-sidecar-injector": "100m/1 30Mi/ ",
		"dapr-sentry": "100m/1 100Mi/ ", "dapr-placement-server": "350m/1 75Mi/ ", "dapr-scheduler-server": "600m/ 450Mi/ ",
	} {
		w := d.of(t, name)
		equal(t, name, w.numbers(), want)
		equal(t, "origin of "+name, w.Origin, map[bool]string{true: "ours", false: "guidelines"}[name == "dapr-scheduler-server"])
	}
	equal(t, "services", len(d.Workloads), 5)
	equal(t, "confidence of the scheduler", d.of(t, "dapr-scheduler-server").Confidence, "high")
	equal(t, "the scheduler starts with", d.of(t, "dapr-scheduler-server").Start["memoryRequest"], "256Mi")
	equal(t, "nothing was seen of the operator", d.of(t, "dapr-operator").Confidence, "low")

	o := kube.Run(t, "sizing", "--control-plane", "--prometheus-url", url, "-o", "helm")
	if o.Code != 0 || !strings.Contains(o.Stdout, "#   helm upgrade dapr dapr/dapr --namespace dapr-system --version "+cluster.Dapr.Version+" --reset-then-reuse-values -f dapr-additions.yaml") {
		t.Errorf("exit code %d\n%s%s", o.Code, o.Stdout, o.Stderr)
	}
	var values map[string]struct {
		Resources struct{ Requests, Limits map[string]string }
	}
	if err := yaml.Unmarshal([]byte(o.Stdout), &values); err != nil {
		t.Fatal(err)
	}
	scheduler := values["dapr_scheduler"].Resources
	if scheduler.Requests["cpu"] != "600m" || scheduler.Requests["memory"] != "450Mi" || scheduler.Limits != nil {
		t.Errorf("%+v", scheduler)
	}
	if len(values) != 5 || values["dapr_placement"].Resources.Limits["cpu"] != "1" {
		t.Errorf("%+v", values)
	}

	table := kube.Run(t, "sizing", "--control-plane", "--prometheus-url", url).Stdout
	if !strings.Contains(table, "256Mi/- (ours)") || !strings.Contains(table, "5 workloads in the control plane in dapr-system") {
		t.Error(table)
	}
	refused := kube.Run(t, "sizing", "--control-plane", "--apply", "--yes")
	if refused.Code != 2 || !strings.Contains(refused.Stderr, "-o helm writes the values for helm upgrade") {
		t.Errorf("exit code %d\n%s", refused.Code, refused.Stderr)
	}
}

// TestControlPlaneUpgrade: the release is given the numbers, once; low confidence has to
// be asked for.
func TestControlPlaneUpgrade(t *testing.T) {
	t.Parallel()
	kubeconfig := kube.Start(t)
	config, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
	if err != nil {
		t.Fatal(err)
	}
	services := kubernetes.NewForConfigOrDie(config).AppsV1().StatefulSets(daprSystem)
	run := func(code int, args ...string) kube.Outcome {
		t.Helper()
		o := kube.Run(t, append([]string{
			"sizing", "--control-plane", "--source=guidelines", "--apply", "--helm-upgrade",
			"--kubeconfig", kubeconfig, "--chart", filepath.Join(filepath.Dir(kubeconfig), "chart", "dapr"),
		}, args...)...)
		if o.Code != code {
			t.Fatalf("%q: exit code %d, want %d\n%s%s", args, o.Code, code, o.Stdout, o.Stderr)
		}
		return o
	}
	requests := func() string {
		s, err := services.Get(t.Context(), "dapr-scheduler-server", metav1.GetOptions{})
		if err != nil {
			t.Fatal(err)
		}
		r := s.Spec.Template.Spec.Containers[0].Resources.Requests
		return r.Cpu().String() + " " + r.Memory().String()
	}
	low := run(0, "--yes")
	if !strings.Contains(low.Stdout, "--allow-low-confidence") {
		t.Errorf("nobody says why nothing is written\n%s%s", low.Stdout, low.Stderr)
	}
	dry := run(1, "--allow-low-confidence", "--dry-run=server")
	if !strings.Contains(dry.Stdout, "+            memory: 256Mi") {
		t.Error(dry.Stdout)
	}
	equal(t, "after a dry run", requests(), "0 0")
	run(0, "--allow-low-confidence", "--yes")
	equal(t, "after the upgrade", requests(), "250m 256Mi")
	if again := run(0, "--allow-low-confidence", "--yes"); !strings.Contains(again.Stdout, "No value to add.") {
		t.Error(again.Stdout)
	}
}
