// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package cmd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/spf13/cobra"
	"k8s.io/cli-runtime/pkg/printers"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/catalogue"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/plan"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/report"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/sizing"
)

// ApplyFlags say where recommendations go: into the cluster, or into manifests.
type ApplyFlags struct {
	Do                 bool
	AllowLowConfidence bool
	WriteFlags
	Files ManifestFlags
}

// AddFlags declares the flags.
func (f *ApplyFlags) AddFlags(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.BoolVar(&f.Do, "apply", f.Do, "Give the sidecars what is recommended: the plan is shown, tried by the server, and written as fix writes.")
	flags.BoolVar(&f.AllowLowConfidence, "allow-low-confidence", f.AllowLowConfidence, "Write recommendations that rest on little, too.")
	f.WriteFlags.AddFlags(cmd)
	f.Files.addSources(cmd, "Filename, directory, or URL of manifests to put the numbers into; - for standard input.")
	flags.BoolVar(&f.Files.Write, "write", f.Files.Write, "Write the numbers into the files of -f, without asking.")
}

// ofApply are the flags that mean nothing where nothing is written, and ofPlans those
// where there is no plan either.
var (
	ofApply = []string{"yes", "journal", "max-parallel", "timeout"}
	ofPlans = []string{"dry-run", "allow-low-confidence", "force-conflicts", "include-managed", "allow-unproven"}
)

// asDiff is the value of -o that shows the plan.
const asDiff = "diff"

// runner turns what was typed into what runs it: numbers are shown, planned for a
// cluster, or for manifests.
func (f *SizingFlags) runner(cmd *cobra.Command, args []string) (runner, error) {
	changed := cmd.Flags().Changed
	if f.Services.Do {
		return f.toServices(cmd, args)
	}
	if err := f.withoutServices(changed); err != nil {
		return nil, err
	}
	if changed("filename") {
		return f.toFiles(cmd, args)
	}
	refused := []flagReason{{"recursive", "-R goes with -f DIRECTORY"}, {"write", "--write goes with -f: --apply writes to the cluster"}}
	for _, name := range ofApply {
		if !f.Apply.Do {
			refused = append(refused, flagReason{name, fmt.Sprintf("--%s goes with --apply: without it nothing is written", name)})
		}
	}
	for _, name := range ofPlans {
		if !f.Apply.Do && f.Output != asDiff {
			refused = append(refused, flagReason{name, fmt.Sprintf("--%s goes with --apply: without it nothing is written", name)})
		}
	}
	for _, flag := range refused {
		if changed(flag.name) {
			return nil, errors.New(flag.why)
		}
	}
	if f.Apply.Do || f.Output == asDiff {
		return f.toApply(cmd, args)
	}
	return f.ToOptions(cmd.Context(), changed, args)
}

// planOutput refuses values of -o that show no plan. A folder of patches is none of them:
// the numbers change with what is measured.
func (f *SizingFlags) planOutput() error {
	names := slices.DeleteFunc(planOutputs.names(), func(name string) bool { return name == asComponent })
	if f.Output != "" && !slices.Contains(names, f.Output) {
		return oneOf("-o, beside --apply and -f,", f.Output, names)
	}
	return nil
}

// measuring is what sizing needs where its numbers are planned with, and not shown: -o
// is for the plan.
func (f *SizingFlags) measuring(ctx context.Context, changed func(string) bool, args []string) (*SizingOptions, error) {
	alone := *f
	alone.Output = ""
	o, err := alone.ToOptions(ctx, changed, args)
	if err != nil {
		return nil, err
	}
	o.Planned = true
	return o, nil
}

// SizingApply is what sizing needs to carry its recommendations out.
type SizingApply struct {
	*SizingOptions
	// Writing is the run that follows: a fix by a guideline that is made of them.
	Writing            WriteRun
	AllowLowConfidence bool

	scope fixScope
}

// toApply turns what was typed into what is needed to plan for the cluster, and to write.
func (f *SizingFlags) toApply(cmd *cobra.Command, args []string) (*SizingApply, error) {
	if err := f.planOutput(); err != nil {
		return nil, err
	}
	run, err := f.Apply.toRun(cmd, args, f.Output, f.IOStreams)
	if err != nil {
		return nil, err
	}
	o := &SizingApply{AllowLowConfidence: f.Apply.AllowLowConfidence, Writing: run}
	if o.SizingOptions, err = f.measuring(cmd.Context(), cmd.Flags().Changed, args); err != nil {
		return nil, err
	}
	reader := o.Reader
	o.scope = scopeOf(nil, reader.Namespace, true)
	reader.Reads, reader.OnlyHere = o.scope.reads()
	o.Writing.DryRun = run.DryRun || !f.Apply.Do
	o.Writing.Objects, o.Writing.Seen = o.Objects, true
	return o, o.Writing.connect(reader)
}

// Run measures, recommends, and carries that out as fix does.
func (o *SizingApply) Run(ctx context.Context) error {
	s, err := o.prepare(ctx)
	if err != nil || len(s.Apps) == 0 {
		return err
	}
	tellSource(o.Writing.sentences(), o.report(s))
	if err := ctx.Err(); err != nil {
		return err // a watch that was ended early is enough to look at, and not to write by
	}
	o.Writing.Plan = o.plan(o.scope, s, o.AllowLowConfidence)
	return o.Writing.Run(ctx)
}

// plan asks for what is recommended, beside everything that judges apps: it must not
// break what they ask for.
func (o *SizingOptions) plan(scope fixScope, s *sized, allowLow bool) plan.Options {
	var all []sizing.Recommendation
	for i := range s.Rows {
		all = append(all, s.Rows[i].Recommendation)
	}
	g := catalogue.Sizing(all, catalogue.SizingOptions{MinChange: o.MinChange, AllowLowConfidence: allowLow})
	scope.guidelines = append(scope.guidelines, g)
	return planOptions([]string{g.ID}, scope, o.Objects)
}

// tellSource says where the numbers come from.
func tellSource(w io.Writer, r *report.Sizing) {
	fmt.Fprintln(w, printers.EscapeTerminal(r.Source))
	for _, warning := range r.Warnings {
		fmt.Fprintln(w, printers.EscapeTerminal("! "+warning))
	}
}
