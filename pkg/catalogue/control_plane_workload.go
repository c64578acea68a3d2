// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package catalogue

import (
	"strings"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// notJudged says why nothing can be said of the container of a workload.
func notJudged(w *snapshot.ControlPlaneWorkload) (r guideline.Result, off bool) {
	switch {
	case w.Desired == 0:
		return guideline.Skip("scaled to zero: switched off"), true
	case w.Container == nil:
		return guideline.Unknown("no container named %s in the template", w.Name), true
	default:
		return r, false
	}
}

// containerField is the place of a workload's own container.
func containerField(w *snapshot.ControlPlaneWorkload) string {
	return "spec.template.spec.containers[" + w.Name + "]"
}

// subchart is the chart that a workload comes from, under whose name its Helm
// values stand.
func subchart(name string) string {
	return strings.ReplaceAll(strings.TrimSuffix(name, "-server"), "-", "_")
}
