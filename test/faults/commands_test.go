// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

//go:build cluster

package faults_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/dapr-prod/kubectl-dapr-prod/test/cluster/kube"
)

// app is a Deployment that lacks a seccomp profile and tokens. More are annotations of its
// Pods, a line each.
func app(name string, replicas int, more ...string) string {
	return fmt.Sprintf(`---
apiVersion: apps/v1
kind: Deployment
metadata: {name: %[1]s}
spec:
  replicas: %[2]d
  selector: {matchLabels: {app: %[1]s}}
  template:
    metadata:
      labels: {app: %[1]s}
      annotations:
        dapr.io/enabled: "true"
        dapr.io/app-id: %[1]s
        dapr.io/app-port: "8080"
        %[3]s
    spec:
      containers:
        - {name: app, image: "registry.example.com/%[1]s:1"}
`, name, replicas, strings.Join(more, "\n        "))
}

// shop is a namespace with three apps, of which orders has so many Pods. It lacks a soft
// memory limit as well, and stock has no numbers at all.
func shop(t *testing.T, replicas int) *kube.Namespace {
	t.Helper()
	ns := cluster.Namespace(t)
	orders := app("orders", replicas, "dapr.io/env: LEVEL=debug", "dapr.io/sidecar-memory-limit: 1Gi")
	ns.MustKubectl(t, orders+app("payments", 0)+app("stock", 0), "apply", "-f", "-")
	ns.Ready(t)
	return ns
}

// command is one that asks a server.
type command struct {
	name string
	args []string
	// code is its exit code where nothing is wrong, and says a part of what it says then.
	code int
	says string
}

// by runs it by a server.
func (c command) by(t testing.TB, kubeconfig string, more ...string) kube.Outcome {
	t.Helper()
	args, by := slices.Clone(c.args), append([]string{"--kubeconfig", kubeconfig}, more...)
	if c.args[0] == "__complete" {
		return kube.Run(t, slices.Insert(args, 2, by...)...) // what is completed is at the end
	}
	return kube.Run(t, append(args, by...)...)
}

// upgrade is the name of the command that takes longest.
const upgrade = "--helm-upgrade --dry-run"

// reads are the commands that write nothing.
func reads(ns *kube.Namespace) []command {
	here := func(args ...string) []string { return append(args, "-n", ns.Name) }
	chart := filepath.Join(filepath.Dir(cluster.StateFile), "chart", "dapr")
	return []command{
		{"check", here("check", "-o", "json"), 1, `"guideline": "sidecar-seccomp"`},
		{"fix --dry-run", here("fix", "--dry-run=server"), 1, "3 changes to write"},
		{"fix KIND/NAME --dry-run", here("fix", "deployment/orders", "--dry-run=server"), 1, "1 change to write"},
		{"fix --dry-run=client", here("fix", "--dry-run=client", "-o", "name"), 1, "deployment.apps/orders"},
		{"fix --scope=control-plane", []string{"fix", "--scope=control-plane"}, 1, "priorityClassName: system-cluster-critical"},
		{upgrade, []string{"fix", "--scope=control-plane", "--helm-upgrade", "--chart", chart, "--dry-run=server"}, 1, "Release dapr in dapr-system, revision 1 to 2"},
		{"harden --dry-run", here("harden", "api-token", "deployment/stock", "--dry-run=server"), 1, "stock-api-token"},
		{"sizing", here("sizing", "-o", "json"), 0, `"name": "orders"`},
		{"sizing --source=metrics", here("sizing", "--source=metrics", "-o", "json"), 0, `"name": "orders"`},
		{"sizing -o diff", here("sizing", "--source=guidelines", "--allow-low-confidence", "-o", "diff"), 1, "2 changes to write"},
		{"sizing --control-plane", []string{"sizing", "--control-plane", "--source=guidelines", "-o", "json"}, 0, `"name": "dapr-sentry"`},
		{"completion", []string{"__complete", "check", "-n", "dapr-s"}, 0, "dapr-system"},
	}
}

// writing is a command that writes, and the one that takes it back.
type writing struct {
	name        string
	write, back []string
}

// writings are the commands that write.
func writings(ns *kube.Namespace) []writing {
	here := func(args ...string) []string { return append(args, "-n", ns.Name, "--yes") }
	return []writing{
		{"fix", here("fix", "sidecar-seccomp", "sidecar-soft-memory-limit"), []string{"fix", "--yes"}},
		{"harden", here("harden", "api-token", "app-token", "deployment/stock"), []string{"harden", "--yes"}},
		{"sizing --apply", here("sizing", "--apply", "--source=guidelines", "--allow-low-confidence"), []string{"fix", "--yes"}},
	}
}

// to writes by a server, with a journal.
func (w writing) to(t testing.TB, kubeconfig, journal string, more ...string) kube.Outcome {
	t.Helper()
	return kube.Run(t, slices.Concat(w.write, []string{"--journal", journal, "--kubeconfig", kubeconfig}, more)...)
}

// undo takes back what a journal has.
func (w writing) undo(t testing.TB, kubeconfig, journal string, more ...string) kube.Outcome {
	t.Helper()
	return kube.Run(t, slices.Concat(w.back, []string{"--revert", journal, "--kubeconfig", kubeconfig}, more)...)
}

// state is all that the commands write: the templates of the Deployments, and the names
// of the Secrets.
func state(t testing.TB, ns *kube.Namespace) map[string]string {
	t.Helper()
	deployments, err := ns.Client.AppsV1().Deployments(ns.Name).List(t.Context(), metav1.ListOptions{})
	if err != nil {
		t.Fatal(err)
	}
	secrets, err := ns.Client.CoreV1().Secrets(ns.Name).List(t.Context(), metav1.ListOptions{})
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]string{}
	for _, d := range deployments.Items {
		text, err := json.Marshal(d.Spec.Template)
		if err != nil {
			t.Fatal(err)
		}
		all["Deployment "+d.Name] = string(text)
	}
	for _, s := range secrets.Items {
		all["Secret "+s.Name] = "made"
	}
	return all
}

// whole tells whether each object is as it was, or as it is to be, and how many are
// written. A Secret has to be there before what refers to it.
func whole(t testing.TB, what string, was, will, is map[string]string) (wrote int) {
	t.Helper()
	for name, now := range is {
		if now != was[name] && now != will[name] {
			t.Errorf("%s: %s is half written:\n%s", what, name, now)
		}
		if strings.HasPrefix(name, "Deployment ") && will[name] != was[name] && now == will[name] {
			wrote++
		}
	}
	for name := range will {
		if _, there := is[name]; !there && wrote > 0 {
			t.Errorf("%s: %s is missing", what, name)
		}
	}
	return wrote
}

// changes is how many Deployments become others.
func changes(was, will map[string]string) (n int) {
	for name := range was {
		if will[name] != was[name] {
			n++
		}
	}
	return n
}

// back fails the test unless all is as it was.
func back(t testing.TB, what string, was, is map[string]string) {
	t.Helper()
	if !maps.Equal(was, is) {
		t.Fatalf("%s: it was\n%v\nand is\n%v", what, was, is)
	}
}

// said is what a run says, in one line.
func said(o kube.Outcome) string { return strings.Join(strings.Fields(o.Stdout+" "+o.Stderr), " ") }

// oneSentence holds a failure against what is to be said of it: one sentence at the end,
// and no verdict but for plans that were shown before.
func oneSentence(t testing.TB, what string, o kube.Outcome) {
	t.Helper()
	text := "\n" + strings.TrimSuffix(o.Stderr, "\n")
	if first := strings.Index(text, "\nerror: "); first < 0 || first != strings.LastIndex(text, "\n") || strings.Contains(text, "goroutine") {
		t.Errorf("%s: exit code %d, and not one clear sentence\n%s%s", what, o.Code, o.Stdout, o.Stderr)
	}
}

// sentenceAlone is oneSentence where nothing else is said.
func sentenceAlone(t testing.TB, what string, o kube.Outcome) {
	t.Helper()
	oneSentence(t, what, o)
	if o.Stdout != "" || strings.Count(o.Stderr, "\n") != 1 {
		t.Errorf("%s: exit code %d, and more than one sentence\n%s%s", what, o.Code, o.Stdout, o.Stderr)
	}
}
