// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package catalogue_test

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/catalogue"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/evaluate"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
)

var update = flag.Bool("update", false, "rewrite what the cases want with what the guidelines say")

const (
	inputSuffix = " / input.yaml"
	wantSuffix  = " / want"
)

// TestCases runs the cases of every guideline. They stand beside it, in a txtar
// file of the same name; testdata/README.md says how to write one.
func TestCases(t *testing.T) {
	for _, g := range catalogue.All() {
		t.Run(g.ID, func(t *testing.T) {
			t.Parallel()
			runCases(t, g)
		})
	}
}

func casesFile(g *guideline.Guideline) string {
	return strings.ReplaceAll(g.ID, "-", "_") + ".txtar"
}

func runCases(t *testing.T, g *guideline.Guideline) {
	archive, err := txtar.ParseFile(casesFile(g))
	if err != nil {
		t.Fatal(err)
	}
	if len(archive.Files)%2 != 0 {
		t.Fatalf("%s: an input without a want", casesFile(g))
	}
	seen := map[string]bool{}
	for i := 0; i < len(archive.Files); i += 2 {
		input, want := archive.Files[i], &archive.Files[i+1]
		name := strings.TrimSuffix(input.Name, inputSuffix)
		if name == input.Name || want.Name != name+wantSuffix || seen[name] {
			t.Fatalf("%s: sections %q and %q are no case, or there is one of that name", casesFile(g), input.Name, want.Name)
		}
		seen[name] = true
		t.Run(name, func(t *testing.T) {
			judgements := judged(t, g, string(input.Data))
			checkWords(t, g, judgements)
			got := said(judgements)
			// The name says what must come first, so that -update cannot turn a pass into a fail.
			if outcome, _, _ := strings.Cut(name, ":"); !strings.HasPrefix(got, outcome+" ") {
				t.Errorf("the name begins with %q, and the worst result is another:\n%s", outcome, got)
			}
			if *update {
				want.Data = []byte(got)
			} else if got != string(want.Data) {
				t.Errorf("got:\n%s\nwant:\n%s", got, want.Data)
			}
		})
	}
	if *update && !t.Failed() {
		if err := os.WriteFile(casesFile(g), txtar.Format(archive), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

func judged(t *testing.T, g *guideline.Guideline, input string) []evaluate.Judgement {
	t.Helper()
	c := newCase(t, input)
	return evaluate.Run(c.read(), []*guideline.Guideline{g}, evaluate.Options{
		Scopes:  []guideline.Scope{guideline.Apps, guideline.ControlPlane, guideline.Cluster},
		Edition: c.edition,
		Known:   names(),
	}).Judgements
}

// names are those of all guidelines.
func names() []string {
	var all []string
	for _, g := range catalogue.All() {
		all = append(all, g.ID)
	}
	return all
}

// said is an evaluation, one result a line: the outcome, the severity of a fail,
// who asks for it where that is not the guideline's own origin, the object, the
// field, the message; and below it what to do, where the result says so itself.
func said(judgements []evaluate.Judgement) string {
	var b strings.Builder
	for _, j := range judgements {
		b.WriteString(string(j.Outcome))
		if j.Outcome == guideline.Failed {
			fmt.Fprintf(&b, " %s", j.Severity)
		}
		if j.Origin != j.Guideline.Origin {
			fmt.Fprintf(&b, " (%s)", j.Origin)
		}
		fmt.Fprintf(&b, " %s", j.Object)
		if j.Field != "" {
			fmt.Fprintf(&b, " %s", j.Field)
		}
		fmt.Fprintf(&b, ": %s\n", j.Message)
		if j.Result.Remedy != "" {
			fmt.Fprintf(&b, "  do: %s\n", j.Result.Remedy)
		}
	}
	return b.String()
}
