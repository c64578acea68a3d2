// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package cmd

import (
	"slices"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/catalogue"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// fixScope is what fix judges: the apps that were asked for, and of control planes
// what an object closes that can be made.
type fixScope struct {
	guidelines []*guideline.Guideline
	scopes     []guideline.Scope
	// only is the namespace whose control plane is judged; empty judges all.
	only string
}

// scopeOf is the scope of a run in a namespace, which is empty for all of them.
// Somebody who names a guideline means every control plane, and somebody who selects
// apps none.
func (f *FixFlags) scopeOf(named []string, namespace string, selects bool) fixScope {
	s := fixScope{scopes: []guideline.Scope{guideline.Apps}}
	for _, g := range catalogue.All() {
		provides := g.Provide != nil && f.Harden == nil && (slices.Contains(named, g.ID) || len(named) == 0 && !selects)
		switch {
		case provides:
			s.guidelines = append(s.guidelines, g)
			s.scopes = []guideline.Scope{guideline.Apps, guideline.ControlPlane}
		case g.In(guideline.Apps):
			// What else it is about is not for fix.
			apps := *g
			apps.ControlPlane, apps.Cluster = nil, nil
			s.guidelines = append(s.guidelines, &apps)
		}
	}
	if len(named) == 0 {
		s.only = namespace
	}
	return s
}

// judges selects control planes; nil selects all.
func (s fixScope) judges() func(namespace string) bool {
	if s.only == "" {
		return nil
	}
	return func(namespace string) bool { return namespace == s.only }
}

// reads are what the scope needs to see, and those of them that are of no use outside
// the namespace of only.
func (s fixScope) reads() (all, onlyHere []snapshot.Read) {
	apps := slices.DeleteFunc(slices.Clone(s.guidelines), func(g *guideline.Guideline) bool { return !g.In(guideline.Apps) })
	all = distinct(slices.Concat(readsOf(apps, s.scopes), snapshot.Usage(), snapshot.Capacity()))
	for _, read := range readsOf(s.guidelines, s.scopes) {
		if !slices.Contains(all, read) {
			all = append(all, read)
			if s.only != "" {
				onlyHere = append(onlyHere, read)
			}
		}
	}
	return all, onlyHere
}

// distinct are reads, each once.
func distinct(all []snapshot.Read) []snapshot.Read {
	var once []snapshot.Read
	for _, read := range all {
		if !slices.Contains(once, read) {
			once = append(once, read)
		}
	}
	return once
}
