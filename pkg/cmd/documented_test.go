// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package cmd_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"k8s.io/cli-runtime/pkg/genericiooptions"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/cmd"
)

// documented finds a command in a page: at the beginning of a line or after a pipe, in a
// block of code or between backticks, up to what the shell takes for something else.
var documented = regexp.MustCompile("(?m)(?:^ *(?:\\$ )?|\\| |`)kubectl dapr-prod ([a-z][^#|>$\n`]*)")

// TestDocumented: every command that a page names is there, with all of its flags.
func TestDocumented(t *testing.T) {
	t.Parallel()
	var pages []string
	for _, pattern := range []string{"../../*.md", "../../docs/*.md", "../../docs/commands/*.md", "../../examples/*.md"} {
		found, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		pages = append(pages, found...)
	}
	seen := 0
	for _, page := range pages {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		for _, found := range documented.FindAllStringSubmatch(string(text), -1) {
			line := strings.TrimSpace(found[1])
			if strings.Contains(line, "[") {
				continue // how a command is used, not a command
			}
			seen++
			args := strings.Fields(strings.TrimRight(line, ".:"))
			command, rest, err := cmd.NewCmdRoot(genericiooptions.NewTestIOStreamsDiscard()).Find(args)
			if err == nil && !command.HasParent() {
				t.Errorf("%s has a command that is not there: %s", page, line)
				continue
			}
			if err == nil {
				err = command.ParseFlags(rest)
			}
			if err != nil {
				t.Errorf("%s: %s: %v", page, line, err)
			}
		}
	}
	if seen < 100 {
		t.Errorf("only %d commands were found", seen)
	}
}
