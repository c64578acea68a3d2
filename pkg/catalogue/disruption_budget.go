// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package catalogue

import (
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/dapr"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// judgeBudgets judges the PodDisruptionBudgets that select the Pods of a workload.
func judgeBudgets(install *guideline.Install, w *snapshot.ControlPlaneWorkload) guideline.Result {
	if gap := install.Gap(snapshot.DisruptionBudgets); gap != nil {
		return guideline.Hidden(gap)
	}
	pods := podLabels(w)
	budgets, selected, twice := budgetsFor(install, pods)
	if len(budgets) == 0 && !install.Snapshot.Live {
		return guideline.Unknown("a PodDisruptionBudget for it: not in the input")
	}
	if len(budgets) == 0 {
		if stale := chartBudget(install, w); stale != "" {
			return guideline.Fail("PodDisruptionBudget %s selects none of its Pods, and no other does", stale).Do("%s", relabelling(w))
		}
		return guideline.Fail("no PodDisruptionBudget selects its Pods").Do("%s", protection(install, w))
	}
	b := budgets[0]
	allowed := allows(b, int(w.Desired))
	switch {
	case selected < len(pods):
		return guideline.Fail("PodDisruptionBudget %s selects %d of %d Pods", b.Object.Name, selected, len(pods)).
			Do("%s", relabelling(w))
	case twice:
		return guideline.Fail("PodDisruptionBudgets %s and %s select the same Pods: the server then evicts none of them", b.Object.Name, budgets[1].Object.Name).
			Do("delete one of the two")
	case allowed <= 0:
		return guideline.Fail("PodDisruptionBudget %s allows no disruption: a node with such a Pod cannot be drained", b.Object.Name).
			Do("set maxUnavailable: 1 in PodDisruptionBudget %s, and no minAvailable", b.Object.Name)
	case allowed >= int(w.Desired):
		return guideline.Fail("PodDisruptionBudget %s lets all %d Pods go at once", b.Object.Name, w.Desired).
			Do("set maxUnavailable: 1 in PodDisruptionBudget %s, and no minAvailable", b.Object.Name)
	default:
		return guideline.Pass("PodDisruptionBudget %s lets %d of %d Pods go at once", b.Object.Name, allowed, w.Desired)
	}
}

// podLabels are the labels of the running Pods or, where none is seen, of the template.
func podLabels(w *snapshot.ControlPlaneWorkload) []map[string]string {
	var all []map[string]string
	for _, p := range w.Pods {
		all = append(all, p.Labels)
	}
	if len(all) == 0 && w.Template != nil {
		all = append(all, w.Template.Labels)
	}
	return all
}

// budgetsFor returns the budgets that select Pods with some of these labels, how
// many of the Pods are selected, and whether one is by several.
func budgetsFor(install *guideline.Install, pods []map[string]string) (budgets []snapshot.DisruptionBudget, selected int, twice bool) {
	covered := map[int]bool{}
	for _, b := range install.Snapshot.DisruptionBudgetsOf(install.Namespace) {
		matches := false
		for i, labels := range pods {
			if !b.Selector.Matches(labels) {
				continue
			}
			twice = twice || covered[i]
			matches, covered[i] = true, true
		}
		if matches {
			budgets = append(budgets, b)
		}
	}
	return budgets, len(covered), twice
}

// allows is how many of the wanted Pods a budget lets go while all are healthy.
// The server rounds percentages up. With neither number one Pod must stay.
func allows(b snapshot.DisruptionBudget, wanted int) int {
	if b.MaxUnavailable != nil {
		n, err := intstr.GetScaledValueFromIntOrPercent(b.MaxUnavailable, wanted, true)
		if err != nil {
			return 0
		}
		return n
	}
	least := intstr.FromInt32(1)
	if b.MinAvailable != nil {
		least = *b.MinAvailable
	}
	n, err := intstr.GetScaledValueFromIntOrPercent(&least, wanted, true)
	if err != nil {
		return 0
	}
	return wanted - n
}

// chartBudget returns the name of the budget that the chart makes for a workload,
// where it is there; the name is no proof that it selects anything.
func chartBudget(install *guideline.Install, w *snapshot.ControlPlaneWorkload) string {
	for _, b := range install.Snapshot.DisruptionBudgetsOf(install.Namespace) {
		if b.Object.Name == w.Name+"-disruption-budget" || b.Object.Name == w.Name+"-budget" {
			return b.Object.Name
		}
	}
	return ""
}

func relabelling(w *snapshot.ControlPlaneWorkload) string {
	return "finish the upgrade, or " + restart(w.Object) + ": their labels are not those that the budget selects"
}

// protection says how a workload gets a budget.
func protection(install *guideline.Install, w *snapshot.ControlPlaneWorkload) string {
	if w.Name == dapr.Placement && !highlyAvailable(install) {
		return "make a PodDisruptionBudget with maxUnavailable: 1 for the label app=dapr-placement-server: with dapr_placement.ha alone the chart makes none"
	}
	return highAvailability(install) + ", with which the chart makes one" + schedulerGrows(install)
}
