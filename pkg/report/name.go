// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package report

import (
	"io"
	"slices"
	"strings"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/evaluate"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// Name writes the objects that fall short, each once, as kubectl's -o name does:
// "deployment.apps/orders". Like there, the namespace is not part of the name, so
// that objects in two namespaces may read the same. The cluster as a whole is left out:
// kubectl has no name for it.
func Name(w io.Writer, r *Report, o Options) error {
	var names []string
	seen := map[[2]string]bool{}
	for _, result := range r.Results {
		if result.Outcome != guideline.Failed || below(result, o) || evaluate.IsCluster(result.Object) {
			continue
		}
		name := qualified(result.Object)
		if key := [2]string{result.Object.Namespace, name}; !seen[key] {
			seen[key] = true
			names = append(names, escape(name))
		}
	}
	slices.Sort(names)
	return writeLines(w, names)
}

// qualified is an object as kubectl takes it, with its group. What is said of a
// control plane as a whole is about its namespace: kubectl knows no such object.
func qualified(o snapshot.Object) string {
	if o == evaluate.ControlPlaneObject(o.Namespace) {
		return "namespace/" + o.Namespace
	}
	kind := strings.ToLower(o.Kind)
	if group := o.Group(); group != "" {
		kind += "." + group
	}
	return kind + "/" + o.Name
}
