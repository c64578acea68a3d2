// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package report

import (
	"fmt"
	"io"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/evaluate"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/plan"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// Planned is a plan as it is shown.
type Planned struct {
	*plan.Plan
	Steps []plan.Step
	// Free says what of CPU and memory the nodes have free; empty where it was not seen.
	Free string
}

// Plan writes what would be written and what that does, object by object, then
// what is not done and why.
func Plan(w io.Writer, p *Planned, o Options) error {
	paint := painter(o.Color)
	var lines []string
	for _, state := range []plan.State{plan.Ready, plan.Unproven} {
		for _, step := range plan.Steps(p.Steps, state) {
			more, err := stepLines(step, paint, o)
			if err != nil {
				return err
			}
			lines = append(lines, more...)
		}
	}
	for _, step := range plan.Steps(p.Steps, plan.Managed) {
		more, err := managedLines(step, paint, o)
		if err != nil {
			return err
		}
		lines = append(lines, more...)
	}
	for _, step := range plan.Steps(p.Steps, plan.Refused) {
		lines = append(lines, heads(step, "not changed", paint), "")
		lines = append(lines, field("because", step.Why, o)...)
		lines = append(lines, "")
	}
	lines = append(lines, leftLines(p.Left, paint, o)...)
	lines = append(lines, summaryLines(p, o)...)
	return writeLines(w, lines)
}

// stepLines are one object: what changes, what that closes, and its risk.
func stepLines(step *plan.Step, paint painter, o Options) ([]string, error) {
	lines := []string{heads(step, effect(step), paint)}
	diff, err := difference(step.Live, step.Next, paint)
	if err != nil {
		return nil, err
	}
	lines = append(lines, diff...)
	for i, j := range step.Closes {
		lines = append(lines, field(once(i, "closes"), j.Guideline.ID+": "+j.Message, o)...)
	}
	for i, j := range step.Reveals {
		lines = append(lines, field(once(i, "reveals"), j.Guideline.ID+": "+j.Message, o)...)
	}
	for i, risk := range step.Risks {
		lines = append(lines, field(once(i, "risk"), risk, o)...)
	}
	for i, note := range step.Notes {
		lines = append(lines, field(once(i, "note"), note, o)...)
	}
	if step.State == plan.Unproven {
		lines = append(lines, field("unproven", step.Why+" (--allow-unproven writes it all the same)", o)...)
	}
	return append(lines, ""), nil
}

// managedLines are an object that somebody else writes: who, and the patch to commit there.
func managedLines(step *plan.Step, paint painter, o Options) ([]string, error) {
	patch, err := patchOf(step)
	if err != nil {
		return nil, err
	}
	lines := []string{heads(step, "not changed", paint)}
	lines = append(lines, field("because", step.Why, o)...)
	for i, j := range step.Closes {
		lines = append(lines, field(once(i, "closes"), j.Guideline.ID+": "+j.Message, o)...)
	}
	lines = append(lines, field("patch", "to commit there:", o)...)
	for line := range strings.SplitSeq(strings.TrimSuffix(patch, "\n"), "\n") {
		lines = append(lines, strings.Repeat(" ", fieldWidth)+escape(line))
	}
	return append(lines, ""), nil
}

// heads is the line above an object.
func heads(step *plan.Step, what string, paint painter) string {
	return paint.paint(bold, escape(step.App.String())) + ": " + what
}

// effect is what writing a step does to the app's Pods.
func effect(step *plan.Step) string {
	switch pods := step.Pods(); {
	case step.App.Kind == "CronJob":
		return "from the next run on"
	case pods == 0:
		return "restarts no Pod"
	default:
		return "restarts " + number(int(pods), "Pod", "Pods")
	}
}

// fieldWidth is that of the words in front of what is said of an object.
const fieldWidth = 10

// field is a word and what it says, wrapped behind it.
func field(word, text string, o Options) []string {
	return hang(fmt.Sprintf("%-*s", fieldWidth, word), escape(text), o.Width)
}

// once is the word for the first of several lines, and blank for the others.
func once(i int, word string) string {
	if i == 0 {
		return word
	}
	return ""
}

// leftLines are the findings that the plan leaves, those of a guideline with the same
// reason together.
func leftLines(all []plan.Left, paint painter, o Options) []string {
	if len(all) == 0 {
		return nil
	}
	type group struct {
		guideline, why string
		objects        []snapshot.Object
		worst          evaluate.Judgement
	}
	var groups []*group
	for _, l := range all {
		i := slices.IndexFunc(groups, func(g *group) bool { return g.guideline == l.Guideline.ID && g.why == l.Why })
		if i < 0 {
			groups = append(groups, &group{guideline: l.Guideline.ID, why: l.Why, worst: l.Judgement})
			i = len(groups) - 1
		}
		if !slices.Contains(groups[i].objects, l.Object) {
			groups[i].objects = append(groups[i].objects, l.Object)
		}
	}
	lines := []string{paint.paint(bold, fmt.Sprintf("Left to you: %s", number(len(all), "finding", "findings")))}
	for _, g := range groups {
		var named []string
		for _, object := range g.objects {
			named = append(named, place(object))
		}
		who := strings.Join(named, ", ")
		if len(named) > 1 {
			who = someOf(named)
		}
		text := fmt.Sprintf("%s: %s: %s", g.guideline, who, g.why)
		lines = append(lines, hang("- ", escape(text), o.Width)...)
	}
	return append(lines, "")
}

// summaryLines count what the plan does.
func summaryLines(p *Planned, o Options) []string {
	ready := plan.Steps(p.Steps, plan.Ready)
	closes := 0
	for _, step := range ready {
		closes += len(step.Closes)
	}
	if len(ready) == 0 {
		return []string{"Nothing to write."}
	}
	line := fmt.Sprintf("%s to write, which closes %s", number(len(ready), "change", "changes"), number(closes, "finding", "findings"))
	lines := hang("", line+".", o.Width)
	if cost := costLine(p); cost != "" {
		lines = append(lines, hang("", cost, o.Width)...)
	}
	return lines
}

// costLine says what the steps cost in requests.
func costLine(p *Planned) string {
	cost := plan.Cost(plan.Steps(p.Steps, plan.Ready))
	cpu, memory := cost[corev1.ResourceCPU], cost[corev1.ResourceMemory]
	if cpu.IsZero() && memory.IsZero() {
		return ""
	}
	text := fmt.Sprintf("It adds %s CPU and %s of memory to the requests of all Pods", &cpu, &memory)
	if p.Free != "" {
		text += "; " + p.Free
	}
	return text + "."
}
