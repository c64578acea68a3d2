// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package cmd

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"k8s.io/cli-runtime/pkg/genericiooptions"
	"k8s.io/kubectl/pkg/util/templates"

	"github.com/dapr-prod/kubectl-dapr-prod/docs"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/catalogue"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/dapr"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/report"
)

// sizingTopic is what explain knows beside the guidelines.
const sizingTopic = "sizing"

// NewCmdExplain returns the command explain.
func NewCmdExplain(streams genericiooptions.IOStreams) *cobra.Command {
	return &cobra.Command{
		Use:                   "explain [GUIDELINE | sizing]",
		DisableFlagsInUseLine: true,
		Short:                 "Say what a guideline demands, why, and how it is judged and fixed",
		Long: longDesc(`
			Say what a guideline demands, why, how it is judged, how it is fixed, and where
			Dapr's documentation says so. Without an argument, list the guidelines.

			With sizing, say how the numbers that sizing recommends come about: each rule and
			each constant, why, and where it is from.`),
		Example: templates.Examples(`
			# List the guidelines
			kubectl dapr-prod explain

			# Explain one of them
			kubectl dapr-prod explain sidecar-soft-memory-limit

			# Explain the numbers that sizing recommends
			kubectl dapr-prod explain sizing

			# Explain what a check found first
			kubectl dapr-prod explain $(kubectl dapr-prod check -A -o json | jq -r '.results[0].guideline')`),
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 1 {
				return usageError(cmd, "explain takes one guideline, not %d", len(args))
			}
			return nil
		},
		ValidArgsFunction: func(cmd *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
			if len(args) > 0 {
				return nil, cobra.ShellCompDirectiveNoFileComp
			}
			words, _ := completeGuidelines(cmd, nil, typed)
			if strings.HasPrefix(sizingTopic, typed) {
				words = append(words, sizingTopic+"\tHow the numbers for a sidecar come about")
			}
			return words, cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(_ *cobra.Command, args []string) error {
			width, color := terminal(streams.Out)
			layout := report.Options{Width: width, Color: color}
			switch {
			case len(args) == 0:
				return report.Catalogue(streams.Out, catalogue.All(), layout)
			case args[0] == sizingTopic:
				return report.Manual(streams.Out, docs.Sizing, layout)
			}
			g, err := findGuideline(args[0])
			switch {
			case err != nil && dapr.Nearest(args[0], []string{sizingTopic}) != "":
				return fmt.Errorf("there is no guideline %q: did you mean %s?", args[0], sizingTopic)
			case err != nil:
				return err
			}
			return report.Guideline(streams.Out, g, layout)
		},
	}
}
