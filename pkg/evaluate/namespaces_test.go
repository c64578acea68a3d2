// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package evaluate_test

import (
	"testing"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/evaluate"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// TestNamespaces: which ones are judged, with no app in any of them.
func TestNamespaces(t *testing.T) {
	t.Parallel()
	in := func(namespace string) snapshot.Object { return snapshot.Object{Namespace: namespace, Name: "x"} }
	headers := []snapshot.Setting{{Name: "x"}}
	for _, tt := range []struct {
		name     string
		snapshot snapshot.Snapshot
		want     string
	}{
		{"an object of Dapr's", snapshot.Snapshot{DaprObjects: []snapshot.DaprObject{{Object: in("shop")}}}, "pass Namespace shop"},
		{"a Configuration with headers", snapshot.Snapshot{Configurations: []snapshot.Configuration{{Object: in("shop"), Settings: headers}}}, "pass Namespace shop"},
		{"a copy of one", snapshot.Snapshot{Configurations: []snapshot.Configuration{{Object: in("shop"), LastApplied: headers}}}, "pass Namespace shop"},
		{"a Configuration without", snapshot.Snapshot{Configurations: []snapshot.Configuration{{Object: in("shop")}}}, "pass Namespace shop"},
		{"the control plane's own", snapshot.Snapshot{Configurations: []snapshot.Configuration{{Object: snapshot.Object{Namespace: "dapr-system", Name: "daprsystem"}}}}, ""},
		{
			"a control plane's, which was not asked for",
			snapshot.Snapshot{Namespace: "shop", Configurations: []snapshot.Configuration{{Object: in("dapr-system"), Settings: headers}, {Object: in("shop"), Settings: headers}}},
			"pass Namespace shop",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			g := &guideline.Guideline{ID: "g", Severity: guideline.Info, Namespace: func(*guideline.Namespace) []guideline.Result {
				return []guideline.Result{guideline.Pass("seen")}
			}}
			e := evaluate.Run(&tt.snapshot, []*guideline.Guideline{g}, evaluate.Options{Scopes: []guideline.Scope{guideline.Apps}})
			if got := outcomes(e); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}
