// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package catalogue

import (
	"cmp"
	"slices"

	"github.com/dapr/dapr/pkg/injector/annotations"
	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/dapr"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// defaultAccount is the ServiceAccount of Pods that name none.
const defaultAccount = "default"

// ofDefaultAccount tells whether a subject is the ServiceAccount default of the
// binding's namespace, which the chart does not write.
func ofDefaultAccount(s rbacv1.Subject, namespace string) bool {
	return s.Kind == rbacv1.ServiceAccountKind && s.Name == defaultAccount && cmp.Or(s.Namespace, namespace) == namespace
}

// readsAllSecrets tells whether a rule lets Secrets be read that it does not name.
func readsAllSecrets(r rbacv1.PolicyRule) bool {
	holds := func(list []string, names ...string) bool {
		return slices.ContainsFunc(list, func(s string) bool { return s == "*" || slices.Contains(names, s) })
	}
	return holds(r.APIGroups, "") && holds(r.Resources, "secrets") && holds(r.Verbs, "get", "list", "watch") && len(r.ResourceNames) == 0
}

// secretReaders are the apps of a namespace whose sidecar runs with the
// ServiceAccount default and has its token.
func secretReaders(s *snapshot.Snapshot, namespace string) []string {
	var users []string
	for i := range s.Apps {
		app := &s.Apps[i]
		if app.Object.Namespace != namespace || app.Template == nil || app.Template.Spec == nil {
			continue
		}
		spec := app.Template.Spec
		running := slices.ContainsFunc(app.Pods, func(p snapshot.Pod) bool { return p.Sidecar != nil })
		withoutToken := spec.AutomountServiceAccountToken != nil && !*spec.AutomountServiceAccountToken
		if (running || dapr.Truthy(app.Template.Annotations[annotations.KeyEnabled])) && !withoutToken && cmp.Or(spec.ServiceAccountName, defaultAccount) == defaultAccount {
			users = append(users, app.Object.Kind+" "+app.Object.Name)
		}
	}
	return users
}
