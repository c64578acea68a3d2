// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package cmd_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"k8s.io/cli-runtime/pkg/genericclioptions"
	"k8s.io/cli-runtime/pkg/genericiooptions"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/cmd"
)

const pages = "../../docs/commands"

// TestPages holds docs/commands against what the commands say of themselves.
func TestPages(t *testing.T) {
	t.Parallel()
	want := map[string]string{}
	index := "# Commands\n\n"
	for _, c := range cmd.NewCmdRoot(genericiooptions.NewTestIOStreamsDiscard()).Commands() {
		if !c.IsAvailableCommand() {
			continue
		}
		want[c.Name()+".md"] = page(c)
		index += fmt.Sprintf("- [%s](%s.md): %s\n", c.CommandPath(), c.Name(), lowerFirst(c.Short))
	}
	want["README.md"] = index
	if *update {
		writePages(t, want)
	}
	for name, text := range want {
		there, err := os.ReadFile(filepath.Join(pages, name))
		if err != nil || !bytes.Equal(there, []byte(text)) {
			t.Errorf("%s/%s is not what the command says: make docs writes it (%v)", pages, name, err)
		}
	}
	entries, err := os.ReadDir(pages)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if want[e.Name()] == "" {
			t.Errorf("%s/%s is of no command", pages, e.Name())
		}
	}
}

func writePages(t *testing.T, want map[string]string) {
	t.Helper()
	if err := os.MkdirAll(pages, 0o755); err != nil {
		t.Fatal(err)
	}
	for name, text := range want {
		if err := os.WriteFile(filepath.Join(pages, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// page is what a command says of itself, as a page.
func page(c *cobra.Command) string {
	var b strings.Builder
	fmt.Fprintf(&b, "# %s\n\n%s\n\n```\n%s\n```\n", c.CommandPath(), strings.TrimSpace(c.Long), c.UseLine())
	if c.Example != "" {
		fmt.Fprintf(&b, "\n## Examples\n\n```sh\n%s\n```\n", undented(c.Example))
	}
	kubectls := pflag.NewFlagSet("", pflag.ContinueOnError)
	genericclioptions.NewConfigFlags(true).AddFlags(kubectls)
	shared := false
	var rows []string
	c.Flags().VisitAll(func(f *pflag.Flag) {
		if kubectls.Lookup(f.Name) != nil && f.Name != "namespace" || f.Name == "v" {
			shared = true
		} else if !f.Hidden {
			rows = append(rows, row(f))
		}
	})
	if len(rows) > 0 {
		fmt.Fprintf(&b, "\n## Flags\n\n| flag | |\n|---|---|\n%s", strings.Join(rows, ""))
	}
	if shared {
		b.WriteString("\nThe flags of every kubectl command, such as `--context` and `--as`, mean what they mean there.\n")
	}
	return b.String()
}

// row is a flag in a table.
func row(f *pflag.Flag) string {
	kind, usage := pflag.UnquoteUsage(f)
	name := "--" + f.Name
	if f.Shorthand != "" {
		name = "-" + f.Shorthand + ", " + name
	}
	if kind != "" {
		name += " " + kind
	}
	standard := ""
	if !slices.Contains([]string{"", "false", "[]", "0", "0s"}, f.DefValue) {
		standard = " Without it: `" + f.DefValue + "`."
	}
	escaped := strings.NewReplacer("|", `\|`, "<", `\<`).Replace(strings.Join(strings.Fields(usage), " "))
	return fmt.Sprintf("| `%s` | %s%s |\n", strings.ReplaceAll(name, "|", `\|`), escaped, standard)
}

// undented are lines without the blanks that all of them begin with.
func undented(text string) string {
	var lines []string
	for line := range strings.SplitSeq(strings.Trim(text, "\n"), "\n") {
		lines = append(lines, strings.TrimPrefix(line, "  "))
	}
	return strings.TrimRight(strings.Join(lines, "\n"), "\n ")
}

func lowerFirst(s string) string { return strings.ToLower(s[:1]) + s[1:] }
