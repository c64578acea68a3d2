// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package cmd

import (
	"strings"

	"github.com/spf13/cobra"
	"k8s.io/cli-runtime/pkg/genericclioptions"
	"k8s.io/cli-runtime/pkg/genericiooptions"
	cmdutil "k8s.io/kubectl/pkg/cmd/util"
	"k8s.io/kubectl/pkg/util/templates"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/dapr"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/report"
)

var (
	checkLong = longDesc(`
		Hold the apps of a namespace, and the control planes that they belong to, against
		Dapr's production guidelines; or manifests, without asking any server.

		Exit code: 0 when nothing at or above --fail-on falls short, 1 when something
		does, 2 when the check itself failed or could judge nothing.`)

	checkExample = templates.Examples(`
		# Check the current namespace and Dapr's control plane
		kubectl dapr-prod check

		# Check everything, and show what could not be judged and what is fine as well
		kubectl dapr-prod check -A --show=all

		# Check manifests, as a pull request does, for the Dapr release they will meet
		kubectl dapr-prod check -f deploy/ -R --dapr-version 1.18.3

		# See what an upgrade would break, before it (from 1.17 or older)
		kubectl dapr-prod check -A --dapr-version 1.18

		# Check what an overlay of kustomize builds
		kubectl dapr-prod check -k overlays/production

		# Write a report for code scanning, and one for people, beside the table
		kubectl dapr-prod check -f deploy/ -R -o table -o sarif=dapr.sarif -o html=dapr.html

		# Check what Helm renders
		helm template shop charts/shop | kubectl dapr-prod check -f -

		# List every app with its sidecar
		kubectl dapr-prod check -A --show=apps

		# Count the findings by guideline
		kubectl dapr-prod check -A -o json | jq '.results | map(select(.outcome == "fail")) | group_by(.guideline) | map({(.[0].guideline): length})'`)
)

// CheckFlags is what was typed after check.
type CheckFlags struct {
	Config *genericclioptions.ConfigFlags

	Filenames       []string
	Kustomize       string
	Recursive       bool
	AllNamespaces   bool
	Selector        string
	ChunkSize       int64
	DaprVersion     string
	Edition         string
	Scope           string
	Guidelines      []string
	SkipGuidelines  []string
	Output          []string
	Show            string
	Severity        string
	FailOn          string
	RequireComplete bool

	genericiooptions.IOStreams
}

// NewCheckFlags returns the defaults.
func NewCheckFlags(config *genericclioptions.ConfigFlags, streams genericiooptions.IOStreams) *CheckFlags {
	return &CheckFlags{
		Config:    config,
		ChunkSize: cmdutil.DefaultChunkSize,
		Edition:   string(guideline.Newer),
		Scope:     "all",
		Show:      string(report.ShowFindings),
		Severity:  guideline.Info.String(),
		FailOn:    guideline.Warning.String(),
		IOStreams: streams,
	}
}

// NewCmdCheck returns the command check.
func NewCmdCheck(config *genericclioptions.ConfigFlags, streams genericiooptions.IOStreams) *cobra.Command {
	flags := NewCheckFlags(config, streams)
	cmd := &cobra.Command{
		Use:                   "check [-n NAMESPACE | -A] [-l SELECTOR] [-f FILENAME | -k DIRECTORY]",
		DisableFlagsInUseLine: true,
		Short:                 "Tell what falls short of the production guidelines",
		Long:                  checkLong,
		Example:               checkExample,
		Args:                  noArguments("a namespace goes after -n, a file after -f, an overlay after -k"),
		ValidArgsFunction:     cobra.NoFileCompletions,
		RunE: func(cmd *cobra.Command, _ []string) error {
			options, err := flags.ToOptions(cmd.Flags().Changed)
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
func (f *CheckFlags) AddFlags(cmd *cobra.Command) {
	addConfigFlags(cmd, f.Config)
	groupFlags(cmd, f.Config)
	flags := cmd.Flags()
	cmdutil.AddJsonFilenameFlag(flags, &f.Filenames, "Filename, directory, or URL of manifests to check instead of a cluster; - for standard input.")
	addKustomizeFlag(flags, &f.Kustomize, "Build a kustomization directory, and check that instead of a cluster. This flag can't be used together with -f or -R.")
	flags.BoolVarP(&f.Recursive, "recursive", "R", f.Recursive, "Process the directory used in -f, --filename recursively.")
	flags.BoolVarP(&f.AllNamespaces, "all-namespaces", "A", f.AllNamespaces, "Check the apps of all namespaces.")
	cmdutil.AddLabelSelectorFlagVar(cmd, &f.Selector)
	cmdutil.AddChunkSizeFlag(cmd, &f.ChunkSize)
	flags.StringVar(&f.DaprVersion, "dapr-version", f.DaprVersion, "The Dapr release that manifests will meet, if they hold no control plane (default: the newest known, "+dapr.NewestVersion().String()+"). With a cluster: judge it as if it were upgraded to this release.")
	flags.StringVar(&f.Edition, "guidelines-edition", f.Edition, "The edition of the guidelines page: the older one asks for memory limits on the control plane. One of: newer|older.")
	flags.StringVar(&f.Scope, "scope", f.Scope, "What to judge: one of "+strings.Join(scopeNames(), "|")+".")
	flags.StringSliceVar(&f.Guidelines, "guidelines", f.Guidelines, "Apply these guidelines only, by name.")
	flags.StringSliceVar(&f.SkipGuidelines, "skip-guidelines", f.SkipGuidelines, "Leave these guidelines out, by name.")
	flags.StringArrayVarP(&f.Output, "output", "o", f.Output, "Output format. One of: "+strings.Join(outputs.names(), "|")+". FORMAT=FILE writes it to a file; the flag may be given several times, of which one goes to standard output.")
	flags.StringVar(&f.Show, "show", f.Show, "What the table shows: findings, all outcomes, or apps. One of: findings|all|apps.")
	flags.StringVar(&f.Severity, "severity", f.Severity, "The least severity that is shown; everything is judged and counted all the same. One of: error|warning|info.")
	flags.StringVar(&f.FailOn, "fail-on", f.FailOn, "The least severity that makes the exit code 1. One of: error|warning|info|never.")
	flags.BoolVar(&f.RequireComplete, "require-complete", f.RequireComplete, "Exit with 2 if anything could not be judged.")

	fixed := func(flag string, values []string) {
		complete(cmd, flag, cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp))
	}
	fixed("dapr-version", dapr.ReleaseNames())
	fixed("guidelines-edition", guideline.Editions())
	fixed("scope", scopeNames())
	fixed("output", outputs.names())
	fixed("show", showNames())
	fixed("severity", guideline.Severities())
	fixed("fail-on", append(guideline.Severities(), never))
	complete(cmd, "guidelines", completeGuidelines)
	complete(cmd, "skip-guidelines", completeGuidelines)
}
