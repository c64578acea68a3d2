// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package collect

import (
	"slices"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/types"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// apps joins templates and Pods into apps, known by their top owner. Workloads
// that have nothing of Dapr, in their template or in a Pod, are left out; so are
// Pods of workloads that were not selected. unread tells whether the workloads
// of a kind could not be listed.
func (f *facts) apps(selector labels.Selector, unread func(kind, namespace string) bool) []snapshot.App {
	j := &join{facts: f, byUID: map[types.UID]*workload{}, byName: map[snapshot.Object]*workload{}}
	for i := range f.workloads {
		w := &f.workloads[i]
		j.byName[w.app.Object] = w
		if w.app.UID != "" {
			j.byUID[w.app.UID] = w
		}
	}
	j.follow()
	for i := range f.pods {
		if p := &f.pods[i]; p.controlPlane == nil {
			j.place(p, selector, unread)
		}
	}
	j.refuse()
	return j.result()
}

type join struct {
	*facts
	byUID  map[types.UID]*workload
	byName map[snapshot.Object]*workload
	// found are the apps known from their Pods alone.
	found []*workload
}

// follow gives each Rollout the template of the workload that it refers to, and
// takes that workload out: it has no Pods of its own.
func (j *join) follow() {
	for i := range j.workloads {
		w := &j.workloads[i]
		if w.ref == nil {
			continue
		}
		if target := j.byName[*w.ref]; target != nil && target.app.Template != nil {
			w.app.Template = target.app.Template
			target.app.Template = nil
			target.app.Annotations = nil
		}
	}
}

// top climbs from a controller reference to the highest owner that is known.
func (j *join) top(namespace string, ref metav1.OwnerReference) (types.UID, snapshot.Object) {
	// An object that owns itself, or a ring of owners, must not hold us up.
	seen := map[types.UID]bool{}
	for !seen[ref.UID] && j.byUID[ref.UID] == nil {
		seen[ref.UID] = true
		up, found := j.links[ref.UID]
		if !found {
			break
		}
		ref = up
	}
	return ref.UID, snapshot.Object{APIVersion: ref.APIVersion, Kind: ref.Kind, Namespace: namespace, Name: ref.Name}
}

// place hands a Pod to its app, which is made where only Pods tell of it.
func (j *join) place(p *pod, selector labels.Selector, unread func(kind, namespace string) bool) {
	if p.owner == nil {
		j.bare(p, selector)
		return
	}
	uid, owner := j.top(p.namespace, *p.owner)
	w := j.byUID[uid]
	if w == nil {
		w = j.byName[owner]
	}
	if w == nil {
		if !resourceOf(owner.Kind).Empty() && !unread(owner.Kind, p.namespace) {
			// It was listed and is not there: not selected, or gone since.
			return
		}
		if p.Sidecar == nil && len(p.Annotations) == 0 || !selector.Matches(labels.Set(p.Labels)) {
			return
		}
		w = &workload{app: snapshot.App{Object: owner, UID: uid, Source: p.source}}
		j.byUID[uid], j.byName[owner] = w, w
		j.found = append(j.found, w)
	}
	w.app.Pods = append(w.app.Pods, p.Pod)
}

// bare makes an app of a Pod that nobody owns.
func (j *join) bare(p *pod, selector labels.Selector) {
	w := &workload{app: snapshot.App{
		Object:   p.template.Object,
		UID:      p.uid,
		Source:   p.source,
		Template: p.template,
	}}
	if !selector.Matches(labels.Set(p.Labels)) || p.Sidecar == nil && !asks(&w.app) {
		return
	}
	if p.uid != "" {
		// In manifests the Pod is still to come.
		w.app.Pods = []snapshot.Pod{p.Pod}
	}
	j.found = append(j.found, w)
}

// resourceOf is the resource in which the workloads of a kind are listed; the
// zero Resource for kinds that are not. ReplicaSets are read as links only.
func resourceOf(kind string) snapshot.Resource {
	switch kind {
	case "Deployment":
		return snapshot.Deployments
	case "StatefulSet":
		return snapshot.StatefulSets
	case "DaemonSet":
		return snapshot.DaemonSets
	case "Job":
		return snapshot.Jobs
	case "CronJob":
		return snapshot.CronJobs
	case "Rollout":
		return snapshot.Rollouts
	default:
		return snapshot.Resource{}
	}
}

// refuse hands the server's refusals to the apps whose Pods were refused.
func (j *join) refuse() {
	for _, r := range j.refusals {
		uid := r.owner
		if up, found := j.links[uid]; found && j.byUID[uid] == nil {
			uid, _ = j.top("", up)
		}
		if w := j.byUID[uid]; w != nil {
			w.app.Denials = append(w.app.Denials, r.denial)
		}
	}
}

// result is the apps, sorted, without the workloads that are none.
func (j *join) result() []snapshot.App {
	var all []snapshot.App
	keep := func(w *workload) {
		slices.SortFunc(w.app.Pods, func(a, b snapshot.Pod) int { return strings.Compare(a.Name, b.Name) })
		slices.SortStableFunc(w.app.Denials, func(a, b snapshot.Denial) int { return b.Time.Compare(a.Time) })
		w.app.Denials = distinct(w.app.Denials)
		all = append(all, w.app)
	}
	for i := range j.workloads {
		if w := &j.workloads[i]; isApp(w) {
			keep(w)
		}
	}
	for _, w := range j.found {
		keep(w)
	}
	slices.SortFunc(all, func(a, b snapshot.App) int { return a.Object.Compare(b.Object) })
	return all
}

// isApp tells whether a workload asks for Dapr or has Pods that run a sidecar.
func isApp(w *workload) bool {
	if asks(&w.app) || w.app.Template != nil && w.app.Template.Spec != nil {
		return true
	}
	return slices.ContainsFunc(w.app.Pods, func(p snapshot.Pod) bool { return p.Sidecar != nil })
}

// distinct keeps the newest of equal messages.
func distinct(denials []snapshot.Denial) []snapshot.Denial {
	var kept []snapshot.Denial
	for _, d := range denials {
		if !slices.ContainsFunc(kept, func(k snapshot.Denial) bool { return k.Message == d.Message }) {
			kept = append(kept, d)
		}
	}
	return kept
}
