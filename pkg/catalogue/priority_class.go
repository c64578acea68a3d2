// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package catalogue

import (
	"strings"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/dapr"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// critical tells whether a priority class is one of the two built in.
func critical(class string) bool {
	return class == "system-cluster-critical" || class == "system-node-critical"
}

// classOf is the priority class in a workload's template; empty where there is none.
func classOf(w *snapshot.ControlPlaneWorkload) string {
	if w == nil || w.Template == nil {
		return ""
	}
	return w.Template.Spec.PriorityClassName
}

// worstClass judges the classes of the running Pods, and counts those that fail.
func worstClass(install *guideline.Install, w *snapshot.ControlPlaneWorkload) (worst guideline.Result, falling int) {
	for _, p := range w.Pods {
		class := ""
		if p.Spec != nil {
			class = p.Spec.PriorityClassName
		}
		r := judgeClass(install, class)
		if r.Outcome == guideline.Failed {
			falling++
		}
		if worst.Outcome != guideline.Failed && (worst.Outcome != guideline.Unjudged || r.Outcome == guideline.Failed) {
			worst = r
		}
	}
	return worst, falling
}

// judgeClass judges a class by its name; the empty name is what a Pod has that
// names none, in a cluster without a default class.
func judgeClass(install *guideline.Install, name string) guideline.Result {
	if critical(name) {
		return guideline.Pass("priority class %s", name)
	}
	if name == "" {
		return guideline.Fail("no priority class")
	}
	if gap := install.Snapshot.Gap(snapshot.InCluster, snapshot.PriorityClasses, ""); gap != nil {
		return guideline.Unknown("how high priority class %s is: %s", name, gap)
	}
	class, rival := standing(install.Snapshot, name)
	switch {
	case class == nil && install.Snapshot.Live:
		return guideline.Fail("priority class %s does not exist: the server refuses new Pods", name).As(guideline.Error).
			Do("make the PriorityClass %s, or set the Helm value global.priorityClassName=system-cluster-critical", name)
	case class == nil:
		return guideline.Unknown("priority class %s: not in the input", name)
	case class.Default:
		return guideline.Fail("priority class %s is the default, which apps have as well", name)
	case rival != nil && rival.Value >= class.Value:
		return guideline.Fail("priority class %s is no higher than %s: %d and %d", name, rival.Name, class.Value, rival.Value)
	case !install.Snapshot.Live:
		return guideline.Unknown("priority class %s: whether it is above all others of the cluster cannot be seen in the input", name)
	default:
		return guideline.Pass("priority class %s, with %d above all others that are not built in", name, class.Value)
	}
}

// standing returns the class of that name, and the highest of the others that are
// not built in.
func standing(s *snapshot.Snapshot, name string) (class, rival *snapshot.PriorityClass) {
	for i := range s.PriorityClasses {
		c := &s.PriorityClasses[i]
		switch {
		case c.Name == name:
			class = c
		case strings.HasPrefix(c.Name, "system-"):
			// Only the server can make such names.
		case rival == nil || c.Value > rival.Value || c.Value == rival.Value && c.Name < rival.Name:
			rival = c
		}
	}
	return class, rival
}

// lostByChart tells whether the chart of a release puts the priority class of
// placement where the server drops it: among the volumeClaimTemplates, up to 1.14.4.
func lostByChart(v dapr.Version, w *snapshot.ControlPlaneWorkload) bool {
	return w.Name == dapr.Placement && len(w.Claims) > 0 && v.Known() && !v.AtLeast(1, 14, 5)
}
