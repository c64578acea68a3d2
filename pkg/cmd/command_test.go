// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package cmd_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"k8s.io/cli-runtime/pkg/genericiooptions"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/cmd"
)

// TestCommands holds every command to the manners of kubectl's.
func TestCommands(t *testing.T) {
	streams, _, _, _ := genericiooptions.NewTestIOStreams()
	root := cmd.NewCmdRoot(streams)
	flagName := regexp.MustCompile(`^[a-z]+(-[a-z]+)*$`)
	for _, c := range root.Commands() {
		if c.Name() == "help" {
			continue
		}
		t.Run(c.Name(), func(t *testing.T) {
			if c.Short == "" || strings.HasSuffix(c.Short, ".") {
				t.Errorf("short description %q: there must be one, without a period", c.Short)
			}
			if lines := strings.Count(c.Long, "\n"); c.Long == "" || lines > 8 {
				t.Errorf("long description of %d lines: at most 8", lines)
			}
			if strings.Contains(c.Long, "\n\n ") {
				t.Errorf("a paragraph of the long description begins with a blank: %q", c.Long)
			}
			examples := regexp.MustCompile(`(?m)^ *# .+\n +kubectl `).FindAllString(c.Example, -1)
			if len(examples) < 3 {
				t.Errorf("%d examples with a purpose and a command: at least 3", len(examples))
			}
			if !strings.HasPrefix(c.UseLine(), "kubectl dapr-prod "+c.Name()) {
				t.Errorf("usage %q", c.UseLine())
			}
			c.Flags().VisitAll(func(f *pflag.Flag) {
				if !flagName.MatchString(f.Name) || f.Usage == "" {
					t.Errorf("flag %q: %q", f.Name, f.Usage)
				}
			})
		})
	}
}

// TestFlagsBelongToTheirCommand keeps flags off the process-wide set, which a
// second command in the same process would meet.
func TestFlagsBelongToTheirCommand(t *testing.T) {
	streams, _, _, _ := genericiooptions.NewTestIOStreams()
	before := count(pflag.CommandLine)
	cmd.NewCmdRoot(streams)
	if after := count(pflag.CommandLine); after != before {
		t.Errorf("%d flags on pflag.CommandLine, %d before", after, before)
	}
}

// TestCompletion completes what a user types.
func TestCompletion(t *testing.T) {
	for _, test := range []struct {
		name string
		args []string
		want []string
	}{
		{"commands", []string{""}, []string{"check", "completion", "explain", "fix", "harden", "rbac", "sizing", "version"}},
		{"guidelines of explain", []string{"explain", "sidecar-r"}, []string{"sidecar-resources"}},
		{"no second guideline", []string{"explain", "mtls", ""}, nil},
		{"guidelines in a list", []string{"check", "--guidelines", "mtls,sidecar-i"}, []string{"mtls,sidecar-injected"}},
		{"none twice", []string{"check", "--skip-guidelines", "mtls,mtl"}, nil},
		{"scopes", []string{"check", "--scope", ""}, []string{"all", "apps", "control-plane", "cluster"}},
		{"commands of rbac", []string{"rbac", ""}, []string{"check", "fix", "harden", "sizing"}},
		{"outputs", []string{"check", "-o", ""}, []string{"table", "wide", "json", "yaml", "name", "html", "markdown", "sarif", "junit"}},
		{"severities", []string{"check", "--fail-on", ""}, []string{"error", "warning", "info", "never"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			streams, _, out, _ := genericiooptions.NewTestIOStreams()
			if code := cmd.Run(append([]string{"/bin/kubectl_complete-dapr_prod"}, test.args...), streams); code != 0 {
				t.Fatalf("exit code %d", code)
			}
			var got []string
			for line := range strings.Lines(out.String()) {
				word, _, _ := strings.Cut(strings.TrimSpace(line), "\t")
				if !strings.HasPrefix(word, ":") && word != "help" {
					got = append(got, word)
				}
			}
			if strings.Join(got, " ") != strings.Join(test.want, " ") {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

// TestDirectives: a completion that ends with ":4" offers no file names.
func TestDirectives(t *testing.T) {
	streams, _, out, _ := genericiooptions.NewTestIOStreams()
	cmd.Run([]string{"kubectl_complete-dapr_prod", "explain", "mtls", ""}, streams)
	if want := ":4\n"; out.String() != want || cobra.ShellCompDirectiveNoFileComp != 4 {
		t.Errorf("got %q, want %q", out.String(), want)
	}
}

func count(set *pflag.FlagSet) int {
	n := 0
	set.VisitAll(func(*pflag.Flag) { n++ })
	return n
}
