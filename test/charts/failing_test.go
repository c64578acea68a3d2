// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package charts_test

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/catalogue"
)

// goldens are the reports on real clusters: those on Dapr's charts, and those on
// the shop of examples/shop, which the demo shows.
var goldens = []string{"testdata/*.txt", "../cluster/testdata/*.txt"}

// A finding is a line of a table in the first and a line of its own in the second.
var findings = []*regexp.Regexp{
	regexp.MustCompile(`(?m)^fail +\S+ +\S+ +\S+ +([a-z-]+) `),
	regexp.MustCompile(`(?m)^\S+ \S+: fail ([a-z-]+), `),
}

// TestEveryGuidelineFailsSomewhere: each guideline is seen to fail in a real
// cluster, so that none is only an idea.
func TestEveryGuidelineFailsSomewhere(t *testing.T) {
	t.Parallel()
	failing := map[string]bool{}
	for _, pattern := range goldens {
		files, err := filepath.Glob(pattern)
		if err != nil || len(files) == 0 {
			t.Fatalf("there are no reports %s: %v", pattern, err)
		}
		for _, file := range files {
			content, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			for _, finding := range findings {
				for _, found := range finding.FindAllStringSubmatch(string(content), -1) {
					failing[found[1]] = true
				}
			}
		}
	}
	for _, g := range catalogue.All() {
		if !failing[g.ID] {
			t.Errorf("%s fails nowhere: let an app of examples/shop fall short of it, as people do, or install a chart so that it fails", g.ID)
		}
		delete(failing, g.ID)
	}
	for id := range failing {
		t.Errorf("a report has %q fail, which is no guideline", id)
	}
}
