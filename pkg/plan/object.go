// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/daprobject"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/evaluate"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// ObjectStep is a change of one object of dapr.io, with what the server says of it.
type ObjectStep struct {
	Object snapshot.Object
	// Move or Scoping is the change; the other is nil.
	Move    *daprobject.Move
	Scoping *daprobject.Scoping
	State   State
	// Why is a sentence, for every state but Ready.
	Why string
	// Notes are what else is to be known before it is written.
	Notes []string
	// Closes are the findings that it closes.
	Closes []evaluate.Judgement
	// Live is the object as it was read.
	Live *unstructured.Unstructured
	// Found is the Secret of a run that was cut off, which holds all that moves.
	Found *unstructured.Unstructured
}

// Rewrite is the change.
func (s *ObjectStep) Rewrite() daprobject.Rewrite {
	if s.Move != nil {
		return s.Move
	}
	return s.Scoping
}

// Nothing tells that there is nothing to write.
func (s *ObjectStep) Nothing() bool {
	if s.Move != nil {
		return s.Move.Nothing()
	}
	return s.Scoping.Nothing()
}
