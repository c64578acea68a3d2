// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package snapshot

import (
	"cmp"
	"fmt"
	"strings"
)

// GapReason is why something was not read.
type GapReason string

// The reasons of a Gap.
const (
	// Forbidden: the server did not allow it.
	Forbidden GapReason = "forbidden"
	// Unserved: the server does not have that API.
	Unserved GapReason = "unserved"
	// NotInInput: manifests do not hold it, which does not mean that it is missing.
	NotInInput GapReason = "not in the input"
	// Failed: anything else, such as a conversion webhook that is down.
	Failed GapReason = "failed"
)

// Gap is something that should have been read and was not.
type Gap struct {
	Resource Resource
	// Namespace is where it was looked for; empty means everywhere.
	Namespace string
	// Name is set where one object was asked for.
	Name   string
	Place  Place
	Reason GapReason
	// Detail is the server's own words, for Failed.
	Detail string
}

// String says what was not read and, where that helps, which permission is missing.
func (g Gap) String() string {
	where := "in all namespaces"
	switch {
	case g.Namespace != "":
		where = "in namespace " + g.Namespace
	case g.Place == InCluster && !namespaced(g.Resource):
		where = "at the cluster scope"
	}
	if g.Reason == Forbidden {
		switch {
		case g.Resource == Namespaces && g.Namespace != "":
			return "not allowed to get namespace " + g.Namespace // the one that was named
		case g.Resource == Releases:
			return "not allowed to read Helm's release record: secrets " + where
		case g.Name != "":
			return fmt.Sprintf("not allowed to get %s %s %s", g.Resource, g.Name, where)
		}
	}
	switch g.Reason {
	case NotInInput:
		return fmt.Sprintf("%s: not in the input", g.Resource)
	case Forbidden:
		return fmt.Sprintf("not allowed to list %s %s", g.Resource, where)
	case Unserved:
		if g.Resource == PodMetrics {
			return fmt.Sprintf("the server does not serve %s: is metrics-server installed?", g.Resource)
		}
		return fmt.Sprintf("the server does not serve %s", g.Resource)
	default:
		return fmt.Sprintf("cannot read %s %s: %s", g.Resource, where, g.Detail)
	}
}

// namespaced tells whether a resource that is read at InCluster lives in namespaces.
func namespaced(r Resource) bool {
	return r == Pods || r == Roles || r == RoleBindings || r == PodMonitors || r == ServiceMonitors
}

// Compare orders gaps by place, resource and namespace.
func (g Gap) Compare(h Gap) int {
	return cmp.Or(
		strings.Compare(string(g.Place), string(h.Place)),
		strings.Compare(g.Resource.String(), h.Resource.String()),
		strings.Compare(g.Namespace, h.Namespace),
		strings.Compare(g.Name, h.Name),
	)
}

// Gap returns the gap that hides resource at a place, in a namespace or, where
// that is empty, anywhere; nil if there is none. Gaps of single objects that were
// asked for by name are not among them, see GapOf.
func (s *Snapshot) Gap(place Place, resource Resource, namespace string) *Gap {
	for i := range s.Gaps {
		g := &s.Gaps[i]
		if g.Name == "" && g.Resource == resource && g.Place == place && (g.Namespace == "" || g.Namespace == namespace) {
			return g
		}
	}
	return nil
}

// GapOf returns the gap that hides one object that was asked for by name, or nil.
func (s *Snapshot) GapOf(place Place, resource Resource, namespace, name string) *Gap {
	for i := range s.Gaps {
		g := &s.Gaps[i]
		if g.Resource == resource && g.Place == place && (g.Name == "" || g.Name == name) && (g.Namespace == "" || g.Namespace == namespace) {
			return g
		}
	}
	return nil
}
