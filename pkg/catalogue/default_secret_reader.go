// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package catalogue

import (
	"slices"

	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/dapr"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

var defaultSecretReader = &guideline.Guideline{
	ID:       "default-secret-reader",
	Title:    "no ServiceAccount may read all Secrets because Dapr is installed",
	Severity: guideline.Warning,
	Origin:   guideline.Ours,
	Section:  "Service account tokens",
	Docs:     page + "#service-account-tokens",
	Why: "The chart lets the ServiceAccount default of the namespace default read every Secret there, for the secret store kubernetes of apps that have none of their own. " +
		"So may every Pod that runs with it, Dapr or not.",
	Judged: "The RoleBinding dapr-secret-reader and its Role, in whatever namespace they are, and the apps of that namespace which run with the ServiceAccount.",
	Fix:    "set the Helm value dapr_rbac.secretReader.enabled=false; apps that read Secrets by it need a ServiceAccount and a Role of their own first, or they lose them",
	Traps: "The chart can put it into another namespace than default. Where nobody runs with that ServiceAccount it does no harm until somebody does. " +
		"Pods without Dapr that use it are not looked at.",
	Reads: slices.Concat(snapshot.Apps(), []snapshot.Read{
		{Resource: snapshot.RoleBindings, Place: snapshot.InCluster},
		{Resource: snapshot.Roles, Place: snapshot.InCluster},
	}),
	Cluster: func(p *guideline.Platform) []guideline.Result {
		var results []guideline.Result
		for i := range p.Snapshot.RoleBindings {
			b := &p.Snapshot.RoleBindings[i]
			if b.Object.Namespace != "" && b.Object.Name == dapr.SecretReaderBinding {
				results = append(results, judgeSecretReader(p, b).On(b.Object, b.Source))
			}
		}
		switch gap := p.Gap(snapshot.RoleBindings); {
		case len(results) > 0:
			return results
		case gap != nil:
			return []guideline.Result{guideline.Hidden(gap)}
		case !p.Snapshot.Live:
			return []guideline.Result{guideline.Unknown("RoleBinding %s: not in the input", dapr.SecretReaderBinding)}
		default:
			return []guideline.Result{guideline.Pass("there is no RoleBinding %s", dapr.SecretReaderBinding)}
		}
	},
}

func judgeSecretReader(p *guideline.Platform, b *snapshot.RoleBinding) guideline.Result {
	if !slices.ContainsFunc(b.Subjects, func(s rbacv1.Subject) bool { return ofDefaultAccount(s, b.Object.Namespace) }) {
		return guideline.Pass("it is not bound to the ServiceAccount default")
	}
	role := p.Snapshot.Role(roleNamespace(b), b.Role.Name)
	gap := p.Gap(snapshot.Roles)
	switch {
	case role == nil && gap != nil:
		return guideline.Hidden(gap)
	case role == nil && (!p.Snapshot.Live || b.Role.Kind != "Role" || b.Role.Name != dapr.SecretReaderRole):
		return guideline.Unknown("what %s %s allows was not read", b.Role.Kind, b.Role.Name)
	case role == nil:
		return guideline.Pass("its Role is not there, so that it allows nothing")
	case !slices.ContainsFunc(role.Rules, readsAllSecrets):
		return guideline.Pass("its Role does not let all Secrets be read")
	}
	users := secretReaders(p.Snapshot, b.Object.Namespace)
	if len(users) > 0 {
		return guideline.Fail("every Pod of the ServiceAccount default may read all Secrets of namespace %s; with it run %s", b.Object.Namespace, firstFew(users)).As(guideline.Error)
	}
	return guideline.Fail("every Pod of the ServiceAccount default may read all Secrets of namespace %s", b.Object.Namespace)
}

// roleNamespace is where a binding's role is; empty for a ClusterRole.
func roleNamespace(b *snapshot.RoleBinding) string {
	if b.Role.Kind == "ClusterRole" {
		return ""
	}
	return b.Object.Namespace
}
