// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

//go:build cluster

package harden_test

import (
	"context"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/dapr-prod/kubectl-dapr-prod/test/cluster/kube"
)

const enforceLabel = "pod-security.kubernetes.io/enforce"

func enforcing(ns *kube.Namespace, args ...string) []string {
	return append([]string{"harden", "sidecar-seccomp", "--enforce", "-n", ns.Name, "--yes"}, args...)
}

func enforced(t testing.TB, ns *kube.Namespace) string {
	t.Helper()
	is, err := ns.Client.CoreV1().Namespaces().Get(t.Context(), ns.Name, metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return is.Labels[enforceLabel]
}

// TestEnforce: a namespace is labelled once every Pod of it fits, and the server lets all
// of them in then.
func TestEnforce(t *testing.T) {
	t.Parallel()
	ns := cluster.Namespace(t)
	d := open("orders", 1)
	delete(d.Spec.Template.Annotations, seccomp)
	apply(t, ns, d)
	ns.Ready(t)
	ends(t, dapr(t, enforcing(ns, "--dry-run=server")...), 1, "which is to be enforced")
	if is := enforced(t, ns); is != "" {
		t.Fatalf("a dry run labels the namespace %q", is)
	}
	journal := filepath.Join(t.TempDir(), "journal")
	o := dapr(t, enforcing(ns, "--journal", journal)...)
	ends(t, o, 0, "1 of 1 changes written", "all Pods fit Pod Security baseline",
		"Namespace "+ns.Name+" enforces Pod Security baseline.", "harden --revert "+journal)
	if n := strings.Count(o.Stderr, "--revert"); n != 1 {
		t.Errorf("the way back is said %d times", n)
	}
	if is := enforced(t, ns); is != "baseline" {
		t.Fatalf("it enforces %q", is)
	}
	was := podOf(t, ns)
	ns.MustKubectl(t, "", "delete", "pod", was.Name, "--wait=false")
	kube.Eventually(t, "another Pod of orders", func(context.Context) (bool, string, error) {
		pods := ns.Pods(t)
		another := slices.ContainsFunc(pods, func(p corev1.Pod) bool { return p.UID != was.UID })
		return another, fmt.Sprintf("%d Pods", len(pods)), nil
	})
	ends(t, dapr(t, enforcing(ns)...), 0, "enforces Pod Security baseline already")

	ends(t, dapr(t, "harden", "--revert", journal, "--dry-run=server"), 1, "would be restored")
	if is := enforced(t, ns); is != "baseline" {
		t.Fatalf("a dry run of a revert leaves %q", is)
	}
	ends(t, dapr(t, "harden", "--revert", journal, "--yes"), 0, "Namespace "+ns.Name+": labels["+enforceLabel+"] restored", seccomp+" restored")
	if is := enforced(t, ns); is != "" {
		t.Errorf("taken back, it enforces %q", is)
	}
}

// TestEnforceReverted: the label of somebody is theirs again, and one that was changed
// since stays.
func TestEnforceReverted(t *testing.T) {
	t.Parallel()
	ns := cluster.Namespace(t)
	apply(t, ns, open("orders", 0))
	ns.MustKubectl(t, "", "label", "namespace", ns.Name, enforceLabel+"=privileged")
	was := managing(t, ns)
	first, second := filepath.Join(t.TempDir(), "first"), filepath.Join(t.TempDir(), "second")
	ends(t, dapr(t, enforcing(ns, "--journal", first)...), 0, "privileged so far", "Its label was taken over from kubectl-label")
	ends(t, dapr(t, "harden", "--revert", first, "--yes"), 0, "restored")
	if is := enforced(t, ns); is != "privileged" {
		t.Errorf("taken back, it enforces %q", is)
	}
	if is := managing(t, ns); !maps.Equal(was, is) {
		t.Errorf("its fields belonged to\n%v\nand belong to\n%v", was, is)
	}
	killed(t, "journaled", enforcing(ns, "--journal", second)...)
	ends(t, dapr(t, "harden", "--revert", second, "--yes"), 0, "is as it was")
	killed(t, "applied", enforcing(ns, "--journal", filepath.Join(t.TempDir(), "third"))...)
	ns.MustKubectl(t, "", "label", "namespace", ns.Name, "--overwrite", enforceLabel+"=restricted")
	ends(t, dapr(t, "harden", "--revert", first, "--yes"), 1, "left: it was changed since")
	if is := enforced(t, ns); is != "restricted" {
		t.Errorf("somebody's label is gone: %q", is)
	}
}

// TestEnforceStricter: a namespace that enforces more than is asked for keeps that.
func TestEnforceStricter(t *testing.T) {
	t.Parallel()
	ns := cluster.Namespace(t)
	apply(t, ns, open("orders", 0))
	ns.MustKubectl(t, "", "label", "namespace", ns.Name, enforceLabel+"=restricted")
	ends(t, dapr(t, enforcing(ns)...), 1, "enforces Pod Security restricted already") // its sidecar does not fit
	if is := enforced(t, ns); is != "restricted" {
		t.Errorf("it enforces %q", is)
	}
}

// managing are the fields of a namespace by who owns them.
func managing(t testing.TB, ns *kube.Namespace) map[string]string {
	t.Helper()
	is, err := ns.Client.CoreV1().Namespaces().Get(t.Context(), ns.Name, metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]string{}
	for _, e := range is.ManagedFields {
		all[e.Manager+" "+string(e.Operation)] = string(e.FieldsV1.GetRawBytes())
	}
	return all
}

// TestEnforceOwned: a namespace that a tool keeps is left to it.
func TestEnforceOwned(t *testing.T) {
	t.Parallel()
	ns := cluster.Namespace(t)
	apply(t, ns, open("orders", 0))
	ns.MustKubectl(t, "", "annotate", "namespace", ns.Name, "argocd.argoproj.io/tracking-id=shop:/Namespace:shop/"+ns.Name)
	ends(t, dapr(t, enforcing(ns)...), 1, "is left as it is: it belongs to Argo CD", "--include-managed")
	if is := enforced(t, ns); is != "" {
		t.Errorf("it enforces %q", is)
	}
	ends(t, dapr(t, enforcing(ns, "--include-managed")...), 0, "enforces Pod Security baseline.")
}

// TestEnforceRefused: one Pod or one template that does not fit is enough, be it of Dapr
// or not, scaled to zero or not.
func TestEnforceRefused(t *testing.T) {
	t.Parallel()
	ns := cluster.Namespace(t)
	host := stranger("host")
	host.Spec.Template.Spec.HostNetwork = true
	apply(t, ns, open("orders", 0), host)
	apply(t, ns, &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Name: "bare"}, Spec: corev1.PodSpec{
		HostPID: true, Containers: []corev1.Container{{Name: "app", Image: "registry.example.com/bare:1"}},
	}})
	ends(t, dapr(t, enforcing(ns)...), 1, "is left as it is: Pod Security baseline would refuse",
		"Pod bare: host namespaces (hostPID=true)", "the next Pod of Deployment host: host namespaces (hostNetwork=true)")
	// The sidecar keeps its capabilities as the injector is set, and the app has no profile.
	ends(t, dapr(t, enforcing(ns, "--profile", "restricted")...), 1, `the next Pod of Deployment orders`, `"daprd" must set securityContext.capabilities.drop`)
	if is := enforced(t, ns); is != "" {
		t.Errorf("it enforces %q", is)
	}
	o := dapr(t, enforcing(ns, "--profile", "restricted")...)
	if !strings.Contains(o.Stdout+o.Stderr, "sidecarDropALLCapabilities") && !strings.Contains(o.Stderr, "The values of Dapr's chart were not looked at") {
		t.Errorf("it does not say what the sidecar lacks:\n%s%s", o.Stdout, withoutLog(o.Stderr))
	}
	ns.MustKubectl(t, "", "delete", "pod/bare", "deployment/host", "--grace-period=0", "--force")
	ends(t, dapr(t, enforcing(ns)...), 0, "enforces Pod Security baseline.")
}

// TestEnforceVersion: a namespace that asks for an older version of the profiles is judged
// by that one, as the server does, which may forbid what the newest allows.
func TestEnforceVersion(t *testing.T) {
	t.Parallel()
	ns := cluster.Namespace(t)
	d := open("orders", 1)
	d.Spec.Template.Spec.SecurityContext = &corev1.PodSecurityContext{Sysctls: []corev1.Sysctl{{Name: "net.ipv4.tcp_keepalive_time", Value: "60"}}}
	apply(t, ns, d)
	ns.Ready(t)
	ns.MustKubectl(t, "", "label", "namespace", ns.Name, enforceLabel+"-version=v1.24")
	ends(t, dapr(t, enforcing(ns)...), 1, "is left as it is: Pod Security baseline would refuse",
		"Pod orders-", "the next Pod of Deployment orders: forbidden sysctls (net.ipv4.tcp_keepalive_time)")
	if is := enforced(t, ns); is != "" {
		t.Fatalf("it enforces %q", is)
	}
	ns.MustKubectl(t, "", "label", "namespace", ns.Name, "--overwrite", enforceLabel+"-version=v1.29")
	ends(t, dapr(t, enforcing(ns)...), 0, "enforces Pod Security baseline.")
	pod := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Name: "next", Namespace: ns.Name}, Spec: podOf(t, ns).Spec}
	pod.Spec.NodeName = ""
	for _, test := range []struct {
		version string
		let     bool
	}{{"v1.29", true}, {"v1.24", false}} {
		ns.MustKubectl(t, "", "label", "namespace", ns.Name, "--overwrite", enforceLabel+"-version="+test.version)
		_, err := ns.Client.CoreV1().Pods(ns.Name).Create(t.Context(), pod, metav1.CreateOptions{DryRun: []string{metav1.DryRunAll}})
		if let := err == nil; let != test.let {
			t.Errorf("the server, by %s: %v", test.version, err)
		}
	}
}

// stranger is a Deployment without Dapr.
func stranger(name string) *appsv1.Deployment {
	d := open(name, 0)
	d.Spec.Template.Annotations = nil
	return d
}

// TestRestrictedHints: the hint to the values keeps the profile that was asked for, and
// counts nothing that is not closed by them.
func TestRestrictedHints(t *testing.T) {
	t.Parallel()
	ns := cluster.Namespace(t)
	d := open("orders", 0)
	delete(d.Spec.Template.Annotations, seccomp)
	apply(t, ns, d)
	o := dapr(t, "harden", "sidecar-seccomp", "-n", ns.Name, "--profile", "restricted", "--dry-run=server")
	ends(t, o, 1, "1 value to add.", "which harden sidecar-seccomp sets after the upgrade", "harden sidecar-seccomp --profile restricted --helm-upgrade gives it")
}
