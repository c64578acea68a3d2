// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package cmd

import (
	"strings"
	"time"

	"github.com/spf13/cobra"
	"k8s.io/cli-runtime/pkg/genericclioptions"
	"k8s.io/cli-runtime/pkg/genericiooptions"
	cmdutil "k8s.io/kubectl/pkg/cmd/util"
	"k8s.io/kubectl/pkg/util/completion"
	"k8s.io/kubectl/pkg/util/templates"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/measure"
)

var (
	sizingLong = longDesc(`
		Say what sidecars should request and be limited to, from what they really use.

		The first line says where that was read, and for how long a time: from Prometheus
		if one answers, else from metrics.k8s.io, else from nowhere, which leaves the
		guidelines' numbers.

		Nothing is written without --apply, which does it as fix does: the plan is shown,
		tried by the server and held against all guidelines; then you are asked, and fix
		--revert takes it back. -o diff shows that plan alone. With -f it is manifests that
		get the numbers: a diff is shown, and --write writes it. Numbers that rest on little
		are left out unless --allow-low-confidence asks for them.

		Exit code: 0 when it is shown, or all of it is written and holds; 1 when changes are
		pending, refused, declined or unproven; 2 when it failed, or could see no app.`)

	sizingExample = templates.Examples(`
		# Show what the sidecars of the current namespace use, and should get
		kubectl dapr-prod sizing

		# Show it for the whole cluster, with the reasons in words
		kubectl dapr-prod sizing -A -o wide

		# Read four weeks from a Prometheus outside of the cluster
		kubectl dapr-prod sizing -A --prometheus-url https://prometheus.example.com --history 28d

		# Read from a store of several tenants and clusters, such as Mimir
		kubectl dapr-prod sizing -A --prometheus-url https://mimir.example.com/prometheus --prometheus-header X-Scope-OrgID=team --prometheus-label cluster=production

		# Without a Prometheus, watch one app for ten minutes; Ctrl-C uses what is there by then
		kubectl dapr-prod sizing deployment/orders -n shop --sample 10m

		# Show what would be written, tried by the server, and write it after a look and a yes
		kubectl dapr-prod sizing -n shop --apply --dry-run=server
		kubectl dapr-prod sizing -n shop --apply

		# Put the numbers into manifests, after a look
		kubectl dapr-prod sizing -n shop -f deploy/ -R
		kubectl dapr-prod sizing -n shop -f deploy/ -R --write

		# Draw what was used beside what is requested, on a page for the browser
		kubectl dapr-prod sizing -A -o html > sizing.html

		# Show what the control plane uses, and should get, and write that as values for helm
		kubectl dapr-prod sizing --control-plane
		kubectl dapr-prod sizing --control-plane -o helm > dapr-additions.yaml

		# List the apps that would be given less memory
		kubectl dapr-prod sizing -A -o json | jq -r '.workloads[] | select(.change and (.added.memory | startswith("-"))) | .object.namespace + "/" + .object.name'`)
)

// SizingFlags is what was typed after sizing.
type SizingFlags struct {
	Config *genericclioptions.ConfigFlags

	AllNamespaces bool
	Selector      string
	ChunkSize     int64
	Source        string
	Prometheus    PrometheusFlags
	History       lengthOfTime
	Sample        time.Duration
	MinChange     percentage
	Output        string
	// Apply is how recommendations are carried out.
	Apply ApplyFlags
	// Services are of the control plane.
	Services ServicesFlags

	genericiooptions.IOStreams
}

// NewSizingFlags returns the defaults.
func NewSizingFlags(config *genericclioptions.ConfigFlags, streams genericiooptions.IOStreams) *SizingFlags {
	return &SizingFlags{
		Config:    config,
		ChunkSize: cmdutil.DefaultChunkSize,
		Source:    string(measure.Auto),
		History:   lengthOfTime(14 * 24 * time.Hour),
		MinChange: 10,
		Apply:     ApplyFlags{WriteFlags: NewWriteFlags()},
		IOStreams: streams,
	}
}

// NewCmdSizing returns the command sizing.
func NewCmdSizing(config *genericclioptions.ConfigFlags, streams genericiooptions.IOStreams) *cobra.Command {
	flags := NewSizingFlags(config, streams)
	cmd := &cobra.Command{
		Use:                   "sizing [KIND/NAME...] [-n NAMESPACE | -A] [-l SELECTOR] [--apply | -f FILENAME | --control-plane]",
		DisableFlagsInUseLine: true,
		Short:                 "Say what sidecars should request, from what they use",
		Long:                  sizingLong,
		Example:               sizingExample,
		ValidArgsFunction:     completion.SpecifiedResourceTypeAndNameNoRepeatCompletionFunc(cmdutil.NewFactory(config), sizedKinds),
		RunE: func(cmd *cobra.Command, args []string) error {
			run, err := flags.runner(cmd, args)
			if err != nil {
				return err
			}
			return run.Run(cmd.Context())
		},
	}
	flags.AddFlags(cmd)
	return cmd
}

// sizedKinds are completed where an app is named; others are taken, too.
var sizedKinds = []string{"cronjob", "daemonset", "deployment", "job", "statefulset"}

// AddFlags declares the flags.
func (f *SizingFlags) AddFlags(cmd *cobra.Command) {
	addConfigFlags(cmd, f.Config)
	groupFlags(cmd, f.Config)
	f.Prometheus.AddFlags(cmd)
	f.Apply.AddFlags(cmd)
	f.Services.AddFlags(cmd)
	flags := cmd.Flags()
	flags.BoolVarP(&f.AllNamespaces, "all-namespaces", "A", f.AllNamespaces, "Size the sidecars of all namespaces.")
	cmdutil.AddLabelSelectorFlagVar(cmd, &f.Selector)
	cmdutil.AddChunkSizeFlag(cmd, &f.ChunkSize)
	flags.StringVar(&f.Source, "source", f.Source, "Where usage is read. One of: "+strings.Join(measure.Sources(), "|")+"; auto is Prometheus if one answers, else metrics, which is metrics.k8s.io, else guidelines, which measures nothing.")
	flags.Var(&f.History, "history", "How long a time is read from Prometheus.")
	flags.DurationVar(&f.Sample, "sample", f.Sample, "Watch metrics.k8s.io for so long a time, instead of one reading. Ctrl-C ends it early, and what was read by then is shown; nothing is planned with it.")
	flags.Var(&f.MinChange, "min-change", "How far a number has to be off before it is worth a change.")
	flags.StringVarP(&f.Output, "output", "o", f.Output, "Output format. One of: "+strings.Join(append(sizingOutputs.names(), asDiff, helmOutput), "|")+"; diff is the plan, as --apply shows it, and helm a file of values for --control-plane. Beside --apply and -f yaml and json are patches, and name is the objects.")

	complete(cmd, "source", cobra.FixedCompletions(measure.Sources(), cobra.ShellCompDirectiveNoFileComp))
	complete(cmd, "output", cobra.FixedCompletions(append(sizingOutputs.names(), asDiff, helmOutput), cobra.ShellCompDirectiveNoFileComp))
}
