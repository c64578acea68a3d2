// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

//go:build cluster

package fix_test

import (
	"context"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/dapr-prod/kubectl-dapr-prod/test/cluster/kube"
)

// restricted is a Deployment whose own container fits Pod Security restricted.
func restricted(t *testing.T, ns *kube.Namespace, name string, replicas int32) {
	t.Helper()
	d, yes, no := deployment(name, replicas, on(name)), true, false
	d.Spec.Template.Spec.Containers[0].SecurityContext = &corev1.SecurityContext{
		RunAsNonRoot: &yes, AllowPrivilegeEscalation: &no,
		Capabilities:   &corev1.Capabilities{Drop: []corev1.Capability{"ALL"}},
		SeccompProfile: &corev1.SeccompProfile{Type: corev1.SeccompProfileTypeRuntimeDefault},
	}
	apply(t, ns, d)
}

// enforce makes Pod Security of a namespace restricted.
func enforce(t *testing.T, ns *kube.Namespace) {
	t.Helper()
	patch := []byte(`{"metadata":{"labels":{"pod-security.kubernetes.io/enforce":"restricted"}}}`)
	if _, err := ns.Client.CoreV1().Namespaces().Patch(t.Context(), ns.Name, types.MergePatchType, patch, metav1.PatchOptions{}); err != nil {
		t.Fatal(err)
	}
}

// TestRestricted: the server takes daprd into a namespace that enforces Pod Security
// restricted only with a profile, and with all capabilities dropped, which is for the
// injector to do, and which it is not told to here.
func TestRestricted(t *testing.T) {
	t.Parallel()
	ns := cluster.Namespace(t)
	restricted(t, ns, "orders", 0)
	settled(t, ns, "orders")
	enforce(t, ns)
	refused(t, ns, "orders", 0, "the annotation alone does not do", "sidecar-seccomp")
	refused(t, ns, "orders", 1, `because the server refuses Pods of the new template: pods "orders-`, "sidecar-resources")
	refused(t, ns, "orders", 1, `violates PodSecurity "restricted:latest": unrestricted capabilities (container "daprd" must set securityContext.capabilities.drop=["ALL"])`, "sidecar-resources")
}

func limits(items ...corev1.LimitRangeItem) *corev1.LimitRange {
	return &corev1.LimitRange{ObjectMeta: object("limits"), Spec: corev1.LimitRangeSpec{Limits: items}}
}

func memory(q string) corev1.ResourceList {
	return corev1.ResourceList{corev1.ResourceMemory: resource.MustParse(q)}
}

// TestLimitRange: bounds of a container, which the plan knows; bounds of a Pod, which
// are for the server to say, and that keep a change from a Pod that is there; and
// defaults, which are as good as annotations.
func TestLimitRange(t *testing.T) {
	t.Parallel()
	t.Run("a maximum", func(t *testing.T) {
		t.Parallel()
		ns := cluster.Namespace(t)
		apply(t, ns, limits(corev1.LimitRangeItem{Type: corev1.LimitTypeContainer, Max: memory("512Mi")}), deployment("orders", 0, on("orders", "sidecar-cpu-limit", "200m")))
		// A maximum is the default as well, so that memory has its settings.
		refused(t, ns, "orders", 0, "Nothing to write", "sidecar-resources", "--dry-run=server")
	})
	t.Run("a maximum that the page's limit is above", func(t *testing.T) {
		t.Parallel()
		ns := cluster.Namespace(t)
		apply(t, ns, limits(corev1.LimitRangeItem{Type: corev1.LimitTypePod, Max: memory("512Mi")}), deployment("orders", 0, on("orders")))
		refused(t, ns, "orders", 0, "choose by what it uses", "sidecar-resources")
	})
	t.Run("a maximum for the whole Pod", func(t *testing.T) {
		t.Parallel()
		ns := cluster.Namespace(t)
		d := deployment("orders", 0, on("orders"))
		d.Spec.Template.Spec.Containers[0].Resources.Limits = memory("200Mi")
		apply(t, ns, limits(corev1.LimitRangeItem{Type: corev1.LimitTypePod, Max: memory("1100Mi")}), d)
		refused(t, ns, "orders", 1, "maximum memory usage per Pod is 1100Mi, but limit is 1200Mi", "sidecar-resources")
	})
	t.Run("defaults", func(t *testing.T) {
		t.Parallel()
		ns := cluster.Namespace(t)
		apply(t, ns, limits(corev1.LimitRangeItem{Type: corev1.LimitTypeContainer, Default: memory("500Mi")}), deployment("orders", 1, on("orders")))
		ns.Ready(t)
		done(t, "sidecar-resources", "sidecar-soft-memory-limit", "-n", ns.Name)
		check := kube.Check(t, "-n", ns.Name)
		check.Expect(t, "sidecar-resources", "Deployment/orders", "pass", "")
		check.Expect(t, "sidecar-soft-memory-limit", "Deployment/orders", "pass", "GOMEMLIMIT=450MiB")
		for _, p := range ns.Pods(t) {
			for _, c := range p.Spec.Containers {
				if got := c.Resources.Limits.Memory(); p.DeletionTimestamp == nil && got.Cmp(resource.MustParse("500Mi")) != 0 {
					t.Errorf("%s has a memory limit of %s", c.Name, got)
				}
			}
		}
	})
}

// TestQuota: all Pods of a rollout are charged, with those that there are besides
// while they are replaced, and all workloads of the plan. What fits just so, fits.
func TestQuota(t *testing.T) {
	t.Parallel()
	// Each of two Pods requests 64Mi, and 250Mi more afterwards; one more at a time is
	// there meanwhile.
	const short, enough = "691Mi", "692Mi"
	t.Run("one workload", func(t *testing.T) {
		t.Parallel()
		ns := cluster.Namespace(t)
		apply(t, ns, requesting("orders", 2, on("orders")))
		settled(t, ns, "orders")
		quota(t, ns, short, "128Mi")
		refused(t, ns, "orders", 1, "ResourceQuota limited allows 691Mi of requests.memory, of which 128Mi are used: the rollout takes 564Mi more", "sidecar-resources")
		quota(t, ns, enough, "128Mi")
		done(t, "sidecar-resources", "-n", ns.Name)
		quota(t, ns, enough, "628Mi")
	})
	t.Run("a Pod that could not be tried", func(t *testing.T) {
		t.Parallel()
		ns := cluster.Namespace(t)
		apply(t, ns, requesting("orders", 2, on("orders")))
		settled(t, ns, "orders")
		user := reader(t).May(t, "patch", ns.Name, deployments).May(t, "watch", ns.Name, deployments)
		args := []string{"fix", "sidecar-resources", "-n", ns.Name, "--yes", "--allow-unproven", "--as", user.Name}
		quota(t, ns, short, "128Mi")
		ends(t, kube.Run(t, args...), 1, "Nothing to write.", "the rollout takes 564Mi more", "0 ready, 1 refused")
		quota(t, ns, enough, "128Mi")
		ends(t, kube.Run(t, args...), 0, "1 change to write, which closes 1 finding; it adds 200m CPU and 500Mi of memory to the requests of 2 Pods",
			"written all the same, as --allow-unproven says", "0 ready, 1 unproven", "1 of 1 changes written")
	})
	t.Run("two workloads", func(t *testing.T) {
		t.Parallel()
		ns := cluster.Namespace(t)
		apply(t, ns, requesting("orders", 1, on("orders")), requesting("stock", 1, on("stock")))
		settled(t, ns, "orders")
		settled(t, ns, "stock")
		quota(t, ns, "500Mi", "128Mi")
		before := settled(t, ns, "stock").ResourceVersion
		o := kube.Run(t, "fix", "sidecar-resources", "-n", ns.Name, "--yes", "--timeout=3m")
		if o.Code != 1 || !strings.Contains(unwrapped(o.Stdout), "Deployment "+ns.Name+"/stock: not changed because ResourceQuota limited allows 500Mi of requests.memory, of which 378Mi are used") {
			t.Errorf("exit code %d\n%s%s", o.Code, o.Stdout, o.Stderr)
		}
		if after := settled(t, ns, "stock").ResourceVersion; after != before {
			t.Error("what the quota has no room for was written")
		}
		if annotations := settled(t, ns, "orders").Spec.Template.Annotations; annotations["dapr.io/sidecar-memory-request"] == "" {
			t.Errorf("what it has room for was not: %v", annotations)
		}
	})
}

// quota sets the namespace's quota, and waits until so much is used.
func quota(t *testing.T, ns *kube.Namespace, hard, used string) {
	t.Helper()
	set := corev1.ResourceList{corev1.ResourceRequestsMemory: resource.MustParse(hard)}
	apply(t, ns, &corev1.ResourceQuota{ObjectMeta: object("limited"), Spec: corev1.ResourceQuotaSpec{Hard: set}})
	kube.Eventually(t, "a use of "+used, func(ctx context.Context) (bool, string, error) {
		q, err := ns.Client.CoreV1().ResourceQuotas(ns.Name).Get(ctx, "limited", metav1.GetOptions{})
		if err != nil {
			return false, "", err
		}
		now, limit := q.Status.Used[corev1.ResourceRequestsMemory], q.Status.Hard[corev1.ResourceRequestsMemory]
		return now.Cmp(resource.MustParse(used)) == 0 && limit.Cmp(set[corev1.ResourceRequestsMemory]) == 0, now.String(), nil
	})
}
