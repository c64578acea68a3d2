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

// defaultAccount is the ServiceAccount of Pods that name none.
const defaultAccount = "default"

var defaultSecretReader = &guideline.Guideline{
	ID:       "default-secret-reader",
	Title:    "no default ServiceAccount may read all Secrets of its namespace because of Dapr",
	Severity: guideline.Warning,
	Origin:   guideline.Ours,
	Section:  notOnThePage,
	Docs:     "https://docs.dapr.io/reference/components-reference/supported-secret-stores/kubernetes-secret-store/",
	Why: "The chart lets every Pod of the namespace default that names no ServiceAccount of its own read every Secret there, " +
		"so that one broken container gives all of them away.",
	Judged: "The RoleBinding dapr-secret-reader to the Role secret-reader, in all namespaces, since the namespace is a value of the chart. Whether Pods run there as the default ServiceAccount is not.",
	Fix:    "set the Helm value dapr_rbac.secretReader.enabled=false; apps that read Kubernetes Secrets through Dapr need a Role of their own first",
	Traps:  "It does no harm while nobody runs in that namespace, and waits for the first who does. Components get their Secrets from Dapr's operator and do not need it.",
	Reads:  []snapshot.Read{{Resource: snapshot.RoleBindings, Place: snapshot.InCluster}},
	Cluster: func(p *guideline.Platform) []guideline.Result {
		var results []guideline.Result
		for _, b := range p.Snapshot.RoleBindings {
			if b.Object.Name == dapr.SecretReaderBinding && b.Role.Name == "secret-reader" && slices.ContainsFunc(b.Subjects, isDefaultAccount) {
				results = append(results, guideline.Fail("every Pod of namespace %s that runs as ServiceAccount %s may read all its Secrets",
					b.Object.Namespace, defaultAccount).On(b.Object, b.Source))
			}
		}
		if len(results) > 0 {
			return results
		}
		if gap := p.Gap(snapshot.RoleBindings); gap != nil {
			return []guideline.Result{guideline.Hidden(gap)}
		}
		return []guideline.Result{guideline.Pass("no RoleBinding %s", dapr.SecretReaderBinding)}
	},
}

func isDefaultAccount(s rbacv1.Subject) bool {
	return s.Kind == rbacv1.ServiceAccountKind && s.Name == defaultAccount
}
