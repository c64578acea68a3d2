// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package cmd

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/fix"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/overlay"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/plan"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/report"
)

// outputDir refuses a folder without patches for it, and patches without a folder.
func (f *FixFlags) outputDir() error {
	switch {
	case f.Output == asComponent && f.OutputDir == "":
		return errors.New("-o kustomize writes a folder: name it with --output-dir")
	case f.Output != asComponent && f.OutputDir != "":
		return errors.New("--output-dir is the folder for -o kustomize: add that, or leave it out")
	}
	return nil
}

// component opens the folder that patches of live objects are written to.
func (f *FixFlags) component(o *FixOptions) (err error) {
	if err := f.outputDir(); err != nil || f.OutputDir == "" {
		return err
	}
	if f.Yes {
		return errors.New("--yes does not go with -o kustomize, which writes a folder, and nothing to the cluster")
	}
	o.OutputDir = f.OutputDir
	o.Component, err = overlay.OpenComponent(f.OutputDir)
	return err
}

// Run takes a run back, writes a folder, or shows the plan, asks and writes it, and says
// by its error how it ended.
func (o *FixOptions) Run(ctx context.Context) error {
	switch {
	case o.RevertFrom != "":
		return o.revert(ctx)
	case o.OutputDir == "":
		return o.WriteRun.Run(ctx)
	}
	p, err := o.shown(ctx)
	if err != nil {
		return err
	}
	return o.writeComponent(p)
}

// writeComponent writes the steps of a plan into the folder: those of objects that
// somebody else writes as well, for whom it may be.
func (o *FixOptions) writeComponent(p *fix.Prepared) error {
	wanted := 0
	for i := range p.Steps {
		step := &p.Steps[i]
		if step.State == plan.Refused {
			continue
		}
		fields, printed := patchOf(step)
		if !printed {
			continue // which the plan says
		}
		wanted++
		if step.Creation != nil {
			o.Component.Resource(fields, overlay.Reasons(step.Change)...)
		} else {
			o.Component.Patch(fields, overlay.Reasons(step.Change)...)
		}
	}
	for _, sentence := range report.Unprinted(&report.Planned{Plan: p.Plan, Steps: p.Steps}) {
		fmt.Fprintln(o.ErrOut, sentence)
	}
	if wanted == 0 {
		return pending(p, nil)
	}
	written, err := overlay.WriteComponent(o.OutputDir, o.Component)
	tellWritten(o.Out, written, o.OutputDir)
	if err != nil {
		return err
	}
	return errPending
}

// patchOf is a step as a Component holds it, and whether anything is left of it without
// what may be secret.
func patchOf(step *plan.Step) (fields map[string]any, printed bool) {
	printed = step.Creation != nil
	for _, a := range step.Annotations {
		printed = printed || report.Printed(a)
	}
	return step.Patch(report.Printed), printed
}

// tellWritten names the files that were written.
func tellWritten(w io.Writer, files []string, dir string) {
	for _, file := range files {
		fmt.Fprintf(w, "%s written\n", file)
	}
	if len(files) == 0 {
		fmt.Fprintf(w, "%s holds that already.\n", dir)
	}
}
