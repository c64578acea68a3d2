// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package catalogue

import (
	corev1 "k8s.io/api/core/v1"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/dapr"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// memoryLimitValues take limits out that stand in the templates.
func memoryLimitValues(install *guideline.Install) guideline.Values {
	if install.Edition == guideline.Older {
		return guideline.Values{}
	}
	var v guideline.Values
	if install.New {
		for _, name := range dapr.ControlPlaneWorkloads() {
			limit := guideline.Value{Path: subchart(name) + limitsPath + string(corev1.ResourceMemory)}
			v.Set = append(v.Set, ifWritten(install, limit).Set...)
		}
		return v
	}
	short := fallen(install, func(install *guideline.Install, w *snapshot.ControlPlaneWorkload) guideline.Result {
		if _, off := notJudged(w); off {
			return guideline.Skip("not judged")
		}
		m := memoryOf(install, w)
		removable := m.set && m.limitRange == "" && m.field != wholePod && demandsLimit(install, w) == "" && install.Gap(snapshot.ResourceQuotas) == nil
		if !removable {
			return guideline.Pass("not for the chart to take out")
		}
		v.Set = append(v.Set, guideline.Value{Path: subchart(w.Name) + ".resources.limits.memory", Note: "null takes it out"})
		if least := leastRequests(w.Name)[corev1.ResourceMemory]; w.Container.Resources.Requests.Memory().IsZero() {
			// So far the limit was the request as well.
			v.Set = append(v.Set, guideline.Value{Path: subchart(w.Name) + ".resources.requests.memory", Value: least.String()})
		}
		return judgeUnlimited(install, w, m)
	})
	if len(short) == 0 {
		return guideline.Values{}
	}
	return v.Only("somebody set the limits").Closing(these(short)).
		Risking(restarts).Risking("a service that needs more and more memory takes it from the others on its node")
}
