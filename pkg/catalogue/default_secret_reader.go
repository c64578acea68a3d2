// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package catalogue

import (
	"cmp"
	"slices"

	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/dapr"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// defaultAccount is the ServiceAccount of Pods that name none.
const defaultAccount = "default"

var defaultSecretReader = &guideline.Guideline{
	ID:         "default-secret-reader",
	Title:      "no default ServiceAccount may read all Secrets of its namespace because of Dapr",
	Severity:   guideline.Warning,
	Origin:     guideline.Ours,
	Section:    notOnThePage,
	HardensToo: true,
	Docs:       "https://docs.dapr.io/reference/components-reference/supported-secret-stores/kubernetes-secret-store/",
	Why: "The chart lets every Pod of the namespace default that names no ServiceAccount of its own read every Secret there, " +
		"so that one broken container gives all of them away.",
	Judged: "The RoleBinding dapr-secret-reader in all namespaces, since the namespace is a value of the chart: its subjects, and whether its Role secret-reader lets all Secrets be read. Whether Pods run there as the default ServiceAccount is not.",
	Fix:    "set the Helm value dapr_rbac.secretReader.enabled=false; apps that read Kubernetes Secrets through Dapr need a Role of their own first",
	Traps:  "It does no harm while nobody runs in that namespace, and waits for the first who does. Components get their Secrets from Dapr's operator and do not need it.",
	Reads: []snapshot.Read{
		{Resource: snapshot.RoleBindings, Place: snapshot.InCluster},
		{Resource: snapshot.Roles, Place: snapshot.InCluster},
	},
	Cluster: judgeSecretReaders,
	Values:  secretReaderValues,
}

// judgeSecretReaders judges the RoleBindings of that name, in all namespaces.
func judgeSecretReaders(p *guideline.Platform) []guideline.Result {
	var results []guideline.Result
	for i := range p.Snapshot.RoleBindings {
		if b := &p.Snapshot.RoleBindings[i]; b.Object.Namespace != "" && b.Object.Name == dapr.SecretReaderBinding {
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
		return []guideline.Result{guideline.Pass("no RoleBinding %s", dapr.SecretReaderBinding)}
	}
}

func judgeSecretReader(p *guideline.Platform, b *snapshot.RoleBinding) guideline.Result {
	namespace := b.Object.Namespace
	// The chart writes no namespace for the subject, which is then the binding's.
	ofDefault := func(s rbacv1.Subject) bool {
		return s.Kind == rbacv1.ServiceAccountKind && s.Name == defaultAccount && cmp.Or(s.Namespace, namespace) == namespace
	}
	role := p.Snapshot.Role(namespace, b.Role.Name)
	gap := p.Gap(snapshot.Roles)
	switch {
	case !slices.ContainsFunc(b.Subjects, ofDefault):
		return guideline.Pass("not bound to ServiceAccount %s of its namespace", defaultAccount)
	case b.Role.Kind != "Role" || b.Role.Name != dapr.SecretReaderRole:
		return guideline.Unknown("what %s %s allows was not read: it is not the chart's", b.Role.Kind, b.Role.Name)
	case role == nil && gap != nil:
		return guideline.Hidden(gap)
	case role == nil && !p.Snapshot.Live:
		return guideline.Unknown("Role %s: not in the input", b.Role.Name)
	case role == nil:
		return guideline.Pass("there is no Role %s, without which it allows nothing", b.Role.Name)
	case !slices.ContainsFunc(role.Rules, readsAllSecrets):
		return guideline.Pass("Role %s does not let all Secrets be read", b.Role.Name)
	default:
		return guideline.Fail("every Pod of namespace %s that runs as ServiceAccount %s may read all Secrets there", namespace, defaultAccount)
	}
}

// readsAllSecrets tells whether a rule lets Secrets be read that it does not name.
func readsAllSecrets(r rbacv1.PolicyRule) bool {
	return len(r.ResourceNames) == 0 && covers(r.APIGroups, "") && covers(r.Resources, "secrets") &&
		(covers(r.Verbs, "get") || covers(r.Verbs, "list") || covers(r.Verbs, "watch"))
}
