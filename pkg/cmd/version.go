// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package cmd

import (
	"encoding/json"
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"
	"k8s.io/cli-runtime/pkg/genericiooptions"
	"k8s.io/kubectl/pkg/util/templates"
	"sigs.k8s.io/yaml"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/dapr"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/report"
)

// version is the release, set when one is linked.
var version string

// toolVersion is the release, or what Go knows of the build.
func toolVersion() string {
	if version != "" {
		return version
	}
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "(devel)"
}

func tool() report.Tool {
	return report.Tool{Version: toolVersion(), GuidelinesEdition: string(guideline.Newer), DataDate: dapr.DataDate}
}

func userAgent() string {
	return fmt.Sprintf("kubectl-dapr_prod/%s (%s/%s)", toolVersion(), runtime.GOOS, runtime.GOARCH)
}

// NewCmdVersion returns the command version.
func NewCmdVersion(streams genericiooptions.IOStreams) *cobra.Command {
	output := ""
	cmd := &cobra.Command{
		Use:                   "version",
		DisableFlagsInUseLine: true,
		Short:                 "Print the version of the plugin and of what it knows",
		Long:                  longDesc("Print the version of the plugin, the edition of the guidelines, and the Dapr releases that its tables cover."),
		Example: templates.Examples(`
			# Print the version
			kubectl dapr-prod version

			# Print it for a program
			kubectl dapr-prod version -o json

			# Print it as YAML
			kubectl dapr-prod version -o yaml`),
		Args:              noArguments("it prints the version of the plugin"),
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(*cobra.Command, []string) error {
			t := tool()
			var text []byte
			var err error
			switch output {
			case "":
				text = fmt.Appendf(nil, "Plugin: %s\nGuidelines: %s edition\nDapr: 1.13 to %s, as of %s\n",
					t.Version, t.GuidelinesEdition, dapr.NewestVersion(), t.DataDate)
			case "json":
				text, err = json.MarshalIndent(t, "", "  ")
				text = append(text, '\n')
			case "yaml":
				text, err = yaml.Marshal(t)
			default:
				err = oneOf("-o", output, []string{"json", "yaml"})
			}
			if err != nil {
				return err
			}
			_, err = streams.Out.Write(text)
			return err
		},
	}
	cmd.Flags().StringVarP(&output, "output", "o", output, "Output format. One of: json|yaml.")
	complete(cmd, "output", cobra.FixedCompletions([]string{"json", "yaml"}, cobra.ShellCompDirectiveNoFileComp))
	return cmd
}
