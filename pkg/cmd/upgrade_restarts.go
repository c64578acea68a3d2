// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package cmd

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"k8s.io/cli-runtime/pkg/printers"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/evaluate"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/plan"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/report"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// tellRestarts says which apps run with what they had before an upgrade, and the commands
// that make their Pods anew: this program's own where a guideline has an app restarted,
// which waits for each, and those of kubectl for the others.
func tellRestarts(w io.Writer, v *plan.Values, after *evaluate.Evaluation) {
	if len(v.Restart) == 0 {
		return
	}
	var names, ids, others []string
	for _, o := range v.Restart {
		names = append(names, o.String())
		by := restartedBy(v, o, after)
		if len(by) == 0 {
			others = append(others, report.RestartCommand(o))
		}
		ids = append(ids, by...)
	}
	slices.Sort(ids)
	fmt.Fprintln(w, printers.EscapeTerminal(fmt.Sprintf("\nWhat runs has its old settings until it restarts: %s. Next:", strings.Join(names, ", "))))
	if ids = slices.Compact(ids); len(ids) > 0 {
		fmt.Fprintf(w, "  %s harden %s -A\n", displayName, strings.Join(ids, " "))
	}
	for _, command := range others {
		fmt.Fprintln(w, "  "+command)
	}
}

// restartedBy are the guidelines of the security section that values were added for, that an
// app still falls short of, and that have it restarted.
func restartedBy(v *plan.Values, o snapshot.Object, after *evaluate.Evaluation) []string {
	var ids []string
	for _, j := range after.Judgements {
		if j.Object == o && j.Outcome == guideline.Failed && j.Guideline.Hardens && j.Guideline.Mend != nil && slices.Contains(askedFor(v), j.Guideline.ID) {
			ids = append(ids, j.Guideline.ID)
		}
	}
	return ids
}
