// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package cmd

import (
	"context"
	"strings"

	"github.com/spf13/cobra"
	"k8s.io/cli-runtime/pkg/genericclioptions"
	"k8s.io/cli-runtime/pkg/genericiooptions"
	cmdutil "k8s.io/kubectl/pkg/cmd/util"
	"k8s.io/kubectl/pkg/util/templates"
)

var (
	fixLong = longDesc(`
		Close what falls short in the apps, with the smallest change to each.

		The plan is shown first, object by object: what the server would store, which
		findings that closes, what it restarts and risks. The server has tried it by
		then, with a Pod of the new template, and what does not close its finding is
		taken out. On a terminal you are asked before anything is written; elsewhere
		--yes is needed. Workloads are restarted one after the other, each waited for and
		judged again, and the first that does not come back stops the run.

		Without the name of a guideline everything is done that is safe unasked. Naming
		one allows what starts injection or restarts Pods for nothing else.

		With -f and -k it is manifests that are changed, and no server is asked: what is
		shown is a diff, and --write writes it; all other bytes stay. With
		--scope=control-plane it is values of Dapr's chart: shown, written as a file with
		-o helm, or given to the release with --helm-upgrade. A file of values after -f
		is edited like a manifest.

		Exit code: 0 when there was nothing to write or all of it is written and holds,
		whatever is left to you; 1 when changes are pending, refused, declined or
		unproven, or apps may have been missed because the server failed; 2 when it
		failed or could judge nothing.`)

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

		# Show what would be changed in manifests, and write it
		kubectl dapr-prod fix -f deploy/ -R
		kubectl dapr-prod fix -f deploy/ -R --write

		# Set the sidecar's resources in a manifest, for the Dapr release that it will meet
		kubectl dapr-prod fix sidecar-resources -f orders.yaml --dapr-version 1.17 --write

		# Write them into a folder that kustomize takes in
		kubectl dapr-prod fix -A -o kustomize --output-dir dapr-prod

		# Show what an overlay of kustomize is to take in, without a cluster, and write it there
		kubectl dapr-prod fix -k overlays/production
		kubectl dapr-prod fix -k overlays/production --write

		# Show the values of Dapr's chart that close what falls short of the control plane
		kubectl dapr-prod fix --scope=control-plane

		# Write them as a file for helm upgrade, with who asks for each
		kubectl dapr-prod fix --scope=control-plane -o helm > dapr-additions.yaml

		# Give them to the Helm release, after a look at what the server says and a yes
		kubectl dapr-prod fix --scope=control-plane --helm-upgrade

		# Write the values for a new install
		kubectl dapr-prod fix --scope=control-plane -o helm --dapr-version 1.18.3 > dapr-values.yaml

		# Show what a file of values of Dapr's chart lacks for a new install, and write it
		kubectl dapr-prod fix -f dapr-values.yaml
		kubectl dapr-prod fix -f dapr-values.yaml --write

		# Take a run back
		kubectl dapr-prod fix --revert ~/.local/state/kubectl-dapr-prod/JOURNAL`)
)

// FixFlags is what was typed after fix.
type FixFlags struct {
	Config *genericclioptions.ConfigFlags

	AllNamespaces bool
	Scope         string
	Selector      string
	Output        string
	Revert        string
	WriteFlags
	// Files are the manifests that are changed in place of a cluster.
	Files     ManifestFlags
	Kustomize string
	OutputDir string
	// Upgrade is how values are given to a Helm release.
	Upgrade UpgradeFlags
	// Harden is set where the command is harden.
	Harden *HardenFlags

	genericiooptions.IOStreams
}

// NewFixFlags returns the defaults.
func NewFixFlags(config *genericclioptions.ConfigFlags, streams genericiooptions.IOStreams) *FixFlags {
	return &FixFlags{Config: config, Scope: appsScope, WriteFlags: NewWriteFlags(), IOStreams: streams}
}

// NewCmdFix returns the command fix.
func NewCmdFix(config *genericclioptions.ConfigFlags, streams genericiooptions.IOStreams) *cobra.Command {
	flags := NewFixFlags(config, streams)
	cmd := &cobra.Command{
		Use:                   "fix [GUIDELINE...] [KIND/NAME...] [-n NAMESPACE | -A | -f FILENAME | -k DIRECTORY] [-l SELECTOR]",
		DisableFlagsInUseLine: true,
		Short:                 "Close what falls short in the apps, and prove it",
		Long:                  fixLong,
		Example:               fixExample,
		ValidArgsFunction:     flags.completeMendable,
		RunE:                  flags.run,
	}
	flags.AddFlags(cmd)
	return cmd
}

// run does what was typed.
func (f *FixFlags) run(cmd *cobra.Command, args []string) error {
	run, err := f.runner(cmd, args)
	if err != nil {
		return err
	}
	return run.Run(cmd.Context())
}

// runner runs a fix of one kind of thing.
type runner interface {
	Run(context.Context) error
}

// runner turns what was typed into what runs it: what is fixed tells which one.
func (f *FixFlags) runner(cmd *cobra.Command, args []string) (runner, error) {
	if f.Harden != nil && aboutObjects(args) && cmd.Flags().Changed("filename") {
		return f.toObjectFiles(cmd, args)
	}
	if f.Harden != nil && aboutObjects(args) {
		return f.toObjectRun(cmd, args)
	}
	if f.Harden != nil {
		if run, err := f.hardenValues(cmd, args); run != nil || err != nil {
			return run, err
		}
	}
	if f.Scope == controlPlaneScope && f.Upgrade.Do {
		return f.toUpgradeOptions(cmd, args)
	}
	if err := f.withoutUpgrade(cmd); err != nil {
		return nil, err
	}
	switch {
	case f.valuesAlone(cmd):
		return f.toValuesFiles(cmd, args)
	case f.Scope == controlPlaneScope:
		return f.toValuesOptions(cmd, args)
	case cmd.Flags().Changed("kustomize"):
		return f.toOverlay(cmd.Flags().Changed, args)
	case cmd.Flags().Changed("filename"):
		return f.ToFixFiles(cmd, args)
	default:
		return f.ToOptions(cmd, args)
	}
}

// AddFlags declares the flags.
func (f *FixFlags) AddFlags(cmd *cobra.Command) {
	addConfigFlags(cmd, f.Config)
	groupFlags(cmd, f.Config)
	f.Files.AddFlags(cmd)
	f.Upgrade.AddFlags(cmd)
	f.WriteFlags.AddFlags(cmd)
	flags := cmd.Flags()
	flags.BoolVarP(&f.AllNamespaces, "all-namespaces", "A", f.AllNamespaces, "Fix the apps of all namespaces.")
	flags.StringVar(&f.Scope, "scope", f.Scope, "What to fix: apps, or control-plane, for which values of Dapr's chart are shown.")
	cmdutil.AddLabelSelectorFlagVar(cmd, &f.Selector)
	flags.StringVarP(&f.Output, "output", "o", f.Output, "How the plan is written. One of: "+strings.Join(planOutputs.names(), "|")+"; yaml and json are patches, kustomize is a folder of them, and helm a file of values for --scope=control-plane.")
	flags.StringVar(&f.OutputDir, "output-dir", f.OutputDir, "The folder for -o kustomize: a new one, or one that this tool wrote.")
	addKustomizeFlag(flags, &f.Kustomize, "Build a kustomization directory, and plan for that instead of a cluster.")
	flags.StringVar(&f.Revert, "revert", f.Revert, "Take back what the run of this journal wrote.")

	complete(cmd, "output", cobra.FixedCompletions(append(planOutputs.names(), helmOutput), cobra.ShellCompDirectiveNoFileComp))
	complete(cmd, "scope", cobra.FixedCompletions([]string{appsScope, controlPlaneScope}, cobra.ShellCompDirectiveNoFileComp))
}
