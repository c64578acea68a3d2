// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package report

import (
	"fmt"
	"slices"
	"strings"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/plan"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// leftGroup is what is left for one reason.
type leftGroup struct {
	plan.Left
	objects []snapshot.Object
}

// leftLines are the findings that the plan leaves: what naming the guideline would
// do, what a person has to, and how many are of the security section where the plan is
// not of that.
func leftLines(p *Planned, paint painter, o Options) []string {
	if p.Hardens {
		return openLines(p, paint, o)
	}
	var named, person []leftGroup
	harden := 0
	for _, l := range p.Left {
		switch {
		case l.By != nil:
			named = group(named, l)
		case l.Guideline.Hardens:
			harden++
		default:
			person = group(person, l)
		}
	}
	lines := namedLines(named, "fix", paint, o)
	if len(person)+harden == 0 {
		return lines
	}
	lines = append(lines, personLines(person, paint, o)...)
	if harden > 0 {
		lines = append(lines, hang("- ", fmt.Sprintf("%s of the security section, which fix leaves alone: kubectl dapr-prod harden shows what closes them", number(harden, "finding", "findings")), o.Width)...)
	}
	return append(lines, "")
}

// openLines are the findings that a plan of the security section leaves, app by app: what
// is open, and what closes it, or what that needs of the owner. Values that close it stand
// below.
func openLines(p *Planned, paint painter, o Options) []string {
	var lines []string
	var before snapshot.Object
	said := map[string]bool{}
	all := slices.Clone(p.Left)
	slices.SortStableFunc(all, func(a, b plan.Left) int { return a.Object.Compare(b.Object) })
	for _, l := range all {
		if l.Object != before {
			if before = l.Object; len(lines) > 0 {
				lines = append(lines, "")
			}
			lines = append(lines, paint.paint(bold, "Open in "+place(l.Object)+":"))
			clear(said)
		}
		text := fmt.Sprintf("%s: %s", l.Guideline.ID, escape(l.Message))
		switch objects := l.Guideline.Objects; {
		case p.Values.Closes(l.Judgement):
			text += "; closed by the values below"
		case l.By != nil:
			text += closer(l, l.By.ID, l.Why)
		case objects != "" && l.Object.Group() == "dapr.io" && (l.Source.File == "" || l.Guideline.ObjectsInFiles):
			text += closer(l, l.Guideline.ID, objects)
		case p.Values == nil && l.Guideline.Values != nil && l.Guideline.ClosedBy(true) && l.Why == l.Remedy:
			text += fmt.Sprintf("; to close it: kubectl dapr-prod harden %s (%s)", l.Guideline.ID, escape(l.Why))
		case l.Message != l.Why:
			text += "; left to you: " + escape(l.Why)
		}
		if !said[text] {
			lines = append(lines, hang("- ", text, o.Width)...)
		}
		said[text] = true
	}
	if len(lines) == 0 {
		return nil
	}
	return append(lines, "")
}

// closer is the command that closes a finding by a guideline, and what that asks. Of
// manifests it says what to name beside those that were given.
func closer(l plan.Left, id, asks string) string {
	what := fmt.Sprintf("%s %s/%s", id, strings.ToLower(l.Object.Kind), l.Object.Name)
	if l.Source.File != "" {
		return fmt.Sprintf("; to close it, name %s beside these manifests (%s)", escape(what), escape(asks))
	}
	command := "kubectl dapr-prod harden " + what
	if l.Object.Namespace != "" {
		command += " -n " + l.Object.Namespace
	}
	return fmt.Sprintf("; to close it: %s (%s)", escape(command), escape(asks))
}

// group adds a finding to those with the same reason that the same guideline closes,
// or that are of the same guideline where a person does.
func group(all []leftGroup, l plan.Left) []leftGroup {
	i := slices.IndexFunc(all, func(g leftGroup) bool {
		return g.Why == l.Why && g.By == l.By && (l.By != nil || g.Guideline == l.Guideline)
	})
	if i < 0 {
		all = append(all, leftGroup{Left: l})
		i = len(all) - 1
	}
	if !slices.Contains(all[i].objects, l.Object) {
		all[i].objects = append(all[i].objects, l.Object)
	}
	return all
}

// who names the objects of a group.
func (g leftGroup) who() string {
	var named []string
	for _, object := range g.objects {
		named = append(named, place(object))
	}
	if len(named) == 1 {
		return named[0]
	}
	return strings.Join(named, ", ")
}

// namedLines are findings that a command closes where their guideline is named.
func namedLines(all []leftGroup, command string, paint painter, o Options) []string {
	if len(all) == 0 {
		return nil
	}
	lines := []string{paint.paint(bold, "Done only where it is named:")}
	for _, g := range all {
		lines = append(lines, hang("- ", fmt.Sprintf("%s %s (%s): %s", command, g.By.ID, escape(g.who()), escape(g.Why)), o.Width)...)
	}
	return append(lines, "")
}

// personLines are findings that are left to a person.
func personLines(all []leftGroup, paint painter, o Options) []string {
	lines := []string{paint.paint(bold, "Left to you:")}
	for _, g := range all {
		lines = append(lines, hang("- ", fmt.Sprintf("%s, %s: %s", g.Guideline.ID, escape(g.who()), escape(g.Why)), o.Width)...)
	}
	return lines
}
