// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package cmd

import (
	_ "embed"
	"fmt"

	"github.com/spf13/cobra"
	"k8s.io/cli-runtime/pkg/genericiooptions"
	"k8s.io/kubectl/pkg/util/templates"
)

// completionScript is the program that kubectl calls to complete the words after
// "kubectl dapr-prod". krew cannot link it, so it is printed; archives hold it, too.
//
//go:embed kubectl_complete-dapr_prod
var completionScript string

// NewCmdCompletion returns the command completion.
func NewCmdCompletion(streams genericiooptions.IOStreams) *cobra.Command {
	return &cobra.Command{
		Use:                   "completion",
		DisableFlagsInUseLine: true,
		Short:                 "Print the script that lets kubectl complete this plugin",
		Long: longDesc(`
			Print the script that lets kubectl complete the words after kubectl dapr-prod.

			It has to stand on PATH, be executable, and be named kubectl_complete-dapr_prod;
			kubectl's own completion does the rest.`),
		Example: templates.Examples(`
			# Look at the script
			kubectl dapr-prod completion

			# Install it for yourself
			kubectl dapr-prod completion | install -m 0755 /dev/stdin ~/.local/bin/kubectl_complete-dapr_prod

			# Install it for everybody
			kubectl dapr-prod completion | sudo install -m 0755 /dev/stdin /usr/local/bin/kubectl_complete-dapr_prod`),
		Args:              noArguments("the script is the same for every shell"),
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(*cobra.Command, []string) error {
			_, err := fmt.Fprint(streams.Out, completionScript)
			return err
		},
	}
}
