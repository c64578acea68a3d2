// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package plan_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/plan"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// TestMakeForSharedTemplate: an object that two Rollouts have their template from is
// written once.
func TestMakeForSharedTemplate(t *testing.T) {
	t.Parallel()
	blue, green := app("Rollout", "blue"), app("Rollout", "green")
	base := snapshot.Object{APIVersion: "apps/v1", Kind: "Deployment", Namespace: "shop", Name: "base"}
	blue.Template.Object, green.Template.Object = base, base
	p := plan.Make(of(blue, green), options([]*guideline.Guideline{wants("a", sets("a=1"))}))
	if got := changes(p); !slices.Equal(got, []string{"Rollout shop/blue: a"}) || p.Changes[0].Object != base {
		t.Errorf("changes %v", got)
	}
	if len(p.Left) != 1 || p.Left[0].Object != green.Object || !strings.Contains(p.Left[0].Why, "run it again") {
		t.Errorf("left %v", p.Left)
	}
}
