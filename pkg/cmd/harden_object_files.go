// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package cmd

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/spf13/cobra"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/cli-runtime/pkg/genericiooptions"
	"k8s.io/cli-runtime/pkg/printers"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/evaluate"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/fix"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/plan"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/report"
)

// ObjectFilesRun moves secrets out of objects of dapr.io in manifests.
type ObjectFilesRun struct {
	fix.ObjectFiles
	// Guideline is the one that is closed.
	Guideline *guideline.Guideline
	// Write puts the changes into the files.
	Write bool
	// Output is the value of -o.
	Output string
	Layout report.Options
	// Objects are those that were named.
	Objects []named
	// Where says in words where they were looked for.
	Where string

	findings []evaluate.Judgement

	genericiooptions.IOStreams
}

// toObjectFiles turns what was typed into what a run over manifests needs.
func (f *FixFlags) toObjectFiles(cmd *cobra.Command, args []string) (*ObjectFilesRun, error) {
	g, typed, err := f.Harden.Objects.guideline(cmd, args, f.Output)
	if err != nil {
		return nil, err
	}
	changed := cmd.Flags().Changed
	if err := errors.Join(f.possibleInFiles(cmd), f.Harden.Secrets.possible(changed)); err != nil {
		return nil, err
	}
	o := &ObjectFilesRun{Guideline: g, Write: f.Files.Write, Output: f.Output, IOStreams: f.IOStreams}
	if o.Objects, err = namedInFiles(typed); err != nil {
		return nil, err
	}
	if o.Reader, err = f.manifests(changed); err != nil {
		return nil, err
	}
	if o.Secrets, err = f.Harden.Secrets.file(changed, f); err != nil {
		return nil, err
	}
	o.Plan = plan.Options{
		Guidelines: []*guideline.Guideline{g}, Named: []string{g.ID},
		Evaluation: evaluate.Options{Scopes: []guideline.Scope{guideline.Apps}, Known: guidelineNames()},
	}
	o.Where, o.Change = where(o.Reader), o.change
	o.Layout.Width, o.Layout.Color = terminal(f.Out)
	return o, nil
}

// change says what becomes of the objects that were asked for.
func (o *ObjectFilesRun) change(before *evaluate.Evaluation) (func(*unstructured.Unstructured) *plan.ObjectStep, error) {
	var err error
	if o.findings, err = findingsOf(before, o.Guideline, o.Objects, o.Where); err != nil {
		return nil, err
	}
	move := moves(o.findings)
	return func(object *unstructured.Unstructured) *plan.ObjectStep {
		found := func(j evaluate.Judgement) bool { return j.Object == objectNamed(object) }
		if !slices.ContainsFunc(o.findings, found) {
			return nil
		}
		step := move(object)
		return &step
	}, nil
}

// Run shows the plan, writes it where that was asked for, and says by its error how it
// ended.
func (o *ObjectFilesRun) Run(ctx context.Context) error {
	p, err := o.Prepare(ctx)
	if err != nil {
		return err
	}
	planned := &report.PlannedObjects{Steps: p.Steps, Left: leftOf(o.findings, p.Steps), After: []string{rotate}}
	if err := o.show(p, planned); err != nil {
		return err
	}
	ready := func(s plan.ObjectStep) bool { return s.State == plan.Ready }
	switch {
	case !slices.ContainsFunc(p.Steps, ready):
		return whole(p.Broken, unwritten(planned, nil))
	case !o.Write:
		return whole(p.Broken, errPending)
	}
	if err := o.write(ctx, p); err != nil {
		return errors.Join(p.Broken, err)
	}
	return whole(p.Broken, unwritten(planned, nil))
}

// show writes the plan: as patches, or as a diff of the files and what that does.
func (o *ObjectFilesRun) show(p *fix.PreparedObjectFiles, planned *report.PlannedObjects) error {
	var err error
	if o.Output == "yaml" || o.Output == "json" {
		tellUnprintedObjects(o.ErrOut, planned)
		err = report.ObjectPatches(o.Out, planned, o.Output == "json")
	} else {
		var files []report.EditedFile
		for _, e := range p.Edits {
			files = append(files, report.EditedFile{Name: e.Name, Text: e.Content, Next: e.Next})
		}
		err = report.ObjectFiles(o.Out, planned, files, o.Layout)
	}
	if err != nil {
		return fmt.Errorf("cannot write the plan: %w", err)
	}
	return nil
}

// write writes the Secrets, and then the files that refer to them. One that cannot be
// written does not keep the others: the Secrets hold its values as well.
func (o *ObjectFilesRun) write(ctx context.Context, p *fix.PreparedObjectFiles) error {
	if len(p.Secrets) > 0 {
		if err := o.Secrets.Write(p.Secrets); err != nil {
			return fmt.Errorf("no manifest was written: %w", err)
		}
		fmt.Fprintln(o.ErrOut, wroteSecrets(o.Secrets))
	}
	var errs []error
	wrote := 0
	for i := range p.Edits {
		if err := ctx.Err(); err != nil {
			errs = append(errs, err)
			break
		}
		if err := p.Edits[i].Write(); err != nil {
			errs = append(errs, err)
			continue
		}
		wrote++
		fmt.Fprintln(o.ErrOut, printers.EscapeTerminal("Wrote "+p.Edits[i].Name))
	}
	out := o.Out
	if o.Output == "yaml" || o.Output == "json" {
		out = o.ErrOut
	}
	fmt.Fprintf(out, "%d of %s written.\n", wrote, count(len(p.Edits), "file"))
	if len(errs) > 0 {
		return errors.Join(errs...)
	}
	tellTallies(out, p.Before, p.After)
	return nil
}
