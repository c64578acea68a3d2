// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

//go:build cluster

package harden_test

import (
	"maps"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/test/cluster/kube"
)

const noBuiltinStore = "dapr.io/disable-builtin-k8s-secret-store"

// hardenAccount names the guideline of the ServiceAccount's token, with what else a run
// of it needs.
func hardenAccount(ns *kube.Namespace, args ...string) []string {
	return append([]string{"harden", "service-account-token", "-n", ns.Name, "--yes"}, args...)
}

// TestAccountFromOpenToClosed: the token goes and the built-in store with it, in one
// rollout; the Pod keeps the token of Dapr's identity. Taken back, nothing of it is left.
func TestAccountFromOpenToClosed(t *testing.T) {
	t.Parallel()
	ns := cluster.Namespace(t)
	apply(t, ns, secretOf("others", "token", planted), open("orders", 1))
	was, template := podOf(t, ns), get(t, ns, "orders").Spec.Template
	if !hasToken(was) {
		t.Fatalf("the Pod has no token to take away: %v", was.Spec.Volumes)
	}
	journal := filepath.Join(t.TempDir(), "journal")
	ends(t, dapr(t, hardenAccount(ns)...), 0, "Nothing to write", "say that nobody does with --assume-no-secret-api")
	ends(t, dapr(t, "harden", "-n", ns.Name, "--yes"), 0, "Nothing to write")

	o := dapr(t, hardenAccount(ns, "--assume-no-secret-api", "--journal", journal)...)
	ends(t, o, 0, noBuiltinStore, "automountServiceAccountToken", "calls of Dapr's Secrets API for the store kubernetes fail from then on",
		"code that calls the API server with it fails", "1 of 1 changes written and seen to hold")
	d := get(t, ns, "orders")
	if d.Generation != 2 {
		t.Errorf("generation %d: restarted more than once", d.Generation)
	}
	is := podOf(t, ns)
	if hasToken(is) {
		t.Errorf("the Pod has the token still: %v", is.Spec.Volumes)
	}
	if daprd := containerOf(t, is, "daprd"); !slices.Contains(daprd.Args, "--disable-builtin-k8s-secret-store") {
		t.Errorf("daprd loads the built-in store: %v", daprd.Args)
	}
	sameButAccount(t, was, is)
	kube.Check(t, "-n", ns.Name).Expect(t, "service-account-token", "Deployment/orders", guideline.Passed, "daprd does without")
	ends(t, dapr(t, hardenAccount(ns, "--assume-no-secret-api")...), 0, "Nothing to write")

	ends(t, dapr(t, "harden", "--revert", journal, "--yes"), 0, "automountServiceAccountToken restored", noBuiltinStore+" restored")
	if back := get(t, ns, "orders"); !reflect.DeepEqual(back.Spec.Template, template) {
		t.Errorf("the template was\n%v\nand is\n%v", template, back.Spec.Template)
	}
	if !hasToken(podOf(t, ns)) {
		t.Error("the Pod has no token again")
	}
}

// hasToken tells whether the server mounts the ServiceAccount's token into a Pod.
func hasToken(p *corev1.Pod) bool {
	return slices.ContainsFunc(p.Spec.Volumes, func(v corev1.Volume) bool { return strings.HasPrefix(v.Name, "kube-api-access") })
}

// sameButAccount holds a Pod against what it was before: the token's mounts went, and
// daprd has one argument more.
func sameButAccount(t testing.TB, was, is *corev1.Pod) {
	t.Helper()
	annotations := maps.Clone(is.Annotations)
	delete(annotations, noBuiltinStore)
	if !maps.Equal(annotations, was.Annotations) {
		t.Errorf("annotations were %v, and are %v", was.Annotations, is.Annotations)
	}
	for i := range is.Spec.Containers {
		before, after := was.Spec.Containers[i].DeepCopy(), is.Spec.Containers[i].DeepCopy()
		before.VolumeMounts = slices.DeleteFunc(before.VolumeMounts, func(m corev1.VolumeMount) bool { return strings.HasPrefix(m.Name, "kube-api-access") })
		after.Args = slices.DeleteFunc(after.Args, func(arg string) bool { return arg == "--disable-builtin-k8s-secret-store" })
		if len(before.VolumeMounts) == 0 && len(after.VolumeMounts) == 0 {
			before.VolumeMounts, after.VolumeMounts = nil, nil
		}
		if !reflect.DeepEqual(before, after) {
			t.Errorf("container %s was\n%v\nand is\n%v", before.Name, before, after)
		}
	}
}

// TestAccountRefusals: who needs the token or the store is named, and nothing is written.
func TestAccountRefusals(t *testing.T) {
	t.Parallel()
	said := []string{"--assume-no-secret-api"}
	for _, test := range []struct {
		name string
		// objects are in YAML, in the test's namespace.
		objects string
		sets    func(*appsv1.Deployment)
		args    []string
		says    string
	}{
		{
			"a key that encrypts state", componentOf("state", "state.redis", "[{name: primaryEncryptionKey, secretKeyRef: {name: keys, key: key}}]"), nil, said,
			"without the built-in secret store daprd writes the state of Component state in plain text",
		},
		{
			"an MCPServer's secret", "apiVersion: dapr.io/v1alpha1\nkind: MCPServer\nmetadata: {name: tools}\n" +
				`spec: {endpoint: {streamableHTTP: {url: "https://tools.example.com", auth: {oauth2: {issuer: "https://id.example.com", secretKeyRef: {name: mcp, key: secret}}}}}}` + "\n", nil, said,
			"there is no OAuth2 secret for MCPServer tools",
		},
		{"a RoleBinding", "", nil, said, "by RoleBinding app-reader: say that nothing in its Pods uses them with --assume-unused-token"},
		{
			"Vault's agent", "", func(d *appsv1.Deployment) { d.Spec.Template.Annotations["vault.hashicorp.com/agent-inject"] = "true" },
			append(said, "--assume-unused-token"), "vault.hashicorp.com/agent-inject adds logs in to Vault with the token",
		},
		{"the Secrets API", "", nil, nil, "say that nobody does with --assume-no-secret-api"},
		{"the page's step alone, and a Component that needs the token", componentOf("needs", "bindings.kubernetes", "[]"), func(d *appsv1.Deployment) {
			off := false
			d.Spec.Template.Spec.AutomountServiceAccountToken = &off
		}, said, "set automountServiceAccountToken: true in the Pod template: Component needs cannot do without the token either"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			ns := cluster.Namespace(t)
			d := open("orders", 0)
			if test.sets != nil {
				test.sets(d)
			}
			apply(t, ns, d)
			if test.objects != "" {
				ns.MustKubectl(t, test.objects, "apply", "-f", "-")
			}
			if test.name == "a RoleBinding" {
				apply(t, ns, bound("app-reader", rbacv1.Subject{Kind: rbacv1.ServiceAccountKind, Name: "default", Namespace: ns.Name})...)
			}
			ends(t, dapr(t, hardenAccount(ns, test.args...)...), 0, "Nothing to write", test.says)
			if is := get(t, ns, "orders"); is.Generation != 1 {
				t.Error("it was written")
			}
		})
	}
}

// TestAccountOfThePage: what the page says alone is completed.
func TestAccountOfThePage(t *testing.T) {
	t.Parallel()
	ns := cluster.Namespace(t)
	d, off := open("orders", 0), false
	d.Spec.Template.Spec.AutomountServiceAccountToken = &off
	apply(t, ns, d)
	ends(t, dapr(t, "harden", "--profile", "restricted", "-n", ns.Name, "--yes", "--assume-no-secret-api"), 0, "daprd cannot start", "1 of 1 changes written")
	if got := get(t, ns, "orders").Spec.Template; got.Annotations[noBuiltinStore] != "true" || *got.Spec.AutomountServiceAccountToken {
		t.Errorf("the template is %v", got)
	}
}

func componentOf(name, kind, metadata string) string {
	return "apiVersion: dapr.io/v1alpha1\nkind: Component\nmetadata: {name: " + name + "}\nspec: {type: " + kind + ", version: v1, metadata: " + metadata + "}\n"
}

// bound is a Role that lets ConfigMaps be read, and its RoleBinding.
func bound(name string, subject rbacv1.Subject) []runtime.Object {
	return []runtime.Object{
		&rbacv1.Role{ObjectMeta: metav1.ObjectMeta{Name: name}, Rules: []rbacv1.PolicyRule{{APIGroups: []string{""}, Resources: []string{"configmaps"}, Verbs: []string{"get"}}}},
		&rbacv1.RoleBinding{
			ObjectMeta: metav1.ObjectMeta{Name: name}, Subjects: []rbacv1.Subject{subject},
			RoleRef: rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "Role", Name: name},
		},
	}
}
