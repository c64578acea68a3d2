// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package cmd_test

import (
	"os"
	"strings"
	"testing"

	"k8s.io/cli-runtime/pkg/genericiooptions"
	"sigs.k8s.io/yaml"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/cmd"
)

// TestAction: every input of the GitHub Action reaches its script, which uses it.
func TestAction(t *testing.T) {
	t.Parallel()
	var action struct {
		Inputs map[string]struct{ Description string }
		Runs   struct {
			Steps []struct {
				Env map[string]string
				Run string
			}
		}
	}
	read(t, "../../action.yml", &action)
	script, err := os.ReadFile("../../hack/action.sh")
	if err != nil {
		t.Fatal(err)
	}
	last := action.Runs.Steps[len(action.Runs.Steps)-1]
	if len(last.Env) != len(action.Inputs) || strings.Contains(last.Run, "${{") {
		t.Errorf("%d of %d inputs reach the script", len(last.Env), len(action.Inputs))
	}
	formats := []string{"SARIF", "HTML", "JUNIT", "MARKDOWN"}
	for name, input := range action.Inputs {
		upper := strings.ToUpper(strings.ReplaceAll(name, "-", "_"))
		if last.Env["INPUT_"+upper] != "${{ inputs."+name+" }}" || input.Description == "" {
			t.Errorf("input %s is %q", name, last.Env["INPUT_"+upper])
		}
		used := strings.Contains(string(script), "INPUT_"+upper)
		for _, format := range formats {
			used = used || upper == format && strings.Contains(string(script), strings.ToLower(format))
		}
		if !used {
			t.Errorf("the script does not use %s", name)
		}
	}
}

// TestHook: the pre-commit hook is a command that there is, and never checks a cluster.
func TestHook(t *testing.T) {
	t.Parallel()
	var hooks []struct {
		ID, Entry, Language string
		PassFilenames       bool `json:"pass_filenames"`
	}
	read(t, "../../.pre-commit-hooks.yaml", &hooks)
	for _, hook := range hooks {
		streams, _, _, errOut := genericiooptions.NewTestIOStreams()
		if code := cmd.Run(strings.Fields(hook.Entry), streams); code != 2 || !strings.Contains(errOut.String(), "-R goes with -f DIRECTORY") {
			t.Errorf("%s: exit code %d: %s", hook.ID, code, errOut.String())
		}
		if hook.PassFilenames {
			t.Errorf("%s: check takes no arguments", hook.ID)
		}
	}
	if len(hooks) != 1 {
		t.Errorf("%d hooks", len(hooks))
	}
}

func read(t *testing.T, path string, into any) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := yaml.Unmarshal(text, into); err != nil {
		t.Fatal(err)
	}
}
