// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/evaluate"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// Upgrade is what an upgrade of a control plane's release would do. All texts in it may
// be printed.
type Upgrade struct {
	// Release is its name, and Revision the one that it has.
	Release, Namespace string
	Revision           int
	// Chart is where the chart comes from.
	Chart string
	// Other are the objects that it gives otherwise than the release has them, with the
	// same values: it is another chart, and there is no upgrade.
	Other []UpgradedObject
	// Drift is where the cluster is not as the release's record has it.
	Drift []UpgradedObject
	// Objects are those that change.
	Objects []UpgradedObject
	// Open are findings that stay, and Opened those that come, as the chart is
	// rendered: either stands in the way.
	Open, Opened []evaluate.Judgement
	// Worse are findings that weigh more afterwards.
	Worse []evaluate.Judgement
}

// UpgradedObject is one object, and what is to be known of it.
type UpgradedObject struct {
	snapshot.Object
	// What happens to it, in a word or a sentence.
	What string
	// Diff is a unified diff without a head; empty for none.
	Diff string
	// Refusal is why the server would not take it; empty if it would.
	Refusal string
	// Notes are sentences.
	Notes []string
}

// WriteDrift writes where the cluster is not as the release's record has it; nothing
// where it is.
func WriteDrift(w io.Writer, u *Upgrade, o Options) error {
	if len(u.Drift) == 0 {
		return nil
	}
	paint := painter(o.Color)
	lines := []string{paint.paint(bold, fmt.Sprintf("Not as revision %d of release %s has it:", u.Revision, escape(u.Release))), ""}
	for i := range u.Drift {
		lines = append(lines, u.Drift[i].lines(paint, o)...)
	}
	return writeLines(w, lines)
}

// WriteUpgrade writes the objects that change, and what stands in the way.
func WriteUpgrade(w io.Writer, u *Upgrade, o Options) error {
	paint := painter(o.Color)
	lines := []string{""}
	if len(u.Other) > 0 {
		head := fmt.Sprintf("Chart %s with the values of release %s, beside revision %d of it:", escape(u.Chart), escape(u.Release), u.Revision)
		lines = append(append(lines, hang("", head, o.Width)...), "")
		for i := range u.Other {
			lines = append(lines, u.Other[i].lines(paint, o)...)
		}
		return writeLines(w, lines)
	}
	lines = append(lines, hang("", fmt.Sprintf("Release %s in %s, revision %d to %d with chart %s: %s.",
		escape(u.Release), escape(u.Namespace), u.Revision, u.Revision+1, escape(u.Chart), number(len(u.Objects), "object changes", "objects change")), o.Width)...)
	lines = append(lines, "")
	for i := range u.Objects {
		lines = append(lines, u.Objects[i].lines(paint, o)...)
	}
	var said []string
	for _, group := range []struct {
		word string
		all  []evaluate.Judgement
	}{{"stays", u.Open}, {"opens", u.Opened}, {"worsens", u.Worse}} {
		for i, j := range group.all {
			said = append(said, field(once(i, group.word), fmt.Sprintf("%s, %s: %s", j.Guideline.ID, place(j.Object), j.Message), o)...)
		}
	}
	if len(said) > 0 {
		lines = append(append(lines, said...), "")
	}
	return writeLines(w, lines)
}

func (u *UpgradedObject) lines(paint painter, o Options) []string {
	lines := []string{paint.paint(bold, escape(u.String())) + ": " + escape(u.What)}
	if u.Diff != "" {
		for line := range strings.SplitSeq(strings.TrimSuffix(u.Diff, "\n"), "\n") {
			lines = append(lines, paint.paint(colorOfLine(line), escape(line)))
		}
	}
	if u.Refusal != "" {
		lines = append(lines, field("refused", u.Refusal, o)...)
	}
	for i, note := range u.Notes {
		lines = append(lines, field(once(i, "note"), note, o)...)
	}
	return append(lines, "")
}
