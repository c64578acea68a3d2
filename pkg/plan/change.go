// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"k8s.io/apimachinery/pkg/types"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/evaluate"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// RestartedAt is the annotation that makes a workload's Pods anew where nothing else
// of its template changes. kubectl rollout restart has one of its own, which belongs
// to it.
const RestartedAt = "dapr-prod.github.io/restarted-at"

// Change is everything that is written for one app: one write, one rollout.
type Change struct {
	// App is the workload whose Pods are made anew, and UID its own.
	App snapshot.Object
	UID types.UID
	// Object is what is written: the app itself, or what a Rollout takes its template
	// from. Path is where the Pod template stands in it, for example "spec.template".
	Object snapshot.Object
	Path   string
	// Annotations are set on the Pod template, sorted by key.
	Annotations []Annotation
	// Fields are set in the Pod template beside its annotations, sorted by their paths.
	Fields []Field
	// Secrets are made before the template is written.
	Secrets []Secret
	// Leaves are Secrets that it refers to no more: each is deleted once nothing uses it,
	// if this program made it.
	Leaves []snapshot.Object
	// Remedies are the guidelines that the change is for.
	Remedies []*guideline.Guideline
	// Closes are the findings that it closes, Reveals those that show only then, such
	// as those of a sidecar that was not there.
	Closes, Reveals []evaluate.Judgement
	// Risks are sentences about what may go wrong.
	Risks []string
	// Before and After are the app as it was judged, and as it is with the change; nil in
	// the Step of a Creation.
	Before, After *guideline.App
}

// Annotation is one annotation of a Pod template.
type Annotation struct {
	Key, Value string
	// Was is the value that it replaces; nil where there was none.
	Was *string
	// Plain tells that both are known to be no secret, whatever they look like: they name
	// objects that are there.
	Plain bool
}
