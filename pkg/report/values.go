// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package report

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/evaluate"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/plan"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// Values writes what would be added to the values of control planes and what that
// does, one after the other, then what is not done and why.
func Values(w io.Writer, p *plan.ValuesPlan, o Options) error {
	lines, err := valuesLines(p, painter(o.Color), o)
	if err != nil {
		return err
	}
	lines = append(append(hang("", valuesHead(p), o.Width), ""), lines...)
	return writeLines(w, append(lines, valuesTally(p)))
}

// valuesLines are all of a plan of values but its head and its tally.
func valuesLines(p *plan.ValuesPlan, paint painter, o Options) ([]string, error) {
	lines := driftLines(p, paint, o)
	for i := range p.Installs {
		more, err := installLines(&p.Installs[i], paint, o)
		if err != nil {
			return nil, err
		}
		lines = append(lines, more...)
	}
	lines = append(lines, valuesLeft(p.Left, paint, o)...)
	return append(lines, keptLines(p.Kept, paint, o)...), nil
}

// keptLines are what is kept for now, and what there is to do in time, each once.
func keptLines(all []evaluate.Judgement, paint painter, o Options) []string {
	if len(all) == 0 {
		return nil
	}
	lines := []string{paint.paint(bold, "Kept for now:")}
	var remedies []string
	for _, j := range all {
		lines = append(lines, hang("- ", fmt.Sprintf("%s, %s: %s", j.Guideline.ID, place(j.Object), escape(j.Message)), o.Width)...)
		if !slices.Contains(remedies, j.Remedy) {
			remedies = append(remedies, j.Remedy)
		}
	}
	for i, remedy := range remedies {
		lines = append(lines, field(once(i, "in time"), remedy, o)...)
	}
	return append(lines, "")
}

// valuesHead says what the plan comes to.
func valuesHead(p *plan.ValuesPlan) string {
	values, closes := additions(p)
	if values == 0 {
		return "No value to add."
	}
	if closes == 0 {
		return number(values, "value", "values") + " to add."
	}
	verb := "close"
	if values == 1 {
		verb = "closes"
	}
	return fmt.Sprintf("%s to add, which %s %s.", number(values, "value", "values"), verb, number(closes, "finding", "findings"))
}

func additions(p *plan.ValuesPlan) (values, closes int) {
	for i := range p.Installs {
		values += len(p.Installs[i].Additions)
		closes += len(p.Installs[i].Closes)
	}
	return values, closes
}

// driftLines tell where the cluster is not as Helm has it: its next upgrade reverts that.
func driftLines(p *plan.ValuesPlan, paint painter, o Options) []string {
	if len(p.Drift) == 0 {
		return nil
	}
	lines := []string{paint.paint(bold, "Not as Helm has it, to be looked at before an upgrade:")}
	for _, j := range p.Drift {
		lines = append(lines, hang("- ", fmt.Sprintf("%s: %s: %s", place(j.Object), escape(j.Message), escape(j.Remedy)), o.Width)...)
	}
	return append(lines, "")
}

// installLines are one control plane: what is added, what that closes, and how.
func installLines(v *plan.Values, paint painter, o Options) ([]string, error) {
	lines := []string{paint.paint(bold, fmt.Sprintf("Dapr %s in %s", escape(v.ControlPlane.Version.String()), escape(v.ControlPlane.Namespace))) + ": values of its chart", ""}
	tree, err := treeLines(v)
	if err != nil {
		return nil, err
	}
	for _, line := range tree {
		if line != "" {
			line = "  " + line
		}
		lines = append(lines, paint.paint(green, line))
	}
	lines = append(lines, "")
	for i, g := range closedGroups(v.Closes) {
		lines = append(lines, field(once(i, "closes"), fmt.Sprintf("%s, %s: %s", g.Guideline.ID, g.who(), g.Message), o)...)
	}
	for i, risk := range v.Risks {
		lines = append(lines, field(once(i, "risk"), risk, o)...)
	}
	if v.Blocked != "" {
		lines = append(lines, field("blocked", v.Blocked, o)...)
	}
	if where := v.Commit(); where != "" {
		lines = append(lines, field("because", where, o)...)
	}
	// Commands are not wrapped: they are there to be copied.
	for i, c := range Commands(v) {
		if !o.Upgrading {
			lines = append(lines, field(once(i, "upgrade"), c, Options{})...)
		}
	}
	lines = append(lines, restartLines(v.Restart, o)...)
	if save := SaveCommand(v); save != "" {
		lines = append(lines, field("save", save, Options{})...)
	}
	return append(lines, ""), nil
}

// restartLines are the apps that restart afterwards. What an upgrade by this program leaves
// is said once it is there, with the command.
func restartLines(all []snapshot.Object, o Options) []string {
	var lines, names []string
	for i, object := range all {
		names = append(names, place(object))
		lines = append(lines, field(once(i, "then"), RestartCommand(object), Options{})...)
	}
	if o.Upgrading && len(names) > 0 {
		return field("then", "to be restarted: "+strings.Join(names, ", "), o)
	}
	return lines
}

// closedGroups are findings, those that a guideline says in the same words together.
func closedGroups(all []evaluate.Judgement) []leftGroup {
	var groups []leftGroup
	for _, j := range all {
		groups = group(groups, plan.Left{Judgement: j, Why: j.Message})
	}
	return groups
}

// valuesLeft are the findings that no value closes: what naming the guideline would
// do, and what a person has to.
func valuesLeft(all []plan.Left, paint painter, o Options) []string {
	var named, person []leftGroup
	for _, l := range all {
		if l.By != nil {
			named = group(named, l)
		} else {
			person = group(person, l)
		}
	}
	lines := namedLines(named, "fix --scope=control-plane", paint, o)
	if len(person) == 0 {
		return lines
	}
	return append(append(lines, personLines(person, paint, o)...), "")
}

// valuesTally counts what becomes of what was found.
func valuesTally(p *plan.ValuesPlan) string {
	values, _ := additions(p)
	return fmt.Sprintf("%s to add; %s left to you", number(values, "value", "values"), number(leftOfValues(p), "finding", "findings"))
}

// leftOfValues counts what values leave.
func leftOfValues(p *plan.ValuesPlan) int { return len(p.Left) + len(p.Drift) }
