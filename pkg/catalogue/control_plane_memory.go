// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package catalogue

import (
	"fmt"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/dapr"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// controlPlaneMemoryLimits are the older edition's numbers to start with. It has
// none for the scheduler, which came after it.
var controlPlaneMemoryLimits = map[string]resource.Quantity{
	dapr.Operator:  resource.MustParse("200Mi"),
	dapr.Injector:  resource.MustParse("200Mi"),
	dapr.Sentry:    resource.MustParse("200Mi"),
	dapr.Placement: resource.MustParse("150Mi"),
}

// wholePod is the place of the limit that all containers of a Pod share.
const wholePod = "spec.template.spec.resources.limits.memory"

// memory is how a service of the control plane is limited in its memory.
type memory struct {
	// limit is what the next Pod gets where set, limitRange the LimitRange that
	// gives it, field its place in the template otherwise.
	limit             resourceQuantity
	set               bool
	limitRange, field string
	// pods counts the running Pods, limited those that have a limit, killed those of
	// the latter that were OOMKilled; running is the first of their limits.
	pods, limited, killed int
	running               resourceQuantity
	// hidden is the gap that may hide a limit.
	hidden *snapshot.Gap
}

func memoryOf(install *guideline.Install, w *snapshot.ControlPlaneWorkload) memory {
	m := memory{field: containerField(w) + ".resources.limits.memory"}
	if _, own := (container{w.Container, nil}).limit(corev1.ResourceMemory); !own {
		if _, whole := (container{w.Container, w.PodResources}).limit(corev1.ResourceMemory); whole {
			m.field = wholePod
		}
	}
	if m.limit, m.set = (container{w.Container, w.PodResources}).limit(corev1.ResourceMemory); !m.set {
		m.limit, m.limitRange, m.set = rangeLimit(install)
	}
	for _, p := range w.Pods {
		if p.Container == nil {
			continue
		}
		m.pods++
		limit, limited := container{p.Container, p.PodResources}.limit(corev1.ResourceMemory)
		if !limited {
			continue
		}
		if m.limited == 0 {
			m.running = limit
		}
		m.limited++
		if outOfMemory(p.Status) {
			m.killed++
		}
	}
	if m.hidden = install.Gap(snapshot.Pods); m.hidden == nil && m.pods == 0 {
		m.hidden = install.Gap(snapshot.LimitRanges)
	}
	if m.hidden != nil && m.hidden.Reason == snapshot.NotInInput {
		m.hidden = nil // manifests are judged as they are
	}
	return m
}

// rangeLimit is the limit that the control plane's namespace gives to containers without one.
func rangeLimit(install *guideline.Install) (limit resourceQuantity, name string, set bool) {
	for _, l := range install.Snapshot.LimitRangesOf(install.Namespace) {
		for _, item := range l.Items {
			if q, given := item.Default[corev1.ResourceMemory]; given && item.Type == corev1.LimitTypeContainer && !q.IsZero() {
				return q, l.Name, true
			}
		}
	}
	return limit, "", false
}

func outOfMemory(s *corev1.ContainerStatus) bool {
	if s == nil {
		return false
	}
	for _, state := range []corev1.ContainerState{s.State, s.LastTerminationState} {
		if state.Terminated != nil && state.Terminated.Reason == "OOMKilled" {
			return true
		}
	}
	return false
}

// demandsLimit returns the ResourceQuota that refuses a workload's Pods if they
// have no memory limit; empty if none does.
func demandsLimit(install *guideline.Install, w *snapshot.ControlPlaneWorkload) string {
	for _, q := range install.Snapshot.ResourceQuotasOf(install.Namespace) {
		if _, demanded := q.Hard[corev1.ResourceLimitsMemory]; demanded && (w.Template == nil || counts(&q, &w.Template.Spec)) {
			return q.Object.Name
		}
	}
	return ""
}

// judgeLimited is what the older edition says: a limit, and large enough.
func judgeLimited(_ *guideline.Install, w *snapshot.ControlPlaneWorkload, m memory) guideline.Result {
	wanted, onPage := controlPlaneMemoryLimits[w.Name]
	if !onPage {
		return guideline.Skip("the guidelines have no numbers for the scheduler")
	}
	low := func(q resourceQuantity) bool { return q.Cmp(wanted) < 0 }
	raise := fmt.Sprintf("set limits.memory in the Helm value %s.resources to what was measured, with room to grow", subchart(w.Name))
	var r guideline.Result
	switch {
	case m.killed > 0:
		r = guideline.Fail("%d of %d running Pods were OOMKilled at a memory limit of %s", m.killed, m.pods, &m.running).As(guideline.Error).Do("%s", raise)
	case !m.set && m.limited == 0 && m.hidden != nil:
		return guideline.Hidden(m.hidden).In(w.Name)
	case !m.set && (m.limited == 0 || m.limited < m.pods):
		r = guideline.Fail("no memory limit: the page starts with %s", &wanted).Do("set limits.memory in the Helm value %s.resources", subchart(w.Name))
	case m.set && m.limited < m.pods:
		r = guideline.Fail("%d of %d running Pods have no memory limit", m.pods-m.limited, m.pods).
			Do("%s: they are older than what limits the next ones", restart(w.Object))
	case m.set && low(m.limit) || !m.set && low(m.running):
		limit := m.limit
		if !m.set {
			limit = m.running
		}
		r = guideline.Fail("memory limit %s, the page starts with %s", &limit, &wanted).As(guideline.Info).Do("keep it if it was measured, or raise it")
	case !m.set:
		return guideline.Pass("memory limit %s, not from the template but from the namespace or an autoscaler", &m.running).In(w.Name)
	case m.limitRange != "":
		return guideline.Pass("memory limit %s, from LimitRange %s of the namespace", &m.limit, m.limitRange).In(w.Name)
	default:
		r = guideline.Pass("memory limit %s", &m.limit)
	}
	return r.In(w.Name).At(m.field)
}
