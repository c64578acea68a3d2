// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

//go:build cluster

package harden_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/test/cluster/kube"
)

// TestAccountNeeded: a Component of the app that calls the API server is a reason, whatever
// its kind, and none of another app's.
func TestAccountNeeded(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{"bindings.kubernetes", "secretstores.kubernetes", "crypto.dapr.kubernetes.secrets", "configuration.kubernetes"} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			ns := cluster.Namespace(t)
			apply(t, ns, open("orders", 0), open("payments", 0))
			ns.MustKubectl(t, componentOf("needs", kind, "[]")+"scopes: [payments]\n", "apply", "-f", "-")
			ends(t, dapr(t, hardenAccount(ns, "--assume-no-secret-api", "--assume-unused-token")...), 0, "1 of 1 changes written")
			if get(t, ns, "payments").Generation != 1 || get(t, ns, "orders").Generation != 2 {
				t.Error("it is not orders alone that was written")
			}
			kube.Check(t, "-n", ns.Name).Expect(t, "service-account-token", "Deployment/payments", guideline.Passed, "needed by Component needs")
		})
	}
}

// TestAccountHidden: where Components cannot be seen, nothing is known of who needs the
// token, and nothing is written; nor is the page's own step completed.
func TestAccountHidden(t *testing.T) {
	t.Parallel()
	ns, front := cluster.Namespace(t), cluster.Front(t)
	page, off := open("payments", 0), false
	page.Spec.Template.Spec.AutomountServiceAccountToken = &off
	apply(t, ns, open("orders", 0), page)
	front.With(func(w http.ResponseWriter, r *http.Request) bool {
		return strings.HasSuffix(r.URL.Path, "/components") && kube.Status(w, http.StatusForbidden, "Forbidden", "components.dapr.io is forbidden")
	})
	all := hardenAccount(ns, "--assume-no-secret-api", "--assume-unused-token")
	ends(t, dapr(t, append(all, "--kubeconfig", front.Kubeconfig)...), 0, "Nothing to write",
		"daprd cannot start", "whether anything needs the built-in secret store is not known: not allowed to list components.dapr.io")
	if get(t, ns, "orders").Generation != 1 || get(t, ns, "payments").Generation != 1 {
		t.Error("it was written")
	}
	ends(t, dapr(t, all...), 0, "2 of 2 changes written")
}

// TestAccountRights: rights that come from elsewhere count as well: of another namespace,
// of the cluster, and of a group. What the owner says goes.
func TestAccountRights(t *testing.T) {
	t.Parallel()
	account := func(ns *kube.Namespace) rbacv1.Subject {
		return rbacv1.Subject{Kind: rbacv1.ServiceAccountKind, Name: "default", Namespace: ns.Name}
	}
	group := func(ns *kube.Namespace) rbacv1.Subject {
		return rbacv1.Subject{Kind: rbacv1.GroupKind, APIGroup: rbacv1.GroupName, Name: "system:serviceaccounts:" + ns.Name}
	}
	elsewhere := func(t *testing.T, subject rbacv1.Subject) string {
		other := cluster.Namespace(t)
		apply(t, other, bound("far", subject)...)
		return "by RoleBinding far in namespace " + other.Name
	}
	for name, test := range map[string]struct {
		binds   func(*testing.T, rbacv1.Subject) (says string)
		subject func(*kube.Namespace) rbacv1.Subject
	}{
		"another namespace, a group":     {elsewhere, group},
		"another namespace, the account": {elsewhere, account},
		"the cluster, a group":           {boundEverywhere, group},
		"the cluster, the account":       {boundEverywhere, account},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ns := cluster.Namespace(t)
			apply(t, ns, open("orders", 0))
			says := test.binds(t, test.subject(ns))
			ends(t, dapr(t, hardenAccount(ns, "--assume-no-secret-api")...), 0, "Nothing to write", says)
			ends(t, dapr(t, hardenAccount(ns, "--assume-unused-token")...), 0, "Nothing to write", "--assume-no-secret-api")
			ends(t, dapr(t, hardenAccount(ns, "--assume-no-secret-api", "--assume-unused-token")...), 0, "1 of 1 changes written")
		})
	}
}

// boundEverywhere gives somebody of a test's namespace the rights of the ClusterRole view,
// and returns what is said of that.
func boundEverywhere(t *testing.T, subject rbacv1.Subject) string {
	t.Helper()
	bindings := cluster.Client.RbacV1().ClusterRoleBindings()
	made, err := bindings.Create(t.Context(), &rbacv1.ClusterRoleBinding{
		ObjectMeta: metav1.ObjectMeta{GenerateName: kube.NamespacePrefix}, Subjects: []rbacv1.Subject{subject},
		RoleRef: rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: "view"},
	}, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = bindings.Delete(context.Background(), made.Name, metav1.DeleteOptions{}) })
	return "by ClusterRoleBinding " + made.Name
}
