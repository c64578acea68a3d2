// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package catalogue_test

import (
	"path/filepath"
	"testing"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/catalogue"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/evaluate"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/sizing"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// measured are the recommendations of the cases in testdata/sizing.txtar, by the names
// of their apps.
func measured() []sizing.Recommendation {
	const mib = 1 << 20
	resources := sizing.Resources{
		CPURequest: 45, CPULimit: 300, MemoryRequest: 90 * mib, MemoryLimit: 125 * mib, SoftLimit: 112 * mib,
	}
	object := func(name string) sizing.Workload {
		return sizing.Workload{Object: snapshot.Object{APIVersion: "apps/v1", Kind: "Deployment", Namespace: "shop", Name: name}}
	}
	seen := sizing.Use{Pods: 2}
	return []sizing.Recommendation{
		{Workload: object("orders"), Use: seen, Resources: resources, Confidence: sizing.High},
		{Workload: object("unsure"), Use: seen, Resources: resources},
		{Workload: object("unseen"), Resources: resources, Confidence: sizing.High},
		{Workload: object("cramped"), Use: seen, Withheld: "the memory limit has to be at least 500Mi, and LimitRange shop/bounds leaves 400Mi"},
	}
}

// TestSizing runs the cases of recommendations that are carried out beside all
// guidelines: what a plan says of each input.
func TestSizing(t *testing.T) {
	t.Parallel()
	g := catalogue.Sizing(measured(), catalogue.SizingOptions{MinChange: 0.1})
	all := append(catalogue.All(), g)
	runRemedies(t, filepath.Join("testdata", "sizing.txtar"), func(s *snapshot.Snapshot) string {
		p := planAmong(all, s, g.ID)
		checkPlan(t, all, s, p, g.ID)
		return described(p, g, func(snapshot.Object) string { return "" })
	})
}

// TestSizingAsked: what is asked for decides about numbers that rest on little, and
// about small differences.
func TestSizingAsked(t *testing.T) {
	t.Parallel()
	changes := func(o catalogue.SizingOptions, input string) int {
		g := catalogue.Sizing(measured(), o)
		return len(planAmong(append(catalogue.All(), g), snapshotOf(t, input), g.ID).Changes)
	}
	const unsure = "# live\n# with control-plane\n# with app name=unsure\n"
	const near = `# live
# with control-plane
# with app
kind: Deployment
metadata: {name: orders}
spec:
  template:
    metadata:
      annotations:
        dapr.io/sidecar-cpu-request: 46m
        dapr.io/sidecar-memory-request: 91Mi
        dapr.io/sidecar-memory-limit: 126Mi
        dapr.io/env: GOMEMLIMIT=113MiB
`
	for _, test := range []struct {
		name  string
		input string
		o     catalogue.SizingOptions
		want  int
	}{
		{"low confidence", unsure, catalogue.SizingOptions{MinChange: 0.1}, 0},
		{"low confidence, asked for", unsure, catalogue.SizingOptions{MinChange: 0.1, AllowLowConfidence: true}, 1},
		{"next to it", near, catalogue.SizingOptions{MinChange: 0.1}, 0},
		{"next to it, and all asked for", near, catalogue.SizingOptions{}, 1},
	} {
		if got := changes(test.o, test.input); got != test.want {
			t.Errorf("%s: %d changes, want %d", test.name, got, test.want)
		}
	}
}

// TestSizingNext: of an app that nothing is recommended for nothing is said, and none
// that was not measured is skipped without a word of why.
func TestSizingNext(t *testing.T) {
	t.Parallel()
	g := catalogue.Sizing(measured(), catalogue.SizingOptions{})
	e := evaluate.Run(snapshotOf(t, "# live\n# with control-plane\n# with app name=other\n"), []*guideline.Guideline{g},
		evaluate.Options{Scopes: []guideline.Scope{guideline.Apps}, Known: names()})
	if len(e.Judgements) != 1 || e.Judgements[0].Outcome != guideline.Skipped {
		t.Errorf("%v", e.Judgements)
	}
}
