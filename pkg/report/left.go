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
func leftLines(p *plan.Plan, paint painter, o Options) []string {
	var named, person []leftGroup
	harden, command := 0, "fix"
	if p.Hardens {
		command = "harden"
	}
	for _, l := range p.Left {
		switch {
		case l.By != nil:
			named = group(named, l)
		case l.Guideline.Hardens && !p.Hardens:
			harden++
		default:
			person = group(person, l)
		}
	}
	lines := namedLines(named, command, paint, o)
	if len(person)+harden == 0 {
		return lines
	}
	lines = append(lines, personLines(person, paint, o)...)
	if harden > 0 {
		lines = append(lines, hang("- ", fmt.Sprintf("%s of the security section, which fix leaves alone: kubectl dapr-prod harden shows what closes them", number(harden, "finding", "findings")), o.Width)...)
	}
	return append(lines, "")
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
