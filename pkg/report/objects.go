// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package report

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"sigs.k8s.io/yaml"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/plan"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// PlannedObjects is a plan for objects of dapr.io as it is shown.
type PlannedObjects struct {
	Steps []plan.ObjectStep
	// Left are the findings that it leaves, each with its reason.
	Left []plan.Left
	// Evidence says what a list of apps rests on, a sentence each.
	Evidence []string
	// Untried tells that the server was not asked to try the changes.
	Untried bool
	// Unknown counts what could not be judged.
	Unknown int
	// After are sentences about what is left to do once it is written.
	After []string
}

// Objects writes what becomes of each object, then what is not done and why. No value of
// an object is in it.
func Objects(w io.Writer, p *PlannedObjects, o Options) error {
	paint := painter(o.Color)
	ready := 0
	for i := range p.Steps {
		if p.Steps[i].State == plan.Ready {
			ready++
		}
	}
	head := "Nothing to write"
	if ready > 0 {
		head = fmt.Sprintf("%s to write, which restarts no Pod by itself", number(ready, "object", "objects"))
		if p.Untried {
			head += "; the server has not tried " + verb(ready, "it", "them")
		}
	}
	lines := append(hang("", head+".", o.Width), "")
	for i, sentence := range p.Evidence {
		lines = append(lines, field(once(i, "seen"), sentence, o)...)
	}
	if len(p.Evidence) > 0 {
		lines = append(lines, "")
	}
	for i := range p.Steps {
		lines = append(lines, objectLines(&p.Steps[i], paint, o)...)
	}
	if len(p.Left) > 0 {
		var groups []leftGroup
		for _, l := range p.Left {
			groups = group(groups, l)
		}
		lines = append(append(lines, personLines(groups, paint, o)...), "")
	}
	if ready > 0 {
		for i, sentence := range p.After {
			lines = append(lines, field(once(i, "then"), sentence, o)...)
		}
	}
	if p.Unknown > 0 {
		lines = append(lines, unknownObjects(p))
	}
	for len(lines) > 0 && lines[len(lines)-1] == "" {
		lines = lines[:len(lines)-1]
	}
	return writeLines(w, lines)
}

// ObjectFiles is Objects for manifests, behind a diff of the texts that would be others.
func ObjectFiles(w io.Writer, p *PlannedObjects, files []EditedFile, o Options) error {
	var lines []string
	for _, f := range files {
		lines = append(lines, fileDiff(f, painter(o.Color))...)
	}
	if len(files) > 0 {
		lines = append(lines, "")
	}
	if err := writeLines(w, lines); err != nil {
		return err
	}
	return Objects(w, p, o)
}

// objectLines are one object: what changes, what that closes, and what is to be known.
func objectLines(step *plan.ObjectStep, paint painter, o Options) []string {
	name := paint.paint(bold, escape(step.Object.String()))
	var lines []string
	if step.State == plan.Ready {
		lines = append(lines, name)
	} else {
		lines = append(lines, name+": not changed")
		lines = append(lines, field("because", step.Why, o)...)
	}
	closes, notes := "closes", step.Notes
	switch {
	case step.State == plan.Refused:
		closes, notes = "open", nil
	case step.Move != nil:
		lines = append(lines, moveLines(step, o)...)
	default:
		lines = append(lines, scopingLines(step, o)...)
	}
	if step.Move != nil {
		for i, s := range step.Move.Stay {
			lines = append(lines, field(once(i, "stays"), s.Place+": "+s.Why, o)...)
		}
	}
	for i, j := range step.Closes {
		lines = append(lines, field(once(i, closes), j.Guideline.ID+": "+j.Message, o)...)
	}
	for i, note := range notes {
		lines = append(lines, field(once(i, "note"), note, o)...)
	}
	return append(lines, "")
}

func moveLines(step *plan.ObjectStep, o Options) []string {
	var lines []string
	secret := "a new Secret " + step.Move.Secret
	if step.Found != nil {
		secret = "Secret " + step.Move.Secret + ", which a run that was cut off has made"
	}
	for i, v := range step.Move.Values {
		lines = append(lines, field(once(i, "moves"), fmt.Sprintf("%s to %s, key %s", v.Place, secret, v.Key), o)...)
		secret = "Secret " + step.Move.Secret
	}
	if step.Move.Copy {
		lines = append(lines, field("scrubs", "kubectl's copy of the object (last-applied-configuration), where it stands, too", o)...)
	}
	return lines
}

// loseWhen is when an app loses an object that is not for it any more.
const loseWhen = ": at once from Dapr 1.18 on, and before that at the next start"

func scopingLines(step *plan.ObjectStep, o Options) []string {
	s := step.Scoping
	was := "every app of the namespace"
	if len(s.Was) > 0 {
		was = strings.Join(s.Was, ", ")
	}
	lines := field("scopes", fmt.Sprintf("%s, instead of %s", strings.Join(s.Apps, ", "), was), o)
	if len(s.Lose) > 0 {
		lines = append(lines, field("lose it", strings.Join(s.Lose, ", ")+loseWhen, o)...)
	}
	return lines
}

// ObjectPatches writes the changes as JSON patches, for kubectl patch --type=json. What has
// to be there before them is said above them in YAML, and by UnprintedObjects.
func ObjectPatches(w io.Writer, p *PlannedObjects, asJSON bool) error {
	type patch struct {
		snapshot.Object
		Patch []map[string]any `json:"patch"`
	}
	patches := []patch{}
	var comments strings.Builder
	for i := range p.Steps {
		step := &p.Steps[i]
		if step.State == plan.Refused || len(step.Rewrite().Patch()) == 0 {
			continue
		}
		patches = append(patches, patch{step.Object, step.Rewrite().Patch()})
		if sentence := neededSecret(step); sentence != "" {
			comments.WriteString("# " + escape(sentence) + "\n")
		}
	}
	text, err := json.MarshalIndent(patches, "", "  ")
	if err == nil && !asJSON {
		text, err = yaml.JSONToYAML(text)
		text = append([]byte(comments.String()), text...)
	}
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(w, strings.TrimSuffix(string(text), "\n"))
	return err
}

// unknownObjects counts what could not be judged.
func unknownObjects(p *PlannedObjects) string {
	return fmt.Sprintf("%d unknown: check of the same with --show=all says why", p.Unknown)
}

// UnprintedObjects is what patches of objects do not say, a sentence each: what lists of apps
// rest on and who loses, the Secrets that have to be there first, what the patches leave as it
// is, and what is left to do then.
func UnprintedObjects(p *PlannedObjects) []string {
	all := slices.Clone(p.Evidence)
	writes := false
	for i := range p.Steps {
		step := &p.Steps[i]
		if step.State != plan.Ready {
			all = append(all, fmt.Sprintf("%s: not changed: %s", step.Object, step.Why))
		}
		writes = writes || step.State == plan.Ready
		if step.State != plan.Refused {
			all = append(all, unprintedOf(step)...)
		}
		if step.Move != nil {
			for _, s := range step.Move.Stay {
				all = append(all, fmt.Sprintf("%s: %s stays: %s", step.Object, s.Place, s.Why))
			}
		}
	}
	for _, l := range p.Left {
		all = append(all, fmt.Sprintf("%s: left to you: %s", l.Object, l.Why))
	}
	if writes {
		all = append(all, p.After...)
	}
	if p.Unknown > 0 {
		all = append(all, unknownObjects(p))
	}
	return all
}

// unprintedOf is what the patch of one object needs, and what it leaves.
func unprintedOf(step *plan.ObjectStep) []string {
	var all []string
	if sentence := neededSecret(step); sentence != "" {
		all = append(all, sentence)
	}
	if step.Scoping != nil && len(step.Scoping.Lose) > 0 {
		all = append(all, fmt.Sprintf("%s: %s will lose it%s", step.Object, strings.Join(step.Scoping.Lose, ", "), loseWhen))
	}
	if step.Move != nil && step.Move.Copy {
		all = append(all, fmt.Sprintf("%s: the patch leaves kubectl's copy of the object (last-applied-configuration) as it is, with the old value in it", step.Object))
	}
	return all
}

// neededSecret says which Secret has to be there before a patch, with which keys, and how
// it is made without a value on the screen; empty where there is one.
func neededSecret(step *plan.ObjectStep) string {
	if step.Move == nil || len(step.Move.Values) == 0 || step.Found != nil {
		return ""
	}
	m := step.Move
	var keys []string
	for _, v := range m.Values {
		keys = append(keys, fmt.Sprintf("key %s, the value that stands in %s now", v.Key, v.Place))
	}
	text := fmt.Sprintf("%s has to be made before %s is patched, or its apps are cut off: %s", m.SecretObject(), step.Object, strings.Join(keys, "; "))
	if v := m.Values[0]; len(m.Values) == 1 && step.Live != nil && !v.JSON && !v.Alone {
		text += fmt.Sprintf(": kubectl get %s.dapr.io %s -n %s -o jsonpath='{.%s[%d].value}' | kubectl create secret generic %s -n %[3]s --from-file=%[7]s=/dev/stdin",
			strings.ToLower(step.Object.Kind), step.Object.Name, step.Object.Namespace, strings.Join(v.Path, "."), v.Index, m.Secret, v.Key)
	}
	return text
}
