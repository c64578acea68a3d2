// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package kube

import (
	"context"
	"fmt"
	"strings"
	"testing"

	authorizationv1 "k8s.io/api/authorization/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/yaml"
)

// User is somebody with the rights that a test gives, and no others. Commands
// act for such a one by --as.
type User struct {
	*Cluster
	Name string
}

// User makes a user without any rights.
func (c *Cluster) User() *User { return &User{Cluster: c, Name: "tester-" + suffix()} }

// MayList lets the user list resources: in the namespace or, where that is
// empty, everywhere.
func (u *User) MayList(t testing.TB, namespace string, resources ...schema.GroupResource) *User {
	t.Helper()
	return u.May(t, "list", namespace, resources...)
}

// May lets the user do something; it returns when the server knows.
func (u *User) May(t testing.TB, verb, namespace string, resources ...schema.GroupResource) *User {
	t.Helper()
	var rules []rbacv1.PolicyRule
	for _, r := range resources {
		rules = append(rules, rbacv1.PolicyRule{Verbs: []string{verb}, APIGroups: []string{r.Group}, Resources: []string{r.Resource}})
	}
	name := u.Name + "-" + suffix()
	subjects := []rbacv1.Subject{{Kind: rbacv1.UserKind, APIGroup: rbacv1.GroupName, Name: u.Name}}
	var err error
	if namespace == "" {
		err = u.grant(t, name, rules, subjects)
	} else {
		err = u.grantIn(t, namespace, name, rules, subjects)
	}
	if err != nil {
		t.Fatal(err)
	}
	u.known(t, verb, namespace, resources...)
	return u
}

// known waits until the server knows of rights.
func (u *User) known(t testing.TB, verb, namespace string, resources ...schema.GroupResource) {
	t.Helper()
	Eventually(t, "the rights of "+u.Name, func(ctx context.Context) (bool, string, error) {
		for _, r := range resources {
			review := &authorizationv1.SubjectAccessReview{Spec: authorizationv1.SubjectAccessReviewSpec{
				User:               u.Name,
				ResourceAttributes: &authorizationv1.ResourceAttributes{Namespace: namespace, Verb: verb, Group: r.Group, Resource: r.Resource},
			}}
			review, err := u.Client.AuthorizationV1().SubjectAccessReviews().Create(ctx, review, metav1.CreateOptions{})
			if err != nil || !review.Status.Allowed {
				return false, fmt.Sprintf("may not %s %s", verb, r), err
			}
		}
		return true, "", nil
	})
}

// Has gives the user roles as they are written in YAML, under names of their own, and
// returns their rules when the server knows.
func (u *User) Has(t testing.TB, roles string) (rules []rbacv1.PolicyRule) {
	t.Helper()
	for role := range strings.SplitSeq(roles, "---\n") {
		rules = append(rules, u.has(t, role)...)
	}
	return rules
}

func (u *User) has(t testing.TB, role string) []rbacv1.PolicyRule {
	t.Helper()
	var read rbacv1.Role // a ClusterRole has the same fields, and no namespace
	if err := yaml.UnmarshalStrict([]byte(role), &read); err != nil {
		t.Fatalf("%v:\n%s", err, role)
	}
	subjects := []rbacv1.Subject{{Kind: rbacv1.UserKind, APIGroup: rbacv1.GroupName, Name: u.Name}}
	name := u.Name + "-" + suffix()
	grant := func() error { return u.grant(t, name, read.Rules, subjects) }
	if read.Kind == "Role" {
		grant = func() error { return u.grantIn(t, read.Namespace, name, read.Rules, subjects) }
	}
	if err := grant(); err != nil {
		t.Fatal(err)
	}
	// One role is known as a whole.
	last := read.Rules[len(read.Rules)-1]
	u.known(t, last.Verbs[0], read.Namespace, schema.GroupResource{Group: last.APIGroups[0], Resource: last.Resources[0]})
	return read.Rules
}

func (u *User) grant(t testing.TB, name string, rules []rbacv1.PolicyRule, subjects []rbacv1.Subject) error {
	role := &rbacv1.ClusterRole{ObjectMeta: metav1.ObjectMeta{Name: name}, Rules: rules}
	api := u.Client.RbacV1()
	if _, err := api.ClusterRoles().Create(t.Context(), role, metav1.CreateOptions{}); err != nil {
		return err
	}
	t.Cleanup(func() { _ = api.ClusterRoles().Delete(context.Background(), name, metav1.DeleteOptions{}) })
	binding := &rbacv1.ClusterRoleBinding{
		ObjectMeta: metav1.ObjectMeta{Name: name},
		RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: name},
		Subjects:   subjects,
	}
	t.Cleanup(func() { _ = api.ClusterRoleBindings().Delete(context.Background(), name, metav1.DeleteOptions{}) })
	_, err := api.ClusterRoleBindings().Create(t.Context(), binding, metav1.CreateOptions{})
	return err
}

// grantIn gives rights in one namespace of the test's own, with which they go.
func (u *User) grantIn(t testing.TB, namespace, name string, rules []rbacv1.PolicyRule, subjects []rbacv1.Subject) error {
	role := &rbacv1.Role{ObjectMeta: metav1.ObjectMeta{Name: name}, Rules: rules}
	if _, err := u.Client.RbacV1().Roles(namespace).Create(t.Context(), role, metav1.CreateOptions{}); err != nil {
		return err
	}
	binding := &rbacv1.RoleBinding{
		ObjectMeta: metav1.ObjectMeta{Name: name},
		RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "Role", Name: name},
		Subjects:   subjects,
	}
	_, err := u.Client.RbacV1().RoleBindings(namespace).Create(t.Context(), binding, metav1.CreateOptions{})
	return err
}

// As is a client that acts as the user.
func (u *User) As(t testing.TB) kubernetes.Interface {
	t.Helper()
	config := rest.CopyConfig(u.Config)
	config.Impersonate = rest.ImpersonationConfig{UserName: u.Name}
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		t.Fatal(err)
	}
	return client
}
