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
	for _, app := range e.Apps {
		i := slices.IndexFunc(objects, func(n named) bool { return n.is(app.Object) })
		if i < 0 {
			continue
		}
		why, all := skippedFor(e, app, o)
		if !all {
			continue
		}
		text := fmt.Sprintf("%s was not judged: %s.", objects[i].typed, why)
		if !app.Sidecar.Running() {
			text += fmt.Sprintf(" %s explain sidecar-injected says what keeps a sidecar away.", displayName)
		}
		fmt.Fprintln(w, printers.EscapeTerminal(text))
	}
}

// skippedFor tells whether all that was asked for is skipped for an app, and why.
func skippedFor(e *evaluate.Evaluation, app *guideline.App, o plan.Options) (why string, all bool) {
	for _, j := range e.Judgements {
		switch {
		case j.Object != app.Object, !j.Guideline.ClosedBy(o.Hardens), len(o.Named) > 0 && !slices.Contains(o.Named, j.Guideline.ID):
		case j.Outcome != guideline.Skipped:
			return "", false
		case why == "":
			why = j.Message
		}
	}
	return why, why != ""
}
