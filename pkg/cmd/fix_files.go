// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package cmd

import (
	"context"
	"errors"
	"fmt"
	"io"

	"k8s.io/cli-runtime/pkg/genericiooptions"
	"k8s.io/cli-runtime/pkg/printers"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/fix"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/plan"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/report"
)

// FixFiles is what a fix of manifests needs to run.
type FixFiles struct {
	fix.Files
	// Write puts the changes into the files.
	Write bool
	// Print writes the plan; nil writes it as a diff of the files.
	Print planPrinter
	// Patch tells that Print writes patches, of which something may be missing.
	Patch  bool
	Layout report.Options
	// Objects are the apps that were named.
	Objects []named
	// Where says in words where apps were looked for.
	Where string
	// Values is what becomes of values of Dapr's chart in the same input.
	Values *ValuesFiles

	genericiooptions.IOStreams
}

// Run shows the plan, writes it where that was asked for, and says by its error how it
// ended.
func (o *FixFiles) Run(ctx context.Context) error {
	p, err := o.Prepare(ctx)
	if err != nil {
		return err
	}
	texts, err := o.Values.beside(p.Values)
	if err != nil {
		return err
	}
	if len(texts) == 0 {
		return o.manifests(ctx, p)
	}
	var first error
	if len(p.Before.Apps) > 0 || len(o.Objects) > 0 || p.Broken != nil {
		first = o.manifests(ctx, p)
		if o.Values.Print {
			fmt.Fprintln(o.Out)
		}
	}
	return worse(first, o.Values.fix(ctx, texts))
}

// worse is how two parts of a run ended: what failed, or that something is pending.
func worse(a, b error) error {
	switch {
	case a == nil, errors.Is(a, errPending) && b != nil:
		return b
	case b == nil, errors.Is(b, errPending):
		return a
	default:
		return errors.Join(a, b)
	}
}

// manifests shows and writes what becomes of manifests.
func (o *FixFiles) manifests(ctx context.Context, p *fix.PreparedFiles) error {
	if err := o.known(p); err != nil || p.Broken != nil && len(p.Before.Apps) == 0 {
		return errors.Join(p.Broken, err)
	}
	if err := o.show(p); err != nil {
		return err
	}
	ready := plan.Steps(p.Steps, plan.Ready)
	switch {
	case len(ready) == 0:
	case !o.Write:
		return whole(p.Broken, errPending)
	default:
		if err := o.write(ctx, p); err != nil {
			return errors.Join(p.Broken, err)
		}
	}
	return whole(p.Broken, pending(&p.Prepared, ready))
}

// whole is how a run ended, unless part of the input could not be read.
func whole(broken, end error) error {
	if broken != nil {
		return broken
	}
	return end
}

// known tells of the apps that were named and are none.
func (o *FixFiles) known(p *fix.PreparedFiles) error {
	for _, n := range o.Objects {
		found := false
		for _, app := range p.Before.Apps {
			found = found || n.is(app.Object)
		}
		if !found {
			return fmt.Errorf("%s is no Dapr app %s: %s check --show=apps -f lists them", n.typed, o.Where, displayName)
		}
	}
	if len(p.Before.Apps) == 0 && p.Broken == nil {
		fmt.Fprintf(o.ErrOut, "There is no Dapr app %s.\n", o.Where)
	}
	return nil
}

func (o *FixFiles) show(p *fix.PreparedFiles) error {
	planned := &report.Planned{Plan: p.Plan, Steps: p.Steps}
	var err error
	if o.Print != nil {
		err = o.Print(o.Out, planned, o.Layout)
	} else {
		var files []report.EditedFile
		for _, e := range p.Edits {
			files = append(files, report.EditedFile{Name: e.Name, Text: e.Content, Next: e.Next, Steps: e.Steps})
		}
		err = report.Files(o.Out, planned, files, o.Layout)
	}
	if err != nil {
		return fmt.Errorf("cannot write the plan: %w", err)
	}
	if o.Patch {
		tellUnprinted(o.ErrOut, planned)
	}
	return nil
}

// sentences is where a run says what became of it: standard output is for patches.
func (o *FixFiles) sentences() io.Writer {
	if o.Print != nil {
		return o.ErrOut
	}
	return o.Out
}

// write writes the files, and says what became of them. One that cannot be written
// does not keep the others.
func (o *FixFiles) write(ctx context.Context, p *fix.PreparedFiles) error {
	if len(p.Secrets) > 0 {
		if err := o.Secrets.Write(p.Secrets); err != nil {
			return fmt.Errorf("no manifest was written: %w", err)
		}
		fmt.Fprintln(o.ErrOut, wroteSecrets(o.Secrets))
	}
	var errs []error
	written, all := 0, 0
	for i := range p.Edits {
		e := &p.Edits[i]
		all += len(e.Steps)
		if err := ctx.Err(); err != nil {
			errs = append(errs, err)
			break
		}
		if err := e.Write(); err != nil {
			errs = append(errs, err)
			continue
		}
		written += len(e.Steps)
		fmt.Fprintln(o.ErrOut, printers.EscapeTerminal("Wrote "+e.Name))
	}
	out := o.sentences()
	fmt.Fprintf(out, "%d of %d changes written.\n", written, all)
	if len(errs) > 0 {
		return errors.Join(errs...)
	}
	tellTallies(out, p.Before, p.After)
	return nil
}
