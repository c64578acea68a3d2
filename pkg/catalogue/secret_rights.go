// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package catalogue

import (
	"cmp"
	"slices"

	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// secretRights is what the ServiceAccount of an app may do with Secrets: one of the
// two below, or the reason why that is not known.
type secretRights string

const (
	readsSome secretRights = "may read Secrets"
	readsNone secretRights = "may read no Secret"
)

// secretRightsOf works out, by the rules of RBAC, whether an app's ServiceAccount
// may read any Secret.
func secretRightsOf(app *guideline.App) secretRights {
	if app.Template == nil || app.Template.Spec == nil {
		return "its name was not read"
	}
	s, namespace := app.Snapshot, app.Object.Namespace
	account := cmp.Or(app.Template.Spec.ServiceAccountName, app.Template.Spec.DeprecatedServiceAccount, "default")
	for i := range s.RoleBindings {
		b := &s.RoleBindings[i]
		if slices.ContainsFunc(b.Subjects, func(subject rbacv1.Subject) bool { return isAccount(subject, b.Object.Namespace, namespace, account) }) && readsSecrets(s, b) {
			return readsSome
		}
	}
	gap := app.Gap(snapshot.RoleBindings, snapshot.Roles)
	for _, r := range []snapshot.Resource{snapshot.ClusterRoleBindings, snapshot.ClusterRoles} {
		if gap == nil {
			gap = s.Gap(snapshot.InCluster, r, "")
		}
	}
	switch {
	case gap != nil:
		return secretRights(gap.String())
	case !s.Live:
		return "not in the input"
	default:
		return readsNone
	}
}

// isAccount tells whether a subject of a binding is a ServiceAccount, by its name or
// by a group that it is in.
func isAccount(subject rbacv1.Subject, of, namespace, account string) bool {
	switch subject.Kind {
	case rbacv1.ServiceAccountKind:
		return subject.Name == account && cmp.Or(subject.Namespace, of) == namespace
	case rbacv1.UserKind:
		return subject.Name == "system:serviceaccount:"+namespace+":"+account
	case rbacv1.GroupKind:
		return slices.Contains([]string{"system:serviceaccounts", "system:serviceaccounts:" + namespace, "system:authenticated"}, subject.Name)
	default:
		return false
	}
}

// readsSecrets tells whether the role of a binding lets its subjects read Secrets. A
// role that does not exist lets nobody do anything.
func readsSecrets(s *snapshot.Snapshot, b *snapshot.RoleBinding) bool {
	namespace := b.Object.Namespace
	if b.Role.Kind == "ClusterRole" {
		namespace = ""
	}
	role := s.Role(namespace, b.Role.Name)
	return role != nil && slices.ContainsFunc(role.Rules, func(r rbacv1.PolicyRule) bool {
		return covers(r.APIGroups, "") && covers(r.Resources, "secrets") && (covers(r.Verbs, "get") || covers(r.Verbs, "list") || covers(r.Verbs, "watch"))
	})
}

// covers tells whether a list of a rule holds a word, or stands for all words.
func covers(list []string, word string) bool {
	return slices.Contains(list, word) || slices.Contains(list, rbacv1.ResourceAll)
}
