// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package catalogue_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/catalogue"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/evaluate"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// headings of Dapr's "Production guidelines on Kubernetes", in its order. The
// page has no heading over its list of security features; "Security" stands for it.
// The last two stand for what it does not have, or no longer.
var headings = []string{
	"Cluster and capacity requirements",
	"Sidecar resource settings",
	"Setting soft memory limits on Dapr sidecar",
	"High availability mode",
	"Cluster Critical Priority Class Name",
	"Deploy Dapr with Helm",
	"Upgrade Dapr with Helm",
	"Security",
	"Service account tokens",
	"Tracing and metrics configuration",
	"Injector watchdog",
	"Configure seccompProfile for sidecar containers",
	"Only in the older edition",
	"Not on the page",
}

func TestGuidelinesAreComplete(t *testing.T) {
	t.Parallel()
	kebab := regexp.MustCompile(`^[a-z]+(-[a-z]+)*$`)
	seen := map[string]bool{}
	for _, g := range catalogue.All() {
		if !kebab.MatchString(g.ID) || seen[g.ID] {
			t.Errorf("ID %q is not in kebab case, or is used twice", g.ID)
		}
		seen[g.ID] = true
		for name, text := range map[string]string{"title": g.Title, "section": g.Section, "docs": g.Docs, "why": g.Why, "judged": g.Judged, "fix": g.Fix, "traps": g.Traps} {
			if text == "" || strings.TrimSpace(text) != text || strings.Contains(text, "\n") {
				t.Errorf("%s: %s is empty, has blanks around it or more than one line: %q", g.ID, name, text)
			}
		}
		if strings.HasSuffix(g.Title, ".") || strings.HasSuffix(g.Fix, ".") {
			t.Errorf("%s: title or fix ends with a period", g.ID)
		}
		if !strings.HasSuffix(g.Why, ".") || !strings.HasSuffix(g.Judged, ".") {
			t.Errorf("%s: why and judged are sentences", g.ID)
		}
		if !strings.HasSuffix(g.Traps, ".") {
			t.Errorf("%s: traps are sentences", g.ID)
		}
		if _, err := guideline.ParseSeverity(g.Severity.String()); err != nil {
			t.Errorf("%s: %v", g.ID, err)
		}
		if !slices.Contains([]guideline.Origin{guideline.Page, guideline.DaprDocs, guideline.Ours}, g.Origin) {
			t.Errorf("%s: origin %q", g.ID, g.Origin)
		}
		if !strings.HasPrefix(g.Docs, "https://docs.dapr.io/") {
			t.Errorf("%s: docs %q", g.ID, g.Docs)
		}
		if g.Mend != nil && g.App == nil || g.Mend == nil && len(g.MendsToo) > 0 {
			t.Errorf("%s mends what it does not judge", g.ID)
		}
		for _, id := range g.MendsToo {
			if !slices.Contains(names(), id) {
				t.Errorf("%s mends %s, which is no guideline", g.ID, id)
			}
		}
		if g.App == nil && g.Namespace == nil && g.ControlPlane == nil && g.Cluster == nil {
			t.Errorf("%s judges nothing", g.ID)
		}
	}
}

func TestGuidelinesStandInTheOrderOfThePage(t *testing.T) {
	t.Parallel()
	last := 0
	for _, g := range catalogue.All() {
		at := slices.Index(headings, g.Section)
		if at < 0 {
			t.Errorf("%s: the page has no heading %q", g.ID, g.Section)
		}
		if at < last {
			t.Errorf("%s stands below a guideline of a later section", g.ID)
		}
		last = at
	}
}

func TestGuidelinesDeclareWhatIsRead(t *testing.T) {
	t.Parallel()
	apps, injector := snapshot.Apps(), snapshot.Injector()
	for _, g := range catalogue.All() {
		if len(g.Reads) == 0 {
			t.Errorf("%s reads nothing", g.ID)
		}
		for i, read := range g.Reads {
			if slices.Contains(g.Reads[:i], read) {
				t.Errorf("%s: %v is declared twice", g.ID, read)
			}
		}
		// An app is found by all of the one, and its sidecar simulated with all of the other.
		if g.App != nil && !contains(g.Reads, apps, injector) {
			t.Errorf("%s judges apps, and does not read what tells of them", g.ID)
		}
	}
}

func contains(all []snapshot.Read, lists ...[]snapshot.Read) bool {
	for _, read := range slices.Concat(lists...) {
		if !slices.Contains(all, read) {
			return false
		}
	}
	return true
}

// TestGuidelinesHaveCases also finds files that belong to no guideline.
func TestGuidelinesHaveCases(t *testing.T) {
	t.Parallel()
	var files []string
	for _, g := range catalogue.All() {
		file := casesFile(g)
		files = append(files, file)
		if _, err := os.Stat(strings.TrimSuffix(file, ".txtar") + ".go"); err != nil {
			t.Errorf("%s does not stand in a file of its name: %v", g.ID, err)
		}
		archive, err := txtar.ParseFile(file)
		if err != nil {
			t.Error(err)
			continue
		}
		count := map[string]int{}
		for _, f := range archive.Files {
			if outcome, _, _ := strings.Cut(f.Name, ":"); strings.HasSuffix(f.Name, wantSuffix) {
				count[outcome]++
			}
		}
		if count["pass"] == 0 || count["fail"] == 0 || count["skip"]+count["unknown"] == 0 {
			t.Errorf("%s: %v: every guideline wants a pass, a fail, and a skip or unknown", file, count)
		}
	}
	there, err := filepath.Glob("*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(files)
	if !slices.Equal(files, there) {
		t.Errorf("files of cases: %v, of guidelines: %v", there, files)
	}
}

// checkWords reads every message and remedy that a case brings forth.
func checkWords(t *testing.T, g *guideline.Guideline, judgements []evaluate.Judgement) {
	t.Helper()
	for _, j := range judgements {
		for _, text := range []string{j.Message, j.Remedy} {
			if strings.HasSuffix(text, ".") || strings.Contains(text, "\n") || strings.TrimSpace(text) != text {
				t.Errorf("%s: ends with a period, holds a new line or has blanks around it: %q", g.ID, text)
			}
		}
		if j.Message == "" || j.Outcome == guideline.Failed && j.Remedy == "" {
			t.Errorf("%s: nothing is said, or nothing to do: %+v", g.ID, j.Result)
		}
	}
}
