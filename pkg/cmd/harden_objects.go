// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package cmd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/cli-runtime/pkg/printers"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/catalogue"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/daprobject"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/evaluate"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/fix"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/plan"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/report"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// The guidelines that are closed in objects of dapr.io, and not in workloads.
const (
	componentSecrets = "component-secrets"
	componentScopes  = "component-scopes"
)

// rotate is what no program can do for a secret that stood in an object.
const rotate = "rotate what moves: etcd, its backups, Git and the history of Helm hold it as it was, and whoever could read the object knows it"

// ObjectRun is a run that changes objects of dapr.io.
type ObjectRun struct {
	WriteRun
	// Guideline is the one that is closed.
	Guideline *guideline.Guideline
	// Scopes says which apps an object is for; nil where secrets are moved.
	Scopes *scoping
	// Output is the value of -o.
	Output string
}

// Run shows the plan, asks, writes it, and says by its error how it ended.
func (o *ObjectRun) Run(ctx context.Context) error {
	s, err := o.Reader.Read(ctx)
	if err != nil {
		return err
	}
	before := evaluate.Run(s, o.Plan.Guidelines, o.Plan.Evaluation)
	findings, err := o.findings(before)
	if err != nil {
		return err
	}
	gaps := hiddenObjects(s)
	if err := o.objectsSeen(before, gaps); err != nil {
		return err
	}
	planned := &report.PlannedObjects{Untried: o.ClientOnly}
	if len(o.Objects) == 0 {
		planned.Unknown = o.unknown(before)
	}
	runner := &fix.Objects{Client: o.Client, Write: o.Write, ClientOnly: o.ClientOnly, Progress: o.Progress, Change: moves(findings)}
	if o.Scopes != nil {
		if runner.Change, planned.Evidence, err = o.Scopes.change(ctx, before); err != nil {
			return err
		}
	} else {
		planned.After = []string{rotate}
	}
	if planned.Steps, err = runner.Prepare(ctx, o.objectsOf(before, findings)); err != nil {
		return err
	}
	planned.Left = leftOf(findings, planned.Steps)
	if err := o.showObjects(planned); err != nil {
		return err
	}
	ready := slices.ContainsFunc(planned.Steps, func(s plan.ObjectStep) bool { return s.State == plan.Ready })
	switch {
	case !ready:
		return unwritten(planned, gaps)
	case o.DryRun:
		return errPending
	}
	if agreed, err := o.agree(ctx, o.question(planned)); err != nil || !agreed {
		return err
	}
	return o.writeObjects(ctx, runner, planned, before)
}

// hiddenObjects are the kinds of dapr.io that could not be read, though the server has
// them.
func hiddenObjects(s *snapshot.Snapshot) []snapshot.Gap {
	return slices.DeleteFunc(slices.Clone(s.Gaps), func(gap snapshot.Gap) bool {
		return gap.Resource.Group != "dapr.io" || gap.Place != snapshot.InApps || gap.Reason == snapshot.Unserved
	})
}

// objectsSeen says which objects were not looked at. It is an error where no object of the
// guideline was.
func (o *ObjectRun) objectsSeen(before *evaluate.Evaluation, gaps []snapshot.Gap) error {
	if len(gaps) == 0 || len(o.Objects) > 0 {
		return nil
	}
	seen := slices.ContainsFunc(before.Judgements, func(j evaluate.Judgement) bool {
		return j.Guideline.ID == o.Guideline.ID && j.Object.Group() == "dapr.io" && (j.Outcome == guideline.Failed || j.Outcome == guideline.Passed)
	})
	if !seen {
		return nothingJudged(gaps[0])
	}
	for _, gap := range gaps {
		fmt.Fprintf(o.ErrOut, "There may be more objects: %s.\n", gap)
	}
	return nil
}

// findings are the failures that are to be closed.
func (o *ObjectRun) findings(before *evaluate.Evaluation) ([]evaluate.Judgement, error) {
	return findingsOf(before, o.Guideline, o.Objects, "in namespace "+o.Reader.Namespace)
}

// findingsOf are the failures of a guideline, of the objects that were named or of all. An
// object that was named and has none is no error where it is there.
func findingsOf(before *evaluate.Evaluation, g *guideline.Guideline, objects []named, where string) ([]evaluate.Judgement, error) {
	var all []evaluate.Judgement
	seen := map[named]bool{}
	for _, j := range before.Judgements {
		i := slices.IndexFunc(objects, func(n named) bool { return n.is(j.Object) })
		if i >= 0 {
			seen[objects[i]] = true
		}
		if j.Guideline.ID == g.ID && j.Outcome == guideline.Failed && (i >= 0 || len(objects) == 0) {
			all = append(all, j)
		}
	}
	for _, n := range objects {
		if !seen[n] {
			for _, gap := range hiddenObjects(before.Snapshot) {
				if gap.Resource == n.resource {
					return nil, fmt.Errorf("%s was not seen: %s", n.typed, gap)
				}
			}
			return nil, fmt.Errorf("%s was not found %s, or is nothing that %s is about", n.typed, where, g.ID)
		}
	}
	return all, nil
}

// objectsOf are the objects that are looked at, each once: those with a finding or, for
// scopes, those that were named as well.
func (o *ObjectRun) objectsOf(before *evaluate.Evaluation, findings []evaluate.Judgement) []snapshot.Object {
	var all []snapshot.Object
	add := func(object snapshot.Object) {
		if object.Group() == "dapr.io" && !slices.Contains(all, object) {
			all = append(all, object)
		}
	}
	for _, j := range findings {
		add(j.Object)
	}
	if o.Scopes != nil {
		for _, j := range before.Judgements {
			if slices.ContainsFunc(o.Objects, func(n named) bool { return n.is(j.Object) }) {
				add(j.Object)
			}
		}
	}
	return all
}

// objectNamed names an object.
func objectNamed(o *unstructured.Unstructured) snapshot.Object {
	return snapshot.Object{APIVersion: o.GetAPIVersion(), Kind: o.GetKind(), Namespace: o.GetNamespace(), Name: o.GetName()}
}

// moves is what becomes of one object whose secrets move.
func moves(findings []evaluate.Judgement) func(*unstructured.Unstructured) plan.ObjectStep {
	return func(live *unstructured.Unstructured) plan.ObjectStep {
		step := plan.ObjectStep{Move: daprobject.NewMove(live, catalogue.Discloses)}
		for _, j := range findings {
			if j.Object == step.Move.Object && closedBy(step.Move, j) {
				step.Closes = append(step.Closes, j)
			}
		}
		switch {
		case !step.Move.Nothing():
			step.Notes = append(step.Notes, reloads(step.Move.Object))
		case len(step.Move.Stay) > 0:
			step.State, step.Why = plan.Refused, "nothing of it can be moved"
		}
		return step
	}
}

// reloads says what a sidecar does when the object changes.
func reloads(o snapshot.Object) string {
	if o.Kind == "Configuration" {
		return "from Dapr 1.18 on every sidecar that uses it reloads its runtime at once; an earlier one takes it at its next start"
	}
	return "from Dapr 1.18 on sidecars close and open it again at once, with the same value; an earlier one takes it at its next start"
}

// closedBy tells whether a move closes a finding.
func closedBy(m *daprobject.Move, j evaluate.Judgement) bool {
	if m.Copy && !m.CopyLeft && j.Field == daprobject.PathText(daprobject.CopyPath()) {
		return true
	}
	return slices.ContainsFunc(m.Values, func(v daprobject.Value) bool { return v.Place == j.Field })
}

// leftOf are the findings that no step closes, with the reason that the step has.
func leftOf(findings []evaluate.Judgement, steps []plan.ObjectStep) []plan.Left {
	var left []plan.Left
	for _, j := range findings {
		l := plan.Left{Judgement: j, Why: j.Remedy}
		closed := false
		for i := range steps {
			step := &steps[i]
			if step.Object != j.Object {
				continue
			}
			closed = step.Scoping != nil || slices.ContainsFunc(step.Closes, func(c evaluate.Judgement) bool { return c.Field == j.Field && c.Message == j.Message })
			if step.Move == nil {
				continue
			}
			for _, s := range step.Move.Stay {
				closed = closed || s.Place == j.Field // which the step says
			}
		}
		if !closed {
			left = append(left, l)
		}
	}
	return left
}

// showObjects writes the plan.
func (o *ObjectRun) showObjects(p *report.PlannedObjects) error {
	if o.Patch {
		tellUnprintedObjects(o.ErrOut, p)
		return report.ObjectPatches(o.Out, p, o.Output == "json")
	}
	return report.Objects(o.Out, p, o.Layout)
}

// tellUnprintedObjects says what patches do not.
func tellUnprintedObjects(w io.Writer, p *report.PlannedObjects) {
	for _, sentence := range report.UnprintedObjects(p) {
		fmt.Fprintln(w, printers.EscapeTerminal(sentence))
	}
}

// unwritten says by its error how a run ends of which all is written that is ready: what
// was refused is open, and what is left to the owner is not, as where workloads are
// written. A kind that the server failed to list may have more.
func unwritten(p *report.PlannedObjects, gaps []snapshot.Gap) error {
	refused := func(s plan.ObjectStep) bool {
		return s.State != plan.Ready && (s.Move == nil || !s.Move.Nothing())
	}
	missed := func(gap snapshot.Gap) bool { return gap.Reason == snapshot.Failed }
	if slices.ContainsFunc(p.Steps, refused) || slices.ContainsFunc(gaps, missed) {
		return errPending
	}
	return nil
}

// question asks whether to write.
func (o *ObjectRun) question(p *report.PlannedObjects) string {
	n, values := 0, 0
	for i := range p.Steps {
		if step := &p.Steps[i]; step.State == plan.Ready {
			n++
			if step.Move != nil {
				values += len(step.Move.Values)
			}
		}
	}
	if o.Scopes != nil {
		return fmt.Sprintf("Write the scopes of %s?", count(n, "object"))
	}
	return fmt.Sprintf("Move %s of %s?", count(values, "value"), count(n, "object"))
}

// writeObjects writes the steps, and says what became of them.
func (o *ObjectRun) writeObjects(ctx context.Context, runner *fix.Objects, p *report.PlannedObjects, before *evaluate.Evaluation) error {
	journal, err := o.openJournal(ctx)
	if err != nil {
		return err
	}
	defer o.closeJournal()
	done := runner.Execute(ctx, p.Steps, journal)
	wrote := 0
	var errs []error
	for _, w := range done {
		switch {
		case w.Err == nil:
			wrote++
		case !errors.Is(w.Err, fix.ErrNotBegun) && !errors.Is(w.Err, fix.ErrNothingLeft):
			errs = append(errs, fmt.Errorf("%s: %s", w.Object, unfinished(w.Err)))
		}
	}
	fmt.Fprintf(o.sentences(), "%d of %s written.\n", wrote, count(len(done), "object"))
	if ctx.Err() != nil {
		for _, err := range errs {
			fmt.Fprintln(o.ErrOut, printers.EscapeTerminal(err.Error()))
		}
		errs = []error{ctx.Err()}
	} else if err := o.compare(ctx, before); err != nil && len(errs) == 0 {
		return err
	}
	if len(errs) > 0 {
		return errors.Join(errs...)
	}
	return unwritten(p, hiddenObjects(before.Snapshot))
}
