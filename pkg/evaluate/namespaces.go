// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package evaluate

import (
	"maps"
	"slices"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/dapr"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// namespaces judges every namespace that has an app, an object of Dapr's or a
// Configuration with headers or addresses. It comes after apps, which it hands on.
func (e *Evaluation) namespaces(guidelines []*guideline.Guideline) {
	all := map[string]*guideline.Namespace{}
	in := func(name string) *guideline.Namespace {
		if all[name] == nil {
			all[name] = &guideline.Namespace{Name: name, Snapshot: e.Snapshot, Edition: e.Edition}
		}
		return all[name]
	}
	for _, app := range e.Apps {
		ns := in(app.Object.Namespace)
		ns.Apps = append(ns.Apps, app)
	}
	for i := range e.Snapshot.DaprObjects {
		in(e.Snapshot.DaprObjects[i].Object.Namespace)
	}
	for _, c := range e.Snapshot.Configurations {
		// Those of a control plane are read too, whatever was asked for.
		asked := e.Snapshot.Namespace == "" || e.Snapshot.Namespace == c.Object.Namespace
		if asked && c.Object.Name != dapr.SystemConfiguration {
			in(c.Object.Namespace)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(all)) {
		object := snapshot.Object{APIVersion: "v1", Kind: "Namespace", Name: name}
		for _, g := range guidelines {
			if g.Namespace != nil {
				e.add(g, object, g.Namespace(all[name]))
			}
		}
	}
}
