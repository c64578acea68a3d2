// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package cmd

import (
	"fmt"
	"io"
	"slices"

	"k8s.io/cli-runtime/pkg/printers"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/evaluate"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/plan"
)

// tellSkipped says of apps that were named and that nothing of what was asked for applies
// to why that is: nothing to write is not that all is well.
func tellSkipped(w io.Writer, e *evaluate.Evaluation, objects []named, o plan.Options) {
	for _, n := range objects {
		why := ""
		judged := slices.ContainsFunc(e.Judgements, func(j evaluate.Judgement) bool {
			if !n.is(j.Object) || !j.Guideline.ClosedBy(o.Hardens) || len(o.Named) > 0 && !slices.Contains(o.Named, j.Guideline.ID) {
				return false
			}
			if j.Outcome == guideline.Skipped && why == "" {
				why = j.Message
			}
			return j.Outcome != guideline.Skipped
		})
		if !judged && why != "" {
			fmt.Fprintln(w, printers.EscapeTerminal(fmt.Sprintf("%s was not judged: %s. %s explain sidecar-injected says what keeps a sidecar away.", n.typed, why, displayName)))
		}
	}
}
