// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package cmd

import (
	"fmt"
	"slices"
	"time"

	"github.com/spf13/cobra"
	"k8s.io/cli-runtime/pkg/genericiooptions"
	"k8s.io/cli-runtime/pkg/printers"
	cmdutil "k8s.io/kubectl/pkg/cmd/util"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/apply"
)

// rolloutTimeout is how long a rollout may take where nobody says otherwise; the
// progress deadline of a Deployment is twice as long.
const rolloutTimeout = 5 * time.Minute

// WriteFlags say how the workloads of a cluster are written. All commands that do have
// them, and mean the same by each.
type WriteFlags struct {
	Yes            bool
	MaxParallel    int
	ForceConflicts bool
	IncludeManaged bool
	AllowUnproven  bool
	Timeout        time.Duration
	Journal        string
}

// NewWriteFlags returns the defaults.
func NewWriteFlags() WriteFlags { return WriteFlags{MaxParallel: 1, Timeout: rolloutTimeout} }

// AddFlags declares the flags, and --dry-run, whose value is asked of the command.
func (f *WriteFlags) AddFlags(cmd *cobra.Command) {
	cmdutil.AddDryRunFlag(cmd)
	flags := cmd.Flags()
	flags.Lookup("dry-run").Usage = `Must be "none", "server", or "client". Show the plan and write nothing: with server every change is tried there, with client the cluster is only read.`
	flags.BoolVar(&f.Yes, "yes", f.Yes, "Write the changes without asking.")
	flags.IntVar(&f.MaxParallel, "max-parallel", f.MaxParallel, "How many workloads of a namespace are restarted at a time.")
	flags.BoolVar(&f.ForceConflicts, "force-conflicts", f.ForceConflicts, "Take fields over from whoever set them, not from kubectl alone.")
	flags.BoolVar(&f.IncludeManaged, "include-managed", f.IncludeManaged, "Write what Helm, Argo CD, Flux or another manager owns as well, who may put it back.")
	flags.BoolVar(&f.AllowUnproven, "allow-unproven", f.AllowUnproven, "Write changes as well that the server could not try.")
	flags.DurationVar(&f.Timeout, "timeout", f.Timeout, "How long to wait for a rollout before the run is stopped.")
	flags.StringVar(&f.Journal, "journal", f.Journal, "The file that the run is noted down in, to be taken back (default: a new one in the user's state folder).")
}

// flagReason is a flag that does not go with something, and why.
type flagReason struct{ name, why string }

// ofWriting are the flags that mean nothing where no cluster is written, and why.
var ofWriting = []flagReason{
	{"yes", "--yes answers a question about a cluster, and with -f none is asked: --write writes the files"},
	{"journal", "--journal does not go with -f: of files it is version control that keeps what was"},
	{"max-parallel", "--max-parallel does not go with -f: nothing is restarted"},
	{"timeout", "--timeout does not go with -f: nothing is restarted"},
	{"force-conflicts", "--force-conflicts does not go with -f: a file has no field managers"},
	{"include-managed", "--include-managed does not go with -f: nobody else writes a file that you name"},
	{"allow-unproven", "--allow-unproven does not go with -f: no server is asked, and all that is written is proven without one"},
}

// possible refuses what no run can be made with.
func (f *WriteFlags) possible(cmd *cobra.Command) error {
	switch {
	case cmd.Flag("journal").Changed && f.Journal == "":
		return namesNoFile("journal")
	case f.MaxParallel < 1:
		return fmt.Errorf("--max-parallel takes no %d: at least one workload is restarted at a time", f.MaxParallel)
	case f.Timeout <= 0:
		return fmt.Errorf("--timeout takes no %s: a rollout needs time, such as 5m", f.Timeout)
	}
	return nil
}

// namesNoFile is the error for a flag with an empty value: a script's variable that is
// not set.
func namesNoFile(flag string) error { return fmt.Errorf("--%s names no file", flag) }

// toRun turns what was typed into what a run needs beside its plan and its cluster, with
// output as the value of -o.
func (f *WriteFlags) toRun(cmd *cobra.Command, args []string, output string, streams genericiooptions.IOStreams) (WriteRun, error) {
	r := WriteRun{AllowUnproven: f.AllowUnproven, Yes: f.Yes, Journal: f.Journal, IOStreams: streams}
	dryRun, err := dryRunOf(cmd, args)
	if err != nil {
		return r, err
	}
	if err := f.possible(cmd); err != nil {
		return r, err
	}
	r.DryRun, r.ClientOnly = dryRun != cmdutil.DryRunNone, dryRun == cmdutil.DryRunClient
	r.Patch = output == "yaml" || output == "json"
	r.Machine = r.Patch || output == "name"
	if r.Print, err = planOutputs.of(output); err != nil {
		return r, err
	}
	r.Write = apply.Options{ForceConflicts: f.ForceConflicts, IncludeManaged: f.IncludeManaged}
	r.MaxParallel, r.Timeout = f.MaxParallel, f.Timeout
	r.Layout.Width, r.Layout.Color = terminal(streams.Out)
	r.Terminal = isTerminal(streams.In) && isTerminal(streams.Out)
	r.Progress = func(sentence string) { fmt.Fprintln(streams.ErrOut, printers.EscapeTerminal(sentence)) }
	r.Begin = progressOf(streams.ErrOut).writing
	return r, nil
}

// dryRunOf is what --dry-run asks for. Its value stands behind an equals sign, since
// kubectl allows it to have none.
func dryRunOf(cmd *cobra.Command, args []string) (cmdutil.DryRunStrategy, error) {
	values := []string{"none", "client", "server"}
	if flag := cmd.Flag("dry-run"); flag.Value.String() == flag.NoOptDefVal {
		for _, arg := range args {
			if slices.Contains(values, arg) {
				return 0, fmt.Errorf("--dry-run takes its value after an equals sign: --dry-run=%s", arg)
			}
		}
	}
	dryRun, err := cmdutil.GetDryRunStrategy(cmd)
	if err != nil {
		return 0, oneOf("--dry-run", cmd.Flag("dry-run").Value.String(), values)
	}
	return dryRun, nil
}
