// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package cmd

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"k8s.io/cli-runtime/pkg/printers"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/apply"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/evaluate"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/fix"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/plan"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/report"
)

// errPending says that something is left to do; the plan has said what.
var errPending = errFindings

// Run shows the plan, asks, writes it, and says by its error how it ended.
func (o *FixOptions) Run(ctx context.Context) error {
	if o.Revert != "" {
		return o.revert(ctx)
	}
	p, err := o.Prepare(ctx)
	if err != nil {
		return err
	}
	if err := o.known(p); err != nil {
		return err
	}
	if err := o.show(p); err != nil {
		return err
	}
	if o.OutputDir != "" {
		return o.writeComponent(p)
	}
	steps := o.writable(p)
	switch {
	case len(steps) == 0:
		return pending(p, steps)
	case o.DryRun:
		return errPending
	}
	if agreed, err := o.agree(ctx, fmt.Sprintf("Write %s?", count(len(steps), "change"))); err != nil || !agreed {
		return err
	}
	return o.write(ctx, p, steps)
}

// known tells of the apps that were named and are none.
func (o *FixOptions) known(p *fix.Prepared) error {
	apps := p.Before.Apps
	for _, n := range o.Objects {
		found := false
		for _, app := range apps {
			found = found || n.is(app.Object)
		}
		if !found {
			return fmt.Errorf("%s is no Dapr app in namespace %s: %s check --show=apps lists them", n.typed, o.Reader.Namespace, displayName)
		}
	}
	if len(apps) == 0 && o.aboutApps() {
		fmt.Fprintf(o.ErrOut, "There is no Dapr app %s.\n", o.Where)
	}
	return nil
}

// aboutApps tells whether anything that is asked for is done to apps.
func (o *FixOptions) aboutApps() bool {
	return len(o.Plan.Named) == 0 || slices.ContainsFunc(o.Plan.Guidelines, func(g *guideline.Guideline) bool {
		return g.Mend != nil && slices.Contains(o.Plan.Named, g.ID)
	})
}

func (o *FixOptions) show(p *fix.Prepared) error {
	planned := &report.Planned{Plan: p.Plan, Steps: p.Steps}
	if free, known := plan.Free(p.Before.Snapshot); known {
		planned.Free = &free
	}
	if err := o.Print(o.Out, planned, o.Layout); err != nil {
		return fmt.Errorf("cannot write the plan: %w", err)
	}
	if o.Patch {
		for _, sentence := range report.Unprinted(planned) {
			fmt.Fprintln(o.ErrOut, sentence)
		}
	}
	return nil
}

// writable are the steps that a run may write.
func (o *FixOptions) writable(p *fix.Prepared) []*plan.Step {
	var all []*plan.Step
	for i := range p.Steps {
		step := &p.Steps[i]
		if step.State == plan.Ready || step.State == plan.Unproven && o.AllowUnproven {
			all = append(all, step)
		}
	}
	return all
}

// pending tells whether a plan holds more than is written.
func pending(p *fix.Prepared, written []*plan.Step) error {
	if len(p.Steps) > len(written) || len(p.Dropped) > 0 {
		return errPending
	}
	return nil
}

// count is a number of things, in words: "1 change", "2 changes".
func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// agree asks whether to go on, unless that was said already.
func (o *FixOptions) agree(ctx context.Context, question string) (bool, error) {
	switch {
	case o.Yes:
		return true, nil
	case !o.Terminal:
		fmt.Fprintln(o.ErrOut, "Nothing is written: without a terminal to ask on, --yes is needed.")
		return false, errPending
	}
	fmt.Fprintf(o.Out, "%s (y/N): ", question)
	answer := make(chan string, 1)
	go func() {
		line, _ := bufio.NewReader(o.In).ReadString('\n') // an end without a line is a no
		answer <- strings.ToLower(strings.TrimSpace(line))
	}()
	select {
	case <-ctx.Done():
		return false, ctx.Err()
	case a := <-answer:
		if a == "y" || a == "yes" {
			return true, nil
		}
	}
	fmt.Fprintln(o.ErrOut, "Nothing is written.")
	return false, errPending
}

// write writes the steps, and says what became of them.
func (o *FixOptions) write(ctx context.Context, p *fix.Prepared, steps []*plan.Step) error {
	journal, err := o.openJournal(ctx)
	if err != nil {
		return err
	}
	defer journal.Close()
	fmt.Fprintf(o.ErrOut, "Journal: %s\n", journal.Path())
	var errs []error
	wrote, waiting := 0, 0
	for _, w := range o.Execute(ctx, steps, journal) {
		switch {
		case w.Err == nil:
			wrote++
		case errors.Is(w.Err, fix.ErrNotBegun):
			waiting++
		case errors.Is(w.Err, fix.ErrNothingLeft):
		default:
			errs = append(errs, fmt.Errorf("%s: %s", w.App, unfinished(w.Err)))
		}
	}
	fmt.Fprintf(o.Out, "%d of %d changes written and seen to hold%s.\n", wrote, len(steps), notBegun(waiting))
	if ctx.Err() != nil {
		// That it was interrupted is all that is said at the end.
		for _, err := range errs {
			fmt.Fprintln(o.ErrOut, printers.EscapeTerminal(err.Error()))
		}
		errs = append(errs, ctx.Err())
	}
	if len(errs) > 0 {
		fmt.Fprintf(o.ErrOut, "To take back what was written: %s fix --revert %s\n", displayName, journal.Path())
		return errors.Join(errs...)
	}
	if err := o.compare(ctx, p.Before); err != nil {
		return err
	}
	return pending(p, steps)
}

// unfinished is why a change is not known to be done.
func unfinished(err error) string {
	var unknown *apply.UnknownError
	if errors.As(err, &unknown) {
		return sentence(unknown.Err) + "; whether it was written is not known, and running it again finds out"
	}
	return sentence(err)
}

// notBegun is the end of a sentence about a run that was stopped.
func notBegun(n int) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprintf(", %d not begun", n)
}

// compare prints the tally before and after.
func (o *FixOptions) compare(ctx context.Context, before *evaluate.Evaluation) error {
	s, err := o.Reader.Read(ctx)
	if err != nil {
		return err
	}
	after := evaluate.Run(s, o.Plan.Guidelines, o.Plan.Evaluation)
	for _, t := range []struct {
		word string
		of   *evaluate.Evaluation
	}{{"before", before}, {"after", after}} {
		fmt.Fprintf(o.Out, "%-7s %s\n", t.word, tallyOf(t.of))
	}
	return nil
}

// tallyOf counts what falls short.
func tallyOf(e *evaluate.Evaluation) string {
	count := map[guideline.Severity]int{}
	for _, j := range e.Judgements {
		if j.Outcome == guideline.Failed {
			count[j.Severity]++
		}
	}
	return fmt.Sprintf("%d errors, %d warnings, %d info", count[guideline.Error], count[guideline.Warning], count[guideline.Info])
}
