// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package cmd

import (
	"time"

	"github.com/spf13/cobra"
	"k8s.io/cli-runtime/pkg/genericclioptions"
	"k8s.io/cli-runtime/pkg/genericiooptions"
	cmdutil "k8s.io/kubectl/pkg/cmd/util"
	"k8s.io/kubectl/pkg/util/templates"
)

var (
	fixLong = templates.LongDesc(`
		Close what falls short in the apps, with the smallest change to each.

		The plan is shown first, object by object: what the server would store, which
		findings that closes, what it restarts and risks. The server has tried it by
		then, with a Pod of the new template, and what does not close its finding is
		taken out. On a terminal you are asked before anything is written; elsewhere
		--yes is needed. Workloads are restarted one after the other, each waited for and
		judged again, and the first that does not come back stops the run.

		Without the name of a guideline everything is done that is safe unasked. Naming
		one allows what starts injection or restarts Pods for nothing else.

		With --scope=control-plane nothing is written: values of Dapr's chart are shown that
		close what falls short of the control plane, and the helm command that adds them.

		Exit code: 0 when nothing is left to do or all is done; 1 when changes are
		pending, refused, declined or unproven; 2 when it failed.`)

	fixExample = templates.Examples(`
		# Show what would be changed in the current namespace, tried by the server and not written
		kubectl dapr-prod fix --dry-run=server

		# Change it, after a look and a yes
		kubectl dapr-prod fix

		# Set the sidecar's resources of one app
		kubectl dapr-prod fix sidecar-resources deployment/orders -n shop

		# Restart what runs an older sidecar than the control plane, three at a time in a namespace
		kubectl dapr-prod fix sidecar-version -A --max-parallel=3

		# Write the changes down as patches, for kustomize or kubectl patch
		kubectl dapr-prod fix -A --dry-run=server -o yaml

		# Show the values of Dapr's chart that close what falls short of the control plane
		kubectl dapr-prod fix --scope=control-plane

		# Write them as a file for helm upgrade, with who asks for each
		kubectl dapr-prod fix --scope=control-plane -o helm > dapr-additions.yaml

		# Write the values for a new install
		kubectl dapr-prod fix --scope=control-plane -o helm --dapr-version 1.18.3 > dapr-values.yaml

		# Take a run back
		kubectl dapr-prod fix --revert ~/.local/state/kubectl-dapr-prod/JOURNAL`)
)

// rolloutTimeout is how long a rollout may take where nobody says otherwise; the
// progress deadline of a Deployment is twice as long.
const rolloutTimeout = 5 * time.Minute

// FixFlags is what was typed after fix.
type FixFlags struct {
	Config *genericclioptions.ConfigFlags

	AllNamespaces  bool
	Scope          string
	DaprVersion    string
	Selector       string
	Output         string
	Yes            bool
	MaxParallel    int
	ForceConflicts bool
	IncludeManaged bool
	AllowUnproven  bool
	Timeout        time.Duration
	Journal        string
	Revert         string

	genericiooptions.IOStreams
}

// NewFixFlags returns the defaults.
func NewFixFlags(config *genericclioptions.ConfigFlags, streams genericiooptions.IOStreams) *FixFlags {
	return &FixFlags{Config: config, Scope: appsScope, MaxParallel: 1, Timeout: rolloutTimeout, IOStreams: streams}
}

// NewCmdFix returns the command fix.
func NewCmdFix(config *genericclioptions.ConfigFlags, streams genericiooptions.IOStreams) *cobra.Command {
	flags := NewFixFlags(config, streams)
	cmd := &cobra.Command{
		Use:                   "fix [GUIDELINE...] [KIND/NAME...] [-n NAMESPACE | -A] [-l SELECTOR]",
		DisableFlagsInUseLine: true,
		Short:                 "Close what falls short in the apps, and prove it",
		Long:                  fixLong,
		Example:               fixExample,
		ValidArgsFunction:     completeMendable,
		RunE: func(cmd *cobra.Command, args []string) error {
			if flags.Scope == controlPlaneScope {
				options, err := flags.toValuesOptions(cmd, args)
				if err != nil {
					return err
				}
				return options.Run(cmd.Context())
			}
			options, err := flags.ToOptions(cmd, args)
			if err != nil {
				return err
			}
			return options.Run(cmd.Context())
		},
	}
	flags.AddFlags(cmd)
	return cmd
}

// AddFlags declares the flags.
func (f *FixFlags) AddFlags(cmd *cobra.Command) {
	addConfigFlags(cmd, f.Config)
	groupFlags(cmd, f.Config)
	flags := cmd.Flags()
	flags.BoolVarP(&f.AllNamespaces, "all-namespaces", "A", f.AllNamespaces, "Fix the apps of all namespaces.")
	flags.StringVar(&f.Scope, "scope", f.Scope, "What to fix: apps, or control-plane, for which values of Dapr's chart are shown.")
	flags.StringVar(&f.DaprVersion, "dapr-version", f.DaprVersion, "With --scope=control-plane -o helm and no Dapr in the cluster: the release that the values for a new install are for.")
	cmdutil.AddLabelSelectorFlagVar(cmd, &f.Selector)
	cmdutil.AddDryRunFlag(cmd)
	flags.StringVarP(&f.Output, "output", "o", f.Output, "How the plan is written. One of: diff|yaml|json|name|helm; yaml and json are patches, helm a file of values for --scope=control-plane.")
	flags.BoolVar(&f.Yes, "yes", f.Yes, "Write the changes without asking.")
	flags.IntVar(&f.MaxParallel, "max-parallel", f.MaxParallel, "How many workloads of a namespace are restarted at a time.")
	flags.BoolVar(&f.ForceConflicts, "force-conflicts", f.ForceConflicts, "Take fields over from whoever set them, not from kubectl alone.")
	flags.BoolVar(&f.IncludeManaged, "include-managed", f.IncludeManaged, "Write what Helm, Argo CD, Flux or another manager owns as well, who may put it back.")
	flags.BoolVar(&f.AllowUnproven, "allow-unproven", f.AllowUnproven, "Write changes as well that the server could not try.")
	flags.DurationVar(&f.Timeout, "timeout", f.Timeout, "How long to wait for a rollout before the run is stopped.")
	flags.StringVar(&f.Journal, "journal", f.Journal, "The file that the run is noted down in, to be taken back (default: a new one in the user's state folder).")
	flags.StringVar(&f.Revert, "revert", f.Revert, "Take back what the run of this journal wrote.")

	complete(cmd, "output", cobra.FixedCompletions(append(planOutputNames(), helmOutput), cobra.ShellCompDirectiveNoFileComp))
	complete(cmd, "scope", cobra.FixedCompletions([]string{appsScope, controlPlaneScope}, cobra.ShellCompDirectiveNoFileComp))
}
