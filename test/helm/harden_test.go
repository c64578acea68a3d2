// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

//go:build charts

package helm_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/dapr-prod/kubectl-dapr-prod/test/cluster/kube"
)

// harden runs the command, and holds it against its exit code and what it has to say.
func (b *bench) harden(code int, says []string, args ...string) kube.Outcome {
	b.t.Helper()
	o := kube.Run(b.t, append([]string{"harden", "--kubeconfig", b.kubeconfig}, args...)...)
	text := strings.Join(strings.Fields(o.Stdout+" "+o.Stderr), " ")
	for _, s := range says {
		if !strings.Contains(text, s) {
			b.t.Errorf("harden %q does not say %q", args, s)
		}
	}
	if o.Code != code {
		b.t.Errorf("harden %q: exit code %d, want %d", args, o.Code, code)
	}
	if b.t.Failed() {
		b.t.Fatalf("%s%s", o.Stdout, o.Stderr)
	}
	b.silent(o.Stdout + o.Stderr)
	return o
}

// app is the namespace of an app that runs with its sidecar.
func (b *bench) app() string {
	b.t.Helper()
	cluster, err := kube.OpenFile(filepath.Join(filepath.Dir(b.kubeconfig), "state.json"))
	if err != nil {
		b.t.Fatal(err)
	}
	ns := cluster.Namespace(b.t)
	ns.MustKubectl(b.t, `{apiVersion: apps/v1, kind: Deployment, metadata: {name: orders}, spec: {selector: {matchLabels: {app: orders}}, template: {
		metadata: {labels: {app: orders}, annotations: {dapr.io/enabled: "true", dapr.io/app-id: orders}},
		spec: {containers: [{name: app, image: registry.example.com/app:1}]}}}}`, "create", "-f-")
	ns.Ready(b.t)
	return ns.Name
}

// one: a run about apps and values is one plan with one tally, and no finding that a value
// closes is left to anybody.
func (b *bench) one(says string, args ...string) {
	b.t.Helper()
	o := b.harden(1, []string{says, "0 ready, "}, args...)
	if n := strings.Count(o.Stdout, "left to you\n"); n != 1 || strings.Contains(o.Stdout, "; left to you:") {
		b.t.Errorf("harden %q has %d tallies:\n%s", args, n, o.Stdout)
	}
}

// TestHarden: the values of the security section are shown for those who name the
// guideline, and given to the release for those who say so; nothing else is.
func TestHarden(t *testing.T) {
	b := newBench(t, "1.18.3", "global: {mtls: {enabled: false}}\ndapr_sentry: {extraEnvVars: {VAULT_TOKEN: "+marker+"}}\n")
	before, short := b.state(), b.shortOf()
	for _, id := range []string{"mtls", "injector-watchdog", "control-plane-priority-class"} {
		if len(short[id]) == 0 {
			t.Fatalf("%s is kept already: %v", id, short)
		}
	}
	b.harden(0, []string{"Nothing to write"}, "-A", "--yes")
	b.harden(0, []string{"Kept for now: - trust-anchors, dapr-system/configmap/dapr-trust-bundle: the root, ", "in time Dapr made them: dapr mtls renew-certificate", "0 ready; 0 findings"}, "trust-anchors", "-A")
	ns := b.app()
	b.one("Open in "+ns+"/deployment/orders: - mtls: daprd runs without --enable-mtls; closed by the values below", "mtls", "-n", ns)
	b.one("injector-watchdog", "mtls", "injector-watchdog", "-A")
	b.harden(1, []string{"enabled: true", "mtls, dapr-system/configuration/daprsystem: mTLS is switched off", "harden mtls --helm-upgrade gives it to the release"}, "mtls", "-A")
	b.harden(1, []string{"enabled: true"}, "mtls", "-n", "default")
	b.harden(2, []string{"values are for the whole cluster, and with -n they are only shown"}, "mtls", "-n", "default", "--helm-upgrade")
	b.harden(1, []string{"watchInterval"}, "injector-watchdog")
	b.harden(1, []string{"priorityClassName: system-cluster-critical"}, "control-plane-priority-class")
	file := b.harden(1, nil, "mtls", "-o", "helm")
	if !strings.Contains(file.Stdout, "enabled: true") || strings.Contains(file.Stdout, "watchInterval") {
		t.Errorf("the file of values is\n%s", file.Stdout)
	}
	upgrade := []string{"mtls", "injector-watchdog", "--helm-upgrade", "--chart", b.chart}
	b.harden(1, []string{"Release dapr in dapr-system, revision 1 to 2"}, append(upgrade, "--dry-run=server")...)
	b.harden(1, []string{"--yes is needed"}, upgrade...)
	b.nothing(before)

	first := b.revision()
	b.harden(1, []string{"Revision 2 of release dapr is deployed.", "until it restarts: Deployment " + ns + "/orders. Next: kubectl dapr-prod harden mtls -A"}, append(upgrade, "--yes")...)
	after := b.shortOf()
	if len(after["mtls"])+len(after["injector-watchdog"]) > 0 || len(after["control-plane-priority-class"]) == 0 {
		t.Errorf("what falls short is %v", after)
	}
	b.harden(0, []string{"1 of 1 changes written and seen to hold"}, "mtls", "-n", ns, "--yes", "--journal", filepath.Join(t.TempDir(), "journal"))
	b.rollback(first)
	if back := b.shortOf(); len(back["mtls"]) != len(short["mtls"]) {
		t.Errorf("after the rollback: %v", back["mtls"])
	}
}
