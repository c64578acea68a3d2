// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

// Package advice joins what sidecars were seen to use with what a snapshot says of
// their workloads: what they have now, what the cluster allows, and who else goes by
// their requests. It is pure: the numbers come from package sizing.
package advice

import (
	"math"

	corev1 "k8s.io/api/core/v1"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/plan"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/quantity"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/sizing"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// Adviser recommends for the workloads of one snapshot, one after another: what it
// takes from a quota for one is not there for the next.
type Adviser struct {
	snapshot *snapshot.Snapshot
	quotas   []quota
}

// quota is a ResourceQuota and what is left of it.
type quota struct {
	of   *snapshot.ResourceQuota
	left *sizing.Quota
}

// New begins.
func New(s *snapshot.Snapshot) *Adviser {
	a := &Adviser{snapshot: s}
	for i := range s.ResourceQuotas {
		q := &s.ResourceQuotas[i]
		a.quotas = append(a.quotas, quota{q, sizing.NewQuota(q.Object.Namespace+"/"+q.Object.Name, q.Hard, q.Used)})
	}
	return a
}

// Reads are what an Adviser looks at beside the apps and their injectors.
func Reads() []snapshot.Read {
	return []snapshot.Read{
		{Resource: snapshot.LimitRanges, Place: snapshot.InApps},
		{Resource: snapshot.ResourceQuotas, Place: snapshot.InApps},
		{Resource: snapshot.Autoscalers, Place: snapshot.InApps},
		{Resource: snapshot.Nodes, Place: snapshot.InCluster},
	}
}

// ServiceReads are what an Adviser looks at beside the services of control planes.
func ServiceReads() []snapshot.Read {
	return []snapshot.Read{
		{Resource: snapshot.LimitRanges, Place: snapshot.InControlPlane},
		{Resource: snapshot.ResourceQuotas, Place: snapshot.InControlPlane},
		{Resource: snapshot.Nodes, Place: snapshot.InCluster},
	}
}

// Recommend says what an app's sidecars should get, by what they were seen to use,
// which may be nil.
func (a *Adviser) Recommend(app *guideline.App, used *sizing.Usage) sizing.Recommendation {
	w := sizing.Workload{Object: app.Object, Pods: podsOf(app), Current: Current(app), Usage: used}
	return a.within(w, specOf(app), a.othersOf(app).sum, sizing.Recommend)
}

// within recommends what the cluster allows of a workload with Pods of a spec, beside
// their other containers, and takes it from the quotas.
func (a *Adviser) within(w sizing.Workload, spec *corev1.PodSpec, others sizing.Resources, recommend func(sizing.Workload) sizing.Recommendation) sizing.Recommendation {
	for _, l := range a.snapshot.LimitRangesOf(w.Object.Namespace) {
		w.Bounds = append(w.Bounds, sizing.LimitRangeBounds(l.Namespace+"/"+l.Name, l.Items, others)...)
	}
	quotas := a.quotasOf(w.Object.Namespace, spec)
	for _, q := range quotas {
		w.Bounds = append(w.Bounds, q.Bounds(int(w.Pods), w.Current)...)
	}
	r := a.onNode(w, spec, others, recommend)
	for _, q := range quotas {
		q.Take(r)
	}
	return r
}

// quotasOf are the quotas of a namespace that are about Pods of a spec.
func (a *Adviser) quotasOf(namespace string, spec *corev1.PodSpec) []*sizing.Quota {
	var all []*sizing.Quota
	for _, q := range a.quotas {
		if q.of.Object.Namespace == namespace && plan.Concerns(q.of, spec) {
			all = append(all, q.left)
		}
	}
	return all
}

// specOf is the app's Pod spec, as far as it is known.
func specOf(app *guideline.App) *corev1.PodSpec {
	if app.Template == nil || app.Template.Spec == nil {
		return &corev1.PodSpec{}
	}
	return app.Template.Spec
}

// podsOf is how many Pods are wanted or, where the kind has no such number, there.
func podsOf(app *guideline.App) int32 {
	if app.Replicas != nil {
		return *app.Replicas
	}
	return int32(min(len(app.Pods), math.MaxInt32))
}

// Current is what the next Pod's sidecar gets or, where that is not known, what most
// of the Pods have.
func Current(app *guideline.App) sizing.Resources {
	switch e := app.Sidecar; {
	case e.Simulated != nil:
		return Settings(e.Simulated)
	case len(e.Observed) > 0:
		return Settings(&e.Observed[0].Container)
	}
	return sizing.Resources{}
}

// Settings are those of a container. GOMEMLIMIT is 0 where it is not set, is off, or
// cannot be read.
func Settings(c *corev1.Container) sizing.Resources {
	r := sizing.ResourcesOf(c.Resources)
	for _, v := range c.Env {
		if v.Name == quantity.GoMemoryLimitVariable {
			bytes, _, _ := quantity.GoMemoryLimit(v.Value)
			r.SoftLimit = sizing.Memory(bytes)
		}
	}
	return r
}
