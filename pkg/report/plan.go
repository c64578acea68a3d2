// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package report

import (
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/plan"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// Planned is a plan as it is shown.
type Planned struct {
	*plan.Plan
	Steps []plan.Step
	// Free is what the nodes have free; nil where that was not seen.
	Free *snapshot.Amount
	// AllowUnproven tells that what the server could not try is written, too.
	AllowUnproven bool
	// Unknown counts what could not be judged.
	Unknown int
	// Untried tells that the server was not asked to try the changes.
	Untried bool
	// Sources are the files that objects come from, in a plan for manifests, of which
	// nothing runs; nil in one for a cluster.
	Sources map[snapshot.Object]string
	// Values are shown below it, and close what it does not; nil for none.
	Values *plan.ValuesPlan
}

// Plan writes what would be written and what that does, object by object, then
// what is not done and why.
func Plan(w io.Writer, p *Planned, o Options) error {
	paint := painter(o.Color)
	lines := headLines(p, o)
	for _, state := range []plan.State{plan.Ready, plan.Unproven} {
		for _, step := range plan.Steps(p.Steps, state) {
			more, err := p.stepLines(step, paint, o)
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
	lines = append(lines, refusedLines(p, paint, o)...)
	lines = append(lines, leftLines(p, paint, o)...)
	if p.Values != nil {
		more, err := valuesLines(p.Values, paint, o)
		if err != nil {
			return err
		}
		if len(p.Values.Installs) > 0 {
			lines = append(append(lines, hang("", valuesHead(p.Values), o.Width)...), "")
		}
		lines = append(lines, more...)
	}
	return writeLines(w, append(lines, tallyLine(p)))
}

// refusedLines are the objects that are not changed, and why.
func refusedLines(p *Planned, paint painter, o Options) []string {
	var lines []string
	for _, step := range plan.Steps(p.Steps, plan.Refused) {
		lines = append(lines, notChanged(step, paint, o)...)
		lines = append(lines, "")
	}
	return lines
}

// stepLines are one object: what changes, what that closes, and its risk.
func (p *Planned) stepLines(step *plan.Step, paint painter, o Options) ([]string, error) {
	what, was := effect(step), "live"
	if p.Sources != nil {
		what, was = p.place(step), "built"
	}
	lines := []string{heads(step, what, paint)}
	diff, err := difference(step.Live, step.Next, was, paint)
	if err != nil {
		return nil, err
	}
	lines = append(lines, diff...)
	lines = append(lines, saidOf(step, o)...)
	if step.State == plan.Unproven {
		hint := "--allow-unproven writes it all the same"
		if p.AllowUnproven {
			hint = "written all the same, as --allow-unproven says"
		}
		lines = append(lines, field("unproven", fmt.Sprintf("%s (%s)", step.Why, hint), o)...)
	}
	return append(lines, ""), nil
}

// saidOf is what a change closes and reveals, and what is to be known of it.
func saidOf(step *plan.Step, o Options) []string {
	lines := closes(step, o)
	for i, s := range step.Secrets {
		how := fmt.Sprintf("with a random %s, before that", strings.Join(s.Keys, ", "))
		switch {
		case s.Into != "":
			how = s.Into
		case s.Found != nil:
			how = "or goes on with the one that is there, which a run that was cut off has left and nothing uses: who has read it knows the token"
		}
		lines = append(lines, field(once(i, "makes"), fmt.Sprintf("%s, %s", s.Object, how), o)...)
	}
	for i, s := range step.Leaves {
		lines = append(lines, field(once(i, "deletes"), fmt.Sprintf("%s, once nothing uses it any more, and what older rotations left of it", s), o)...)
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
	return lines
}

// closes are the findings that a step closes, or would.
func closes(step *plan.Step, o Options) []string {
	var lines []string
	for i, j := range step.Closes {
		lines = append(lines, field(once(i, "closes"), j.Guideline.ID+": "+j.Message, o)...)
	}
	return lines
}

// notChanged are an object that is not written: why, and what writing it would close.
func notChanged(step *plan.Step, paint painter, o Options) []string {
	lines := []string{heads(step, "not changed", paint)}
	lines = append(lines, field("because", step.Why, o)...)
	return append(lines, closes(step, o)...)
}

// managedLines are an object that somebody else writes: who, and the patch to commit there.
func managedLines(step *plan.Step, paint painter, o Options) ([]string, error) {
	patch, err := patchOf(step)
	if err != nil {
		return nil, err
	}
	lines := notChanged(step, paint, o)
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

// place is where the object of a step is written.
func (p *Planned) place(step *plan.Step) string {
	if step.Creation != nil {
		return "is made"
	}
	return "patched, from " + escape(p.Sources[step.Object])
}

// effect is what writing a step does to the app's Pods.
func effect(step *plan.Step) string {
	switch pods := step.Pods(); {
	case step.Creation != nil:
		return "is made, restarts no Pod"
	case step.App.Kind == "CronJob":
		return "from the next run on"
	case pods == 0:
		return "restarts no Pod"
	case step.Idle:
		return "restarts no Pod by itself"
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

// headLines say what the plan comes to, and what it costs.
func headLines(p *Planned, o Options) []string {
	steps := plan.Writable(p.Steps, p.AllowUnproven)
	closes := 0
	for _, step := range steps {
		closes += len(step.Closes)
	}
	text := "Nothing to write"
	if p.Values != nil && len(p.Values.Installs) > 0 {
		text += " in apps"
	}
	if len(steps) > 0 {
		text = number(len(steps), "change", "changes") + " to write"
		if closes > 0 {
			text += fmt.Sprintf(", which %s %s", verb(len(steps), "closes", "close"), number(closes, "finding", "findings"))
		}
		text += cost(p, steps)
		if p.Untried {
			text += "; the server has not tried " + verb(len(steps), "it", "them")
		}
	}
	return append(hang("", text+".", o.Width), "")
}

// verb is a word that goes with one thing, or with several.
func verb(n int, one, several string) string {
	if n == 1 {
		return one
	}
	return several
}

// cost says what steps add to the requests of all their Pods.
func cost(p *Planned, steps []*plan.Step) string {
	text := added(steps)
	switch {
	case text == "", p.Sources != nil:
		return text
	case p.Free == nil:
		return text + ", and what the nodes have free is not known"
	default:
		return text + fmt.Sprintf("; the nodes have %s free", amount(p.Free.CPU, p.Free.Memory))
	}
}

// added says the sum of what steps add, or take away.
func added(steps []*plan.Step) string {
	cost := plan.Cost(steps)
	cpu, memory := cost[corev1.ResourceCPU], cost[corev1.ResourceMemory]
	if cpu.IsZero() && memory.IsZero() {
		return ""
	}
	pods := 0
	for _, step := range steps {
		if step.Costs() {
			pods += int(step.Pods())
		}
	}
	of := number(pods, "Pod", "Pods")
	add, take := verb(len(steps), "it adds", "they add"), verb(len(steps), "takes", "take")
	less, fewer := cpu.DeepCopy(), memory.DeepCopy()
	less.Neg()
	fewer.Neg()
	switch {
	case cpu.Sign() >= 0 && memory.Sign() >= 0:
		return fmt.Sprintf("; %s %s to the requests of %s", add, amount(cpu, memory), of)
	case cpu.Sign() > 0:
		return fmt.Sprintf("; %s %s to the requests of %s and %s %s off", add, ofCPU(cpu), of, take, ofMemory(fewer))
	case memory.Sign() > 0:
		return fmt.Sprintf("; %s %s to the requests of %s and %s %s off", add, ofMemory(memory), of, take, ofCPU(less))
	default:
		return fmt.Sprintf("; %s %s off the requests of %s", verb(len(steps), "it takes", "they take"), amount(less, fewer), of)
	}
}

// amount is CPU and memory as people say it: "1.5 CPU and 12Gi of memory".
func amount(cpu, memory resource.Quantity) string { return ofCPU(cpu) + " and " + ofMemory(memory) }

func ofCPU(q resource.Quantity) string {
	text := q.String()
	if q.MilliValue() >= milli {
		text = strconv.FormatFloat(math.Round(float64(q.MilliValue())/100)/10, 'f', -1, 64)
	}
	return text + " CPU"
}

func ofMemory(q resource.Quantity) string {
	text := q.String()
	if q.Value() >= gibibyte {
		text = strconv.FormatFloat(math.Round(float64(q.Value())*10/gibibyte)/10, 'f', -1, 64) + "Gi"
	}
	return text + " of memory"
}

const (
	milli    = 1000
	gibibyte = 1 << 30
)

// tallyLine counts what becomes of what was found.
func tallyLine(p *Planned) string {
	counts := map[plan.State]int{}
	for i := range p.Steps {
		counts[p.Steps[i].State]++
	}
	text := fmt.Sprintf("%d ready", counts[plan.Ready])
	for _, state := range []plan.State{plan.Unproven, plan.Refused, plan.Managed} {
		if counts[state] > 0 {
			text += fmt.Sprintf(", %d %s", counts[state], state)
		}
	}
	left := 0
	for _, l := range p.Left {
		if !p.Values.Closes(l.Judgement) {
			left++
		}
	}
	if p.Values != nil {
		if values, _ := additions(p.Values); values > 0 {
			text += fmt.Sprintf(", %s to add", number(values, "value", "values"))
		}
		left += leftOfValues(p.Values)
	}
	text += fmt.Sprintf("; %s left to you", number(left, "finding", "findings"))
	if p.Unknown > 0 {
		text += fmt.Sprintf(", %d unknown: check of the same with --show=all says why", p.Unknown)
	}
	return text
}
