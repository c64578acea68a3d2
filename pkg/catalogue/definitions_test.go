// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package catalogue_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/catalogue"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
)

// TestDefinitionsOfTheChart holds the table of definitions against the chart of the
// release of Dapr that this module is built with.
func TestDefinitionsOfTheChart(t *testing.T) {
	t.Parallel()
	out, err := exec.CommandContext(t.Context(), "go", "list", "-m", "-f", "{{.Dir}} {{.Version}}", "github.com/dapr/dapr").Output()
	if err != nil {
		t.Fatal(err)
	}
	dir, version, _ := strings.Cut(strings.TrimSpace(string(out)), " v")
	files, err := filepath.Glob(filepath.Join(dir, "charts", "dapr", "crds", "*.yaml"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no definitions in %s: %v", dir, err)
	}
	var input strings.Builder
	input.WriteString("# with control-plane version=" + version + "\n")
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		input.WriteString("\n---\n")
		input.Write(text)
	}
	seen := 0
	for _, g := range catalogue.All() {
		if g.ID != "crd-versions" {
			continue
		}
		for _, j := range judged(t, g, input.String()) {
			seen++
			if j.Outcome != guideline.Passed {
				t.Errorf("%s %s: %s %s", version, j.Object, j.Outcome, j.Message)
			}
		}
	}
	if seen != len(files) {
		t.Errorf("%d definitions were judged, and the chart of %s has %d", seen, version, len(files))
	}
}
