// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package catalogue

import (
	"fmt"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

var controlPlaneMemoryLimit = &guideline.Guideline{
	ID:       "control-plane-memory-limit",
	Title:    "the control plane has no memory limits (the older edition: has some)",
	Severity: guideline.Warning,
	Origin:   guideline.Page,
	Section:  "Cluster and capacity requirements",
	Docs:     page + "#cluster-and-capacity-requirements",
	Why: "What the control plane needs grows with the cluster. A service that reaches its memory limit is killed, at the worst time: " +
		"when many Pods start at once. The older edition asked for limits nevertheless, to protect the other Pods of the node.",
	Judged: "The memory limit that the next Pod gets, from the template or from a LimitRange of the namespace, the limits of running Pods, and whether one of these was OOMKilled, which makes it an error. " +
		"Where a ResourceQuota demands a limit it is worth knowing, no more. Under the older edition a limit of at least 200Mi is asked of operator, injector and sentry, 150Mi of placement.",
	Fix: "take limits.memory out of the Helm values dapr_operator.resources, dapr_sidecar_injector.resources, dapr_sentry.resources, dapr_placement.resources and dapr_scheduler.resources",
	Traps: "A template without a limit proves nothing where a LimitRange gives one. How much of its limit a service uses is not looked at, " +
		"and a kill that the kubelet no longer remembers is not seen.",
	Reads: []snapshot.Read{
		{Resource: snapshot.Deployments, Place: snapshot.InControlPlane},
		{Resource: snapshot.StatefulSets, Place: snapshot.InControlPlane},
		{Resource: snapshot.Pods, Place: snapshot.InControlPlane},
		{Resource: snapshot.LimitRanges, Place: snapshot.InControlPlane},
		{Resource: snapshot.ResourceQuotas, Place: snapshot.InControlPlane},
	},
	ControlPlane: func(install *guideline.Install) []guideline.Result {
		judge := judgeUnlimited
		if install.Edition == guideline.Older {
			judge = judgeLimited
		}
		return eachWorkload(install, func(install *guideline.Install, w *snapshot.ControlPlaneWorkload) guideline.Result {
			if r, off := notJudged(w); off {
				return r
			}
			return judge(install, w, memoryOf(install, w))
		}, notInstalled)
	},
	Values: memoryLimitValues,
}

// judgeUnlimited is what the newer edition says: no limit.
func judgeUnlimited(install *guideline.Install, w *snapshot.ControlPlaneWorkload, m memory) guideline.Result {
	var r guideline.Result
	switch {
	case m.set && m.limitRange != "":
		r = guideline.Fail("memory limit %s, from LimitRange %s of the namespace", &m.limit, m.limitRange).
			Do("take the memory limit out of LimitRange %s, or set one far above what the service uses in the Helm value %s.resources", m.limitRange, subchart(w.Name))
	case m.set:
		r = guideline.Fail("memory limit %s", &m.limit).At(m.field).Do("%s", removal(install, w, m))
	case m.limited > 0:
		r = guideline.Fail("%d of %d running Pods have a memory limit, %s, and the template has none", m.limited, m.pods, &m.running).
			Do("%s, and see what gives them the limit if it comes back: an autoscaler, or a webhook", restart(w.Object))
	case m.hidden != nil:
		return guideline.Hidden(m.hidden).In(w.Name)
	default:
		return guideline.Pass("no memory limit").In(w.Name)
	}
	if quota := demandsLimit(install, w); quota != "" && (m.set || m.limited > 0) {
		r = r.As(guideline.Info).Do("raise it far above what the service uses, in the Helm value %s.resources: ResourceQuota %s refuses Pods without a memory limit", subchart(w.Name), quota)
	}
	if m.killed > 0 {
		r.Message += fmt.Sprintf(", and %d of %d running Pods were OOMKilled", m.killed, m.pods)
		r = r.As(guideline.Error)
	}
	return r.In(w.Name)
}

// removal says how a limit is taken out of the template, which the server may
// answer by refusing the Pods.
func removal(install *guideline.Install, w *snapshot.ControlPlaneWorkload, m memory) string {
	remedy := fmt.Sprintf("take limits.memory out of the Helm value %s.resources", subchart(w.Name))
	if m.field == wholePod {
		remedy = fmt.Sprintf("take %s out of the %s, for which the chart has no value", m.field, w.Object.Kind)
	}
	if install.Gap(snapshot.ResourceQuotas) != nil {
		remedy += ", unless a ResourceQuota of the namespace demands it, which could not be read"
	}
	return remedy
}
