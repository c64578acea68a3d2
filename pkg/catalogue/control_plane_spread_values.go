// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package catalogue

import (
	"slices"

	corev1 "k8s.io/api/core/v1"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/dapr"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// spreadValues spread replicas over nodes, where the chart can, and have it make the
// budgets that are not there.
func spreadValues(install *guideline.Install) guideline.Values {
	if install.New {
		return guideline.Values{} // with three replicas the chart spreads them, and makes the budgets
	}
	several := func(judge func(*guideline.Install, *snapshot.ControlPlaneWorkload) guideline.Result) []shortfall {
		return fallen(install, func(install *guideline.Install, w *snapshot.ControlPlaneWorkload) guideline.Result {
			if w.Desired < 2 || oneNode(install, w) {
				return guideline.Skip("nothing to spread")
			}
			return judge(install, w)
		})
	}
	together, exposed := several(judgeSpread), several(judgeMissingBudget)
	if !install.Version.AtLeast(1, 17, 0) {
		together = nil // it prefers other zones, whatever the values are
	}
	if schedulerGrows(install) != "" {
		exposed = nil // with the switch that makes them the scheduler grows, too
	}
	short := slices.Concat(together, exposed)
	if len(short) == 0 {
		return guideline.Values{}
	}
	v := threeOfEach(install, short)
	if len(together) > 0 && v.Person == "" {
		v.Set = append(v.Set, guideline.Value{Path: topologyKeyValue, Value: corev1.LabelHostname})
		v = v.Risking("the chart prefers other nodes and does not demand them: where there is no room elsewhere, Pods share a node still")
	}
	return v
}

// judgeMissingBudget fails where there is no budget, and the chart makes one.
func judgeMissingBudget(install *guideline.Install, w *snapshot.ControlPlaneWorkload) guideline.Result {
	budgets, _, _ := budgetsFor(install, podLabels(w))
	if len(budgets) > 0 || chartBudget(install, w) != "" || w.Name == dapr.Placement && !highlyAvailable(install) {
		return guideline.Pass("not for want of one that the chart makes")
	}
	return judgeBudgets(install, w)
}
