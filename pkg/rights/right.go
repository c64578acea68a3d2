// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package rights

import "github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"

// Right is one thing that a request needs to be allowed.
type Right struct {
	// Verb is RBAC's: get, list, watch, create, update, patch, delete.
	Verb string
	// Resource is RBAC's, a subresource behind a slash: services/proxy.
	Resource snapshot.Resource
	// Names are the only objects that are asked for; none stands for all. A list or a
	// watch is of one object if its field selector says so.
	Names []string
	// Place is where it is needed. Only what is needed InApps can be had by a Role.
	Place snapshot.Place
	// Why says what a right is for that does not look like it; mostly empty.
	Why string
}

// Of are the rights to do something with each of some resources.
func Of(place snapshot.Place, resources []snapshot.Resource, verbs ...string) []Right {
	var all []Right
	for _, r := range resources {
		for _, verb := range verbs {
			all = append(all, Right{Verb: verb, Resource: r, Place: place})
		}
	}
	return all
}
