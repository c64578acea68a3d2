// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

//go:build charts

package helm_test

import (
	"strings"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
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

// one: a run about apps and values is one plan with one tally, and no finding that a value
// closes is left to anybody.
func (b *bench) one(says string, args ...string) {
	b.t.Helper()
	o := b.harden(1, []string{says, "0 ready, "}, args...)
	if n := strings.Count(o.Stdout, "left to you\n"); n != 1 || strings.Contains(o.Stdout, "; left to you:") {
		b.t.Errorf("harden %q has %d tallies:\n%s", args, n, o.Stdout)
	}
}

// app is an app in the namespace default, as its ServiceAccount default, with a Pod.
func (b *bench) app() {
	b.t.Helper()
	labels := map[string]string{"app": "orders"}
	app := &appsv1.Deployment{
		ObjectMeta: metav1.ObjectMeta{Name: "orders"},
		Spec: appsv1.DeploymentSpec{Selector: &metav1.LabelSelector{MatchLabels: labels}, Template: corev1.PodTemplateSpec{
			ObjectMeta: metav1.ObjectMeta{Labels: labels, Annotations: map[string]string{
				"dapr.io/enabled": "true", "dapr.io/app-id": "orders", "dapr.io/sidecar-seccomp-profile-type": "RuntimeDefault",
			}},
			Spec: corev1.PodSpec{Containers: []corev1.Container{{Name: "app", Image: "registry.example.com/orders:1"}}},
		}},
	}
	if _, err := b.client.AppsV1().Deployments("default").Create(b.t.Context(), app, metav1.CreateOptions{FieldManager: "kubectl-create"}); err != nil {
		b.t.Fatal(err)
	}
	until(b.t.Context(), b.t, "the Pod of orders", func() bool {
		d, err := b.client.AppsV1().Deployments("default").Get(b.t.Context(), "orders", metav1.GetOptions{})
		return err == nil && d.Status.ReadyReplicas == 1
	})
}

// secretReader holds what is said of the right to read the Secrets of the namespace default
// against what should be said.
func (b *bench) secretReader(outcome guideline.Outcome) {
	b.t.Helper()
	for _, r := range kube.Check(b.t, "-A", "--kubeconfig", b.kubeconfig).Results {
		if r.Guideline == "default-secret-reader" && r.Outcome != outcome {
			b.t.Errorf("%s: default-secret-reader %s: %s", r.Object, r.Outcome, r.Message)
		}
	}
}

// olderThanMTLS: an app that is older than mTLS is made anew, and holds then.
func (b *bench) olderThanMTLS() {
	b.t.Helper()
	mtls := func(outcome guideline.Outcome, says string) {
		b.t.Helper()
		kube.Check(b.t, "-n", "default", "--kubeconfig", b.kubeconfig).Expect(b.t, "mtls", "Deployment/orders", outcome, says)
	}
	mtls(guideline.Failed, "daprd runs without --enable-mtls")
	b.harden(0, []string{"calls fail between Pods with and without mTLS, until all apps have restarted", "1 of 1 changes written and seen to hold"},
		"mtls", "-n", "default", "--yes")
	mtls(guideline.Passed, "")
}

// TestHarden: the values of the security section are shown for those who name the
// guideline, and given to the release for those who say so; nothing else is. Apps that are
// older than what was given are made anew.
func TestHarden(t *testing.T) {
	b := newBench(t, "1.18.3", "global: {mtls: {enabled: false}}\ndapr_sentry: {extraEnvVars: {VAULT_TOKEN: "+marker+"}}\n")
	b.app()
	before, short := b.state(), b.shortOf()
	for _, id := range []string{"mtls", "injector-watchdog", "control-plane-priority-class"} {
		if len(short[id]) == 0 {
			t.Fatalf("%s is kept already: %v", id, short)
		}
	}
	b.secretReader(guideline.Failed)
	b.harden(0, []string{"Nothing to write", "mtls: daprd runs without --enable-mtls; to close it: kubectl dapr-prod harden mtls (set the Helm value"}, "-A", "--yes")
	b.harden(0, []string{"Kept for now: - trust-anchors, dapr-system/configmap/dapr-trust-bundle: the root, ", "in time Dapr made them: dapr mtls renew-certificate", "0 ready; 0 findings"}, "trust-anchors", "-A")
	b.one("Open in default/deployment/orders: - mtls: daprd runs without --enable-mtls; closed by the values below", "mtls", "-n", "default")
	b.one("injector-watchdog", "mtls", "injector-watchdog", "-A")
	b.harden(1, []string{"enabled: true", "mtls, dapr-system/configuration/daprsystem: mTLS is switched off", "harden mtls --helm-upgrade gives it to the release"}, "mtls", "-A")
	b.harden(1, []string{"enabled: true"}, "mtls", "-n", "default")
	b.harden(2, []string{"values are for the whole cluster, and with -n they are only shown"}, "mtls", "-n", "default", "--helm-upgrade")
	b.harden(1, []string{"watchInterval"}, "injector-watchdog")
	b.harden(1, []string{"secretReader", "Deployment default/orders runs as the ServiceAccount that this takes the right from"}, "default-secret-reader")
	b.harden(1, []string{"priorityClassName: system-cluster-critical"}, "control-plane-priority-class")
	file := b.harden(1, nil, "mtls", "-o", "helm")
	if !strings.Contains(file.Stdout, "enabled: true") || strings.Contains(file.Stdout, "watchInterval") {
		t.Errorf("the file of values is\n%s", file.Stdout)
	}
	upgrade := []string{"mtls", "injector-watchdog", "default-secret-reader", "--helm-upgrade", "--chart", b.chart}
	b.harden(1, []string{"Release dapr in dapr-system, revision 1 to 2"}, append(upgrade, "--dry-run=server")...)
	b.harden(1, []string{"--yes is needed"}, upgrade...)
	b.nothing(before)

	first := b.revision()
	b.harden(1, []string{"Revision 2 of release dapr is deployed.", "until it restarts: Deployment default/orders. Next: kubectl dapr-prod harden mtls -A"}, append(upgrade, "--yes")...)
	after := b.shortOf()
	if len(after["mtls"])+len(after["injector-watchdog"]) > 0 || len(after["control-plane-priority-class"]) == 0 {
		t.Errorf("what falls short is %v", after)
	}
	b.secretReader(guideline.Passed)
	b.olderThanMTLS()
	b.rollback(first)
	b.secretReader(guideline.Failed)
	if back := b.shortOf(); len(back["mtls"]) != len(short["mtls"]) {
		t.Errorf("after the rollback: %v", back["mtls"])
	}
}
