// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package catalogue

import (
	"cmp"
	"fmt"
	"slices"

	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// everybodys are the ClusterRoleBindings that every cluster has for all who are logged
// in, or for all ServiceAccounts (plugin/pkg/auth/authorizer/rbac/bootstrappolicy). Each
// has the name of its role.
var everybodys = []string{"system:basic-user", "system:discovery", "system:public-info-viewer", "system:service-account-issuer-discovery"}

// rightsOfAccount says what an app's ServiceAccount was given rights by, itself or by
// one of its groups, or why that is not known; empty where it has those of everybody
// alone.
func rightsOfAccount(app *guideline.App) string {
	s, spec, namespace := app.Snapshot, app.Template.Spec, app.Object.Namespace
	account := cmp.Or(spec.ServiceAccountName, spec.DeprecatedServiceAccount, defaultAccount)
	var names []string
	for i := range s.RoleBindings {
		b := &s.RoleBindings[i]
		given := slices.ContainsFunc(b.Subjects, func(subject rbacv1.Subject) bool { return isAccount(subject, b.Object.Namespace, namespace, account) })
		if given && !isEverybodys(b, namespace, account) {
			names = append(names, bindingName(b, namespace))
		}
	}
	const ask = ": say that nothing in its Pods uses them with " + nobodyUsesFlag
	gap := s.Gap(snapshot.Everywhere, snapshot.RoleBindings, "")
	if gap == nil {
		gap = s.Gap(snapshot.InCluster, snapshot.ClusterRoleBindings, "")
	}
	switch {
	case len(names) > 0:
		slices.Sort(names)
		return fmt.Sprintf("somebody gave ServiceAccount %s rights for a reason, by %s%s", account, some(slices.Compact(names)), ask)
	case gap != nil:
		return fmt.Sprintf("whether ServiceAccount %s has rights is not known (%s)%s", account, gap, ask)
	case !s.Live:
		return fmt.Sprintf("whether ServiceAccount %s has rights is not in the input%s", account, ask)
	default:
		return ""
	}
}

// isEverybodys tells whether a binding is one of those that every cluster has, and does
// not name the account itself.
func isEverybodys(b *snapshot.RoleBinding, namespace, account string) bool {
	if b.Object.Namespace != "" || !slices.Contains(everybodys, b.Object.Name) || b.Role.Name != b.Object.Name {
		return false
	}
	return !slices.ContainsFunc(b.Subjects, func(subject rbacv1.Subject) bool {
		return subject.Kind != rbacv1.GroupKind && isAccount(subject, "", namespace, account)
	})
}

// bindingName names a binding for who stands in a namespace.
func bindingName(b *snapshot.RoleBinding, namespace string) string {
	if of := b.Object.Namespace; of != "" && of != namespace {
		return fmt.Sprintf("%s %s in namespace %s", b.Object.Kind, b.Object.Name, of)
	}
	return b.Object.Kind + " " + b.Object.Name
}
