// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package collect

import (
	"k8s.io/apimachinery/pkg/fields"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/dapr"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/rights"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// Rights are what Live needs to be allowed to read, whatever the cluster and whatever
// namespace is asked for. Beside them it asks what everybody may who is logged in: for
// the server's version, and for what it serves.
func Rights(reads []snapshot.Read) []rights.Right {
	// The namespace that was asked for, see meet.
	all := []rights.Right{{Verb: "get", Resource: snapshot.Namespaces, Place: snapshot.InApps}}
	for _, read := range reads {
		all = append(all, rightsOf(read)...)
	}
	return all
}

// rightsOf are what one read needs: see query for what is listed, and get for what is
// asked for by name.
func rightsOf(read snapshot.Read) []rights.Right {
	right := func(verb string, names ...string) rights.Right {
		return rights.Right{Verb: verb, Resource: read.Resource, Names: names, Place: read.Place}
	}
	switch {
	case read.Resource == snapshot.Definitions:
		return []rights.Right{right("get", dapr.Definitions()...)}
	case read.Resource == snapshot.Secrets && read.Place == snapshot.InControlPlane:
		return []rights.Right{right("get", dapr.TrustBundle)}
	case byName(read) && read.Resource != snapshot.Releases:
		return []rights.Right{right("get")}
	case read.Resource == snapshot.Releases:
		return rights.Of(read.Place, []snapshot.Resource{snapshot.Secrets, snapshot.ConfigMaps}, "get", "list")
	case read.Resource == snapshot.Namespaces:
		// All of them are listed in the scope of the cluster.
		return []rights.Right{{Verb: "list", Resource: read.Resource, Place: snapshot.InCluster}}
	}
	only, err := fields.ParseSelector(fieldsOf(read))
	if err != nil {
		return []rights.Right{right("list")}
	}
	if name, one := only.RequiresExactMatch("metadata.name"); one {
		return []rights.Right{right("list", name)}
	}
	return []rights.Right{right("list")}
}
