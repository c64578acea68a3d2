// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

//go:build charts

package helm_test

import (
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
	b.harden(1, []string{"enabled: true", "closes mtls, dapr-system/configuration/daprsystem", "harden mtls --helm-upgrade gives it to the release"}, "mtls", "-A")
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
	b.harden(0, []string{"Revision 2 of release dapr is deployed."}, append(upgrade, "--yes")...)
	after := b.shortOf()
	if len(after["mtls"])+len(after["injector-watchdog"]) > 0 || len(after["control-plane-priority-class"]) == 0 {
		t.Errorf("what falls short is %v", after)
	}
	b.rollback(first)
	if back := b.shortOf(); len(back["mtls"]) != len(short["mtls"]) {
		t.Errorf("after the rollback: %v", back["mtls"])
	}
}
