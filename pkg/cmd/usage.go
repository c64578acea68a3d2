// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package cmd

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"k8s.io/cli-runtime/pkg/genericclioptions"
	"k8s.io/kubectl/pkg/util/templates"
)

// longDesc is a long description as kubectl lays it out, but for the blank that
// kubectl leaves before every paragraph after the first.
func longDesc(text string) string {
	return strings.ReplaceAll(templates.LongDesc(text), "\n\n ", "\n\n")
}

// groupFlags makes a command's help list its own flags first, and those that
// every kubectl command has in a group of their own.
func groupFlags(cmd *cobra.Command, config *genericclioptions.ConfigFlags) {
	shared := pflag.NewFlagSet("", pflag.ContinueOnError)
	config.AddFlags(shared)
	shared.AddGoFlag(verbosity())
	cmd.SetUsageFunc(func(cmd *cobra.Command) error {
		own := pflag.NewFlagSet("", pflag.ContinueOnError)
		kubectls := pflag.NewFlagSet("", pflag.ContinueOnError)
		cmd.Flags().VisitAll(func(f *pflag.Flag) {
			if shared.Lookup(f.Name) != nil && f.Name != "namespace" {
				kubectls.AddFlag(f)
			} else {
				own.AddFlag(f)
			}
		})
		width, _ := terminal(cmd.OutOrStdout())
		_, err := fmt.Fprintf(cmd.OutOrStdout(), "Usage:\n  %s\n\nExamples:\n%s\n\nFlags:\n%s\nFlags of every kubectl command:\n%s",
			cmd.UseLine(), strings.TrimRight(cmd.Example, "\n "), own.FlagUsagesWrapped(width), kubectls.FlagUsagesWrapped(width))
		return err
	})
}
