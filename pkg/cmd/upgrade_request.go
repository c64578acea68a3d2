// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package cmd

import (
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"k8s.io/cli-runtime/pkg/genericclioptions"
	"k8s.io/cli-runtime/pkg/genericiooptions"
	cmdutil "k8s.io/kubectl/pkg/cmd/util"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/helm"
)

// chartFlag declares --chart.
func chartFlag(flags *pflag.FlagSet, chart *string) {
	flags.StringVar(chart, "chart", *chart, "The chart of --helm-upgrade: a directory, an archive, an oci:// reference or a repository (default: Dapr's own repository, at the release's version).")
}

// upgradeRequest is what every command with --helm-upgrade has been told by its flags.
type upgradeRequest struct {
	Config  genericclioptions.RESTClientGetter
	Chart   string
	Output  string
	Timeout time.Duration
	// ForceConflicts takes fields over from whoever set them.
	ForceConflicts bool
	Yes            bool
	genericiooptions.IOStreams
}

// options is what an upgrade of the release needs, but for the values.
func (r upgradeRequest) options(cmd *cobra.Command, args []string) (*UpgradeOptions, error) {
	dryRun, err := dryRunOf(cmd, args)
	switch changed := cmd.Flags().Changed; {
	case err != nil:
		return nil, err
	case dryRun == cmdutil.DryRunClient:
		return nil, errors.New("--dry-run=client does not go with --helm-upgrade, whose plan is what the server says to it: use --dry-run=server")
	case r.Output != "":
		return nil, errors.New("-o does not go with --helm-upgrade, which gives the values to the release: leave one of them out")
	case changed("namespace"):
		return nil, errors.New("-n does not go with --helm-upgrade: values are for the whole cluster, and with -n they are only shown")
	case r.Timeout <= 0:
		return nil, fmt.Errorf("--timeout takes no %s: an upgrade needs time, such as 5m", r.Timeout)
	case changed("chart") && r.Chart == "":
		return nil, errors.New("--chart names no chart")
	}
	return &UpgradeOptions{
		Getter: r.Config, Chart: helm.Source{Ref: r.Chart}, DryRun: dryRun != cmdutil.DryRunNone,
		Options: helm.Options{ForceConflicts: r.ForceConflicts, Timeout: r.Timeout},
		Ask:     asker{Yes: r.Yes, Terminal: isTerminal(r.In) && isTerminal(r.Out), In: r.In, Out: r.Out, ErrOut: r.ErrOut},
	}, nil
}
