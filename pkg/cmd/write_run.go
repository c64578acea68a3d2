// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package cmd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"k8s.io/cli-runtime/pkg/genericiooptions"
	"k8s.io/cli-runtime/pkg/printers"
	"k8s.io/client-go/kubernetes"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/apply"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/catalogue"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/collect"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/evaluate"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/fix"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/journal"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/plan"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/report"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/rollout"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/sidecar"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// errPending says that something is left to do; the plan has said what.
var errPending = errFindings

// WriteRun is a run that plans changes of workloads, shows them, and writes them.
type WriteRun struct {
	fix.Runner
	// AllowUnproven writes what could not be proven, too.
	AllowUnproven bool
	Print         planPrinter
	// Patch tells that Print writes patches, of which something may be missing.
	Patch bool
	// Machine tells that what Print writes is for other programs.
	Machine bool
	Layout  report.Options
	// DryRun shows the plan and ends.
	DryRun bool
	Yes    bool
	// Terminal tells that somebody can be asked.
	Terminal bool
	// Journal is the file to note the run down in; empty for a new one.
	Journal string
	// Objects are the apps that were named.
	Objects []named
	// Where says in words where apps were looked for.
	Where string
	// Seen tells that it was said already which apps there are.
	Seen bool
	// Values are shown with the plan, and are not written by this run; nil for none.
	Values *plan.ValuesPlan
	// journal is the one that is open, and goesOn tells that more is to stand in it.
	journal *journal.Journal
	goesOn  bool

	genericiooptions.IOStreams
}

// connect gives a run the cluster that it reads and writes.
func (o *WriteRun) connect(reader collect.Live) (err error) {
	o.Reader, o.Where = reader, where(reader)
	if o.Client, err = apply.NewClient(reader.Config); err != nil {
		return err
	}
	if o.Rollouts, err = rollout.New(reader.Config); err != nil {
		return err
	}
	o.Core, err = kubernetes.NewForConfig(reader.Config)
	return err
}

// Run shows the plan, asks, writes it, and says by its error how it ended.
func (o *WriteRun) Run(ctx context.Context) error {
	p, err := o.shown(ctx)
	if err != nil {
		return err
	}
	steps := plan.Writable(p.Steps, o.AllowUnproven)
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

// shown makes the plan and shows it.
func (o *WriteRun) shown(ctx context.Context) (*fix.Prepared, error) {
	p, err := o.Prepare(ctx)
	if err != nil {
		return nil, err
	}
	if err := o.known(p); err != nil {
		return nil, err
	}
	return p, o.show(p)
}

// known tells of the apps that were named and are none, and of those that may not have
// been seen. Where none is seen that is an error unless all were looked at.
func (o *WriteRun) known(p *fix.Prepared) error {
	if o.Seen || !o.aboutApps() {
		return namedSeen(p.Before, o.Objects, o.Reader.Namespace)
	}
	return appsSeen(o.ErrOut, p.Before, o.Objects, o.Reader.Namespace, o.Where)
}

// namedSeen tells of the apps that were named and are none.
func namedSeen(e *evaluate.Evaluation, objects []named, namespace string) error {
	for _, n := range objects {
		if slices.ContainsFunc(e.Apps, func(app *guideline.App) bool { return n.is(app.Object) }) {
			continue
		}
		for _, gap := range unseen(e.Snapshot) {
			if gap.Resource == n.resource {
				return fmt.Errorf("%s was not seen: %s", n.typed, gap)
			}
		}
		return fmt.Errorf("%s is no Dapr app in namespace %s: %s check -n %s --show=apps lists them", n.typed, namespace, displayName, namespace)
	}
	return nil
}

// appsSeen tells of the apps that were named and are none, and of those that may not
// have been seen. where says in words where they were looked for.
func appsSeen(w io.Writer, e *evaluate.Evaluation, objects []named, namespace, where string) error {
	if err := namedSeen(e, objects, namespace); err != nil {
		return err
	}
	switch unseen := unseen(e.Snapshot); {
	case len(e.Apps) == 0 && len(unseen) > 0:
		return nothingJudged(unseen[0])
	case len(e.Apps) == 0:
		fmt.Fprintf(w, "There is no Dapr app %s.\n", where)
	case len(unseen) > 0 && len(objects) == 0:
		fmt.Fprintf(w, "There may be more apps: %s.\n", unseen[0])
	}
	return nil
}

// unseen are the lists of workloads that were not to be had, so that apps may be
// missing; Deployments come first.
func unseen(s *snapshot.Snapshot) []snapshot.Gap {
	var gaps []snapshot.Gap
	for _, read := range snapshot.Apps() {
		for _, gap := range s.Gaps {
			if gap.Resource == read.Resource && gap.Place == read.Place && gap.Reason != snapshot.Unserved {
				gaps = append(gaps, gap)
			}
		}
	}
	return gaps
}

// aboutApps tells whether anything that is asked for is done to apps.
func (o *WriteRun) aboutApps() bool {
	return len(o.Plan.Named) == 0 || slices.ContainsFunc(o.Plan.Guidelines, func(g *guideline.Guideline) bool {
		return g.Mend != nil && slices.Contains(o.Plan.Named, g.ID)
	})
}

func (o *WriteRun) show(p *fix.Prepared) error {
	planned := &report.Planned{
		Plan: p.Plan, Steps: p.Steps, AllowUnproven: o.AllowUnproven, Unknown: o.unknown(p.Before), Untried: o.ClientOnly, Values: o.Values,
	}
	if free, known := plan.Free(p.Before.Snapshot); known {
		planned.Free = &free
	}
	if err := o.Print(o.Out, planned, o.Layout); err != nil {
		return fmt.Errorf("cannot write the plan: %w", err)
	}
	tellSkipped(o.ErrOut, p.Before, o.Objects, o.Plan)
	if o.Patch {
		tellUnprinted(o.ErrOut, planned)
	}
	if len(o.Plan.Named) == 0 && o.Plan.Restricted && slices.ContainsFunc(p.Before.Apps, keepsCapabilities) {
		fmt.Fprintf(o.ErrOut, "Sidecars drop their capabilities by a value of Dapr's chart, which is for all apps: %s harden sidecar-seccomp --profile %s shows it.\n", displayName, restricted)
	}
	if len(o.Plan.Named) == 0 && o.Plan.Hardens && o.Reader.Namespace == "" && len(o.Objects) == 0 {
		fmt.Fprintf(o.ErrOut, "The control plane is for whoever runs Dapr: %s harden %s shows what is open there, and the values that close it.\n", displayName, strings.Join(ofControlPlanes(), " "))
	}
	return nil
}

// ofControlPlanes are the guidelines that harden closes for a whole installation where
// they are named; that of seccomp is said by itself.
func ofControlPlanes() []string {
	var all []string
	for _, g := range catalogue.All() {
		if g.ClosedBy(true) && shownAsValues(g) && g.ID != seccompGuideline {
			all = append(all, g.ID)
		}
	}
	return all
}

// keepsCapabilities tells whether the injector lets the sidecar of an app keep them.
func keepsCapabilities(app *guideline.App) bool {
	return app.Sidecar.Simulation.State == sidecar.Injected && !app.Injector.DropAllCapabilities
}

// unknown counts what could not be judged of what was asked about.
func (o *WriteRun) unknown(before *evaluate.Evaluation) int {
	n := 0
	for _, j := range before.Judgements {
		wanted := o.Plan.Wanted == nil || o.Plan.Wanted(j.Object)
		if j.Outcome == guideline.Unjudged && wanted && (len(o.Plan.Named) == 0 || slices.Contains(o.Plan.Named, j.Guideline.ID)) {
			n++
		}
	}
	return n
}

// sentences is where a run says what became of it: below a plan for people, and beside
// one for other programs.
func (o *WriteRun) sentences() io.Writer {
	if o.Machine {
		return o.ErrOut
	}
	return o.Out
}

// pending tells whether a plan holds more than is written, or may miss something that the
// next run sees: a list that failed.
func pending(p *fix.Prepared, written []*plan.Step) error {
	missed := func(gap snapshot.Gap) bool { return gap.Reason == snapshot.Failed }
	if len(p.Steps) > len(written) || len(p.Dropped) > 0 || slices.ContainsFunc(unseen(p.Before.Snapshot), missed) {
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

// agree asks whether to write.
func (o *WriteRun) agree(ctx context.Context, question string) (bool, error) {
	return asker{Yes: o.Yes, Terminal: o.Terminal, In: o.In, Out: o.sentences(), ErrOut: o.ErrOut}.agree(ctx, question)
}

// write writes the steps, and says what became of them.
func (o *WriteRun) write(ctx context.Context, p *fix.Prepared, steps []*plan.Step) error {
	journal, err := o.openJournal(ctx)
	if err != nil {
		return err
	}
	defer o.closeJournal()
	done := o.Execute(ctx, steps, journal)
	progressOf(o.ErrOut).end()
	fmt.Fprintln(o.sentences(), outcome(done))
	errs := failures(done)
	if ctx.Err() != nil {
		// That it was interrupted is all that is said at the end.
		for _, err := range errs {
			fmt.Fprintln(o.ErrOut, printers.EscapeTerminal(err.Error()))
		}
		errs = []error{ctx.Err()}
	} else if err := o.compare(ctx, p.Before); err != nil && len(errs) == 0 {
		return err
	}
	if len(errs) > 0 {
		return errors.Join(errs...)
	}
	return pending(p, steps)
}

// command is the one that takes a run back: the one that ran, if it can.
func (o *WriteRun) command() string {
	if o.Plan.Hardens {
		return "harden"
	}
	return "fix"
}

// command is the one that was typed.
func (f *FixFlags) command() string {
	if f.Harden != nil {
		return "harden"
	}
	return "fix"
}

// outcome counts what became of steps, in words.
func outcome(all []fix.Written) string {
	wrote, later, waiting := 0, 0, 0
	for _, w := range all {
		switch {
		case w.Err == nil && w.Pending != "":
			wrote++
			later++
		case w.Err == nil:
			wrote++
		case errors.Is(w.Err, fix.ErrNotBegun):
			waiting++
		}
	}
	text := fmt.Sprintf("%d of %d changes written and seen to hold", wrote, len(all))
	if later > 0 {
		text += fmt.Sprintf(", but for %d that no Pod follows yet", later)
	}
	if waiting > 0 {
		text += fmt.Sprintf(", %d not begun", waiting)
	}
	return text + "."
}

// failures are why steps are not known to be done.
func failures(all []fix.Written) []error {
	var errs []error
	for _, w := range all {
		if w.Err != nil && !errors.Is(w.Err, fix.ErrNotBegun) && !errors.Is(w.Err, fix.ErrNothingLeft) {
			errs = append(errs, fmt.Errorf("%s: %s", w.App, unfinished(w.Err)))
		}
	}
	return errs
}

// unfinished is why a change is not known to be done.
func unfinished(err error) string {
	var unknown *apply.UnknownError
	if errors.As(err, &unknown) {
		return sentence(unknown.Err) + "; whether it was written is not known, and running it again finds out"
	}
	return sentence(err)
}

// compare prints the tally before and after.
func (o *WriteRun) compare(ctx context.Context, before *evaluate.Evaluation) error {
	s, err := o.Reader.Read(ctx)
	if err != nil {
		return err
	}
	after := evaluate.Run(s, o.Plan.Guidelines, o.Plan.Evaluation)
	tellTallies(o.sentences(), before, after)
	return nil
}

// tellUnprinted says what patches leave out.
func tellUnprinted(w io.Writer, p *report.Planned) {
	for _, sentence := range report.Unprinted(p) {
		fmt.Fprintln(w, printers.EscapeTerminal(sentence))
	}
}

// tellTallies says what falls short before and after.
func tellTallies(w io.Writer, before, after *evaluate.Evaluation) {
	fmt.Fprintf(w, "%-7s %s\n%-7s %s\n", "before", tallyOf(before), "after", tallyOf(after))
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
