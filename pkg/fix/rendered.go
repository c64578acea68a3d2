// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package fix

import (
	"context"
	"fmt"
	"slices"
	"time"

	"k8s.io/apimachinery/pkg/labels"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/collect"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/dapr"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/evaluate"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/manifest"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/plan"
)

// Rendered is a control plane's chart before and after values are added, as manifests.
type Rendered struct {
	Before, After string
	// Namespace and Version are those of the release.
	Namespace string
	Version   dapr.Version
	Now       time.Time
}

// Judged is what judging the manifests says of values.
type Judged struct {
	// Open are findings that the values were to close, and Opened those that they
	// bring. Neither of them may be.
	Open, Opened []evaluate.Judgement
	// Worse are findings that were there and weigh more with the values, as missing
	// requests do of what is to be highly available.
	Worse []evaluate.Judgement
}

// Judge holds the manifests against the guidelines, before and after. What manifests do
// not show, such as Pods that run, is left to the check after the upgrade.
func (r Rendered) Judge(ctx context.Context, v *plan.Values, o plan.Options) (Judged, error) {
	before, err := r.failures(ctx, r.Before, o)
	if err != nil {
		return Judged{}, err
	}
	after, err := r.failures(ctx, r.After, o)
	if err != nil {
		return Judged{}, err
	}
	var judged Judged
	for _, j := range v.Closes {
		same := func(k evaluate.Judgement) bool { return sameFailure(j, k) }
		if j.Guideline.ControlPlane != nil && slices.ContainsFunc(after, same) {
			judged.Open = append(judged.Open, j)
		}
	}
	for _, k := range after {
		was := func(j evaluate.Judgement) bool { return sameFailure(j, k) }
		i := slices.IndexFunc(before, was)
		switch {
		case k.Severity == guideline.Info, slices.ContainsFunc(judged.Open, was):
		case i < 0:
			judged.Opened = append(judged.Opened, k)
		case before[i].Severity < k.Severity:
			judged.Worse = append(judged.Worse, k)
		}
	}
	return judged, nil
}

func (r Rendered) failures(ctx context.Context, manifests string, o plan.Options) ([]evaluate.Judgement, error) {
	s, err := collect.Manifests{
		Made:      []manifest.Made{{Name: "the rendered chart", Data: []byte(manifests)}},
		Namespace: r.Namespace, Selector: labels.Everything(), Version: r.Version, Now: r.Now,
	}.Read(ctx)
	if err != nil {
		return nil, fmt.Errorf("what the chart gives cannot be judged: %w", err)
	}
	var failed []evaluate.Judgement
	for _, j := range evaluate.Run(s, o.Guidelines, o.Evaluation).Judgements {
		if j.Outcome == guideline.Failed {
			failed = append(failed, j)
		}
	}
	return failed, nil
}

// sameFailure tells whether two evaluations speak of the same.
func sameFailure(a, b evaluate.Judgement) bool {
	return a.Guideline == b.Guideline && a.Object == b.Object && a.Field == b.Field
}
