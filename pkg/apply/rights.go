// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package apply

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/rights"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// Rights are what a Client needs to be allowed to write to resources where apps are, to
// make others for control planes, and to take back either.
func Rights(written, made []snapshot.Resource) []rights.Right {
	all := rights.Of(snapshot.InApps, written, "get", "patch")
	all = append(all, rights.Of(snapshot.InControlPlane, made, "get", "create", "delete")...)
	return append(all, rights.Right{
		Verb: "get", Resource: snapshot.Namespaces, Names: []string{metav1.NamespaceSystem}, Place: snapshot.InCluster,
	})
}
