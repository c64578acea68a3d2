// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

//go:build cluster

package fix_test

import (
	"context"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/dapr-prod/kubectl-dapr-prod/test/cluster/kube"
)

// madeElsewhere are the rights that a control plane of today gives no reason to use:
// test/charts makes the quota of one that does, with the role alone.
var madeElsewhere = []string{"create resourcequotas. ", "delete resourcequotas. ", "get resourcequotas. "}

// TestRoleOfFix: with the role that is printed for fix nothing is forbidden but what is
// left out by intention, and nothing of it is not needed.
func TestRoleOfFix(t *testing.T) {
	t.Parallel()
	defineRollouts(t)
	for name, args := range map[string][]string{
		"everywhere":                  nil,
		"everywhere, with Secrets":    {"--with-secrets"},
		"one namespace":               {"-n"},
		"one namespace, with Secrets": {"--with-secrets", "-n"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ns := allKinds(t)
			whole, secrets := !slices.Contains(args, "-n"), slices.Contains(args, "--with-secrets")
			if !whole {
				args = append(slices.Clone(args), ns.Name)
			}
			user := cluster.User()
			rules := user.Has(t, kube.RoleOf(t, append([]string{"fix"}, args...)...))
			front := cluster.Front(t)
			record := front.Record()
			as := func(code int, args ...string) kube.Outcome {
				t.Helper()
				return fixed(t, ns, code, append(args, "--as", user.Name, "--kubeconfig", front.Kubeconfig)...)
			}
			journal := filepath.Join(t.TempDir(), "journal")
			wrote := as(0, slices.Concat(sidecars, []string{"--yes", "--max-parallel=8", "--journal", journal})...)
			says(t, wrote.Stdout, "6 of 6 changes written and seen to hold, but for 1 that no Pod follows yet.")
			says(t, as(0, "--revert", journal, "--yes").Stdout, "orders: ", "restored")
			if whole {
				everywhere := kube.Run(t, "fix", "-A", "-l", "test="+ns.Name, "--dry-run=server", "--as", user.Name, "--kubeconfig", front.Kubeconfig)
				ends(t, everywhere, 1, ns.Name)
				faults := []kube.Fault{nothing}
				if secrets {
					faults = []kube.Fault{kube.HelmInConfigMaps(false), kube.HelmInConfigMaps(true), nothing}
				}
				for _, fault := range faults {
					front.With(fault)
					values := kube.Run(t, "fix", "--scope=control-plane", "--as", user.Name, "--kubeconfig", front.Kubeconfig)
					ends(t, values, 1, "priorityClassName: system-cluster-critical")
				}
			}
			hidden := false
			for _, a := range record.Forbidden() {
				secret := a.Resource == "secrets" && a.Group == ""
				hidden = hidden || secret
				if (whole || a.Namespace == ns.Name) && (secrets || !secret) {
					t.Errorf("it is forbidden to %s", a)
				}
			}
			if !secrets && !hidden {
				t.Error("Secrets were read without a right to")
			}
			// The quota forbids Pods there, which no right is about.
			neverReady(t, ns, front, as)
			for _, right := range record.Unused(rules) {
				if !slices.Contains(madeElsewhere, right) {
					t.Errorf("nobody needs to %s", right)
				}
			}
		})
	}
}

// allKinds is a namespace with an app of each kind that fix writes to.
func allKinds(t *testing.T) *kube.Namespace {
	t.Helper()
	ns := cluster.Namespace(t)
	own, referring := deployment("canary", 1, on("canary")), deployment("blue", 0, on("blue"))
	orders := deployment("orders", 2, on("orders", "api-token-secret", "a-token"))
	orders.Labels["test"] = ns.Name
	apply(t, ns, orders, claiming("inventory", 2, on("inventory")),
		daemonSet(on("agent")), cronJob(on("report")), referring)
	ns.MustKubectl(t, rolloutOf(t, own)+rolloutTo(referring), "apply", "-f", "-")
	playArgo(t, ns)
	ns.Ready(t)
	return ns
}

// neverReady writes to a DaemonSet whose Pods cannot be made anew, so that why is asked.
func neverReady(t *testing.T, ns *kube.Namespace, front *kube.Front, as func(int, ...string) kube.Outcome) {
	t.Helper()
	ns.Ready(t)
	full := &corev1.ResourceQuota{
		ObjectMeta: metav1.ObjectMeta{Name: "full"},
		Spec:       corev1.ResourceQuotaSpec{Hard: corev1.ResourceList{corev1.ResourcePods: resource.MustParse("1")}},
	}
	onceAt(t, front, writes, func(ctx context.Context) error {
		_, err := ns.Client.CoreV1().ResourceQuotas(ns.Name).Create(ctx, full, metav1.CreateOptions{})
		return err
	})
	o := as(2, append(slices.Clone(sidecars), "daemonset/agent", "--yes", "--timeout=15s")...)
	if !strings.Contains(o.Stderr, "has not come up within 15s") || !strings.Contains(o.Stderr, "exceeded quota: full") {
		t.Errorf("why its Pods do not come up is not said:\n%s", o.Stderr)
	}
}

// nothing is the fault of a server that has none.
func nothing(http.ResponseWriter, *http.Request) bool { return false }
