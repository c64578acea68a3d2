// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package collect

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// fill hands over what needs no joining.
func (f *facts) fill(s *snapshot.Snapshot) {
	s.DaprObjects = f.daprObjects
	s.Definitions = f.definitions
	s.Nodes = f.joinNodes()
	s.PriorityClasses = f.priorityClasses
	s.DisruptionBudgets = f.disruptionBudgets
	s.ResourceQuotas = f.resourceQuotas
	s.Autoscalers = f.autoscalers
	s.VolumeClaims = f.volumeClaims
	s.TrustBundles = f.joinTrustBundles()
	s.Services = f.services
	s.Endpoints = f.endpoints
	s.Ingresses = f.ingresses
	s.Monitors = f.monitors
	s.Dashboards = f.dashboards
	s.ServiceAccounts = f.serviceAccounts
	s.Roles = f.roles
	s.RoleBindings = f.roleBindings
	s.Secrets = f.secrets
	s.Asking = f.asking
	s.Watched = distinctObjects(f.watched, func(p snapshot.WatchedPod) snapshot.Object { return p.Object })
	sortByName(s)
}

// sortByName makes the order of what was read side by side always the same.
func sortByName(s *snapshot.Snapshot) {
	slices.SortFunc(s.DaprObjects, func(a, b snapshot.DaprObject) int { return a.Object.Compare(b.Object) })
	slices.SortFunc(s.Definitions, func(a, b snapshot.Definition) int { return strings.Compare(a.Name, b.Name) })
	slices.SortFunc(s.Nodes, func(a, b snapshot.Node) int { return strings.Compare(a.Name, b.Name) })
	slices.SortFunc(s.Autoscalers, func(a, b snapshot.Autoscaler) int { return a.Object.Compare(b.Object) })
	slices.SortFunc(s.Monitors, func(a, b snapshot.Monitor) int { return a.Object.Compare(b.Object) })
	slices.SortFunc(s.Dashboards, func(a, b snapshot.Dashboard) int { return a.Object.Compare(b.Object) })
	s.Roles = distinctObjects(s.Roles, func(r snapshot.Role) snapshot.Object { return r.Object })
	s.RoleBindings = distinctObjects(s.RoleBindings, func(b snapshot.RoleBinding) snapshot.Object { return b.Object })
	slices.SortFunc(s.Asking, func(a, b snapshot.Asking) int { return a.Object.Compare(b.Object) })
	// One is found among the control planes, by its label, and in the list of its namespace.
	s.Dashboards = slices.CompactFunc(s.Dashboards, func(a, b snapshot.Dashboard) bool { return a.Object == b.Object })
	slices.SortFunc(s.Secrets, func(a, b snapshot.Secret) int {
		return cmp.Or(strings.Compare(a.Namespace, b.Namespace), strings.Compare(a.Name, b.Name))
	})
}

// distinctObjects sorts what two lists may have brought, and keeps one of each.
func distinctObjects[T any](all []T, object func(T) snapshot.Object) []T {
	slices.SortStableFunc(all, func(a, b T) int { return object(a).Compare(object(b)) })
	return slices.CompactFunc(all, func(a, b T) bool { return object(a) == object(b) })
}

// apps joins templates and Pods into apps, known by their top owner. Workloads
// that have nothing of Dapr, in their template or in a Pod, are left out; so are
// those that are not selected, and their Pods. unread tells whether the objects
// of owner's kind could not be listed in its namespace.
func (f *facts) apps(selector labels.Selector, unread func(owner snapshot.Object) bool) []snapshot.App {
	j := &join{facts: f, selector: selector, unread: unread, byUID: map[types.UID]*workload{}, byName: map[snapshot.Object]*workload{}}
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
			p.Usage = f.usageOf(p)
			j.place(p)
		}
	}
	j.refuse()
	return j.result()
}

type join struct {
	*facts
	selector labels.Selector
	unread   func(owner snapshot.Object) bool
	byUID    map[types.UID]*workload
	byName   map[snapshot.Object]*workload
	// found are the apps known from their Pods alone.
	found []*workload
}

// follow gives each Rollout the template of the workload that it refers to, and
// takes that workload out: it has no Pods of its own. Several Rollouts may refer
// to one workload.
func (j *join) follow() {
	var targets []*workload
	for i := range j.workloads {
		w := &j.workloads[i]
		if w.ref == nil {
			continue
		}
		if target := j.byName[*w.ref]; target != nil && target.app.Template != nil {
			w.app.Template = target.app.Template
			targets = append(targets, target)
		}
	}
	for _, target := range targets {
		target.app.Template = nil
		target.app.Annotations = nil
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
func (j *join) place(p *pod) {
	if p.owner == nil {
		j.bare(p)
		return
	}
	uid, owner := j.top(p.namespace, *p.owner)
	if j.byUID[uid] == nil && j.unread(owner) {
		owner = maker(p, owner)
	}
	w := j.byUID[uid]
	if w == nil {
		w = j.byName[owner]
	}
	if w == nil {
		if listed(owner) && !j.unread(owner) {
			// It was listed and is not there: not selected, or gone since.
			return
		}
		if p.Sidecar == nil && len(p.Annotations) == 0 || !j.selector.Matches(labels.Set(p.Labels)) {
			return
		}
		w = &workload{app: snapshot.App{Object: owner, UID: uid, Source: p.source}}
		j.byUID[uid], j.byName[owner] = w, w
		j.found = append(j.found, w)
	}
	w.app.Pods = append(w.app.Pods, p.Pod)
}

// maker tells what made the owner of a Pod, by the owner's name, where the owner
// itself was not read: a Deployment names its ReplicaSets after the hash that
// their Pods bear as a label, a CronJob its Jobs after the minute. Without such a
// name it is the owner.
func maker(p *pod, owner snapshot.Object) snapshot.Object {
	switch resourceOf(owner.APIVersion, owner.Kind) {
	case snapshot.ReplicaSets:
		hash := p.Labels["pod-template-hash"]
		if name, found := strings.CutSuffix(owner.Name, "-"+hash); found && hash != "" {
			owner.Kind, owner.Name = "Deployment", name
		}
	case snapshot.Jobs:
		dash := strings.LastIndex(owner.Name, "-")
		if minute, err := strconv.Atoi(owner.Name[dash+1:]); err == nil && dash > 0 && minute > firstMinute {
			owner.Kind, owner.Name = "CronJob", owner.Name[:dash]
		}
	}
	return owner
}

// firstMinute is less than any number that a CronJob gives to a Job: minutes
// since 1970.
const firstMinute = 20_000_000

// bare makes an app of a Pod that nobody owns.
func (j *join) bare(p *pod) {
	w := &workload{app: snapshot.App{
		Object:   p.template.Object,
		UID:      p.uid,
		Source:   p.source,
		Template: p.template,
	}}
	if !j.selector.Matches(labels.Set(p.Labels)) || p.Sidecar == nil && !asks(&w.app) {
		return
	}
	if p.uid != "" {
		// In manifests the Pod is still to come.
		w.app.Pods = []snapshot.Pod{p.Pod}
	}
	j.found = append(j.found, w)
}

// listed tells whether objects of owner's kind are read as workloads. ReplicaSets
// are links only.
func listed(owner snapshot.Object) bool {
	resource := resourceOf(owner.APIVersion, owner.Kind)
	return resource != snapshot.ReplicaSets && !resource.Empty()
}

// resourceOf is the resource in which the owners of a kind are listed; the zero
// Resource for kinds that nobody lists. Others have kinds of the same name: there
// are StatefulSets of Kruise's, and Jobs of Volcano's.
func resourceOf(apiVersion, kind string) snapshot.Resource {
	return ownerResources[schema.FromAPIVersionAndKind(apiVersion, kind).GroupKind()]
}

var ownerResources = map[schema.GroupKind]snapshot.Resource{
	{Group: "apps", Kind: "Deployment"}:     snapshot.Deployments,
	{Group: "apps", Kind: "StatefulSet"}:    snapshot.StatefulSets,
	{Group: "apps", Kind: "ReplicaSet"}:     snapshot.ReplicaSets,
	{Group: "apps", Kind: "DaemonSet"}:      snapshot.DaemonSets,
	{Group: "batch", Kind: "Job"}:           snapshot.Jobs,
	{Group: "batch", Kind: "CronJob"}:       snapshot.CronJobs,
	{Group: "argoproj.io", Kind: "Rollout"}: snapshot.Rollouts,
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

// result is the apps, sorted, without the workloads that are none or were not
// selected: a selected Rollout may need those.
func (j *join) result() []snapshot.App {
	var all []snapshot.App
	keep := func(w *workload) {
		slices.SortFunc(w.app.Pods, func(a, b snapshot.Pod) int { return strings.Compare(a.Name, b.Name) })
		slices.SortStableFunc(w.app.Denials, func(a, b snapshot.Denial) int { return b.Time.Compare(a.Time) })
		w.app.Denials = distinct(w.app.Denials)
		all = append(all, w.app)
	}
	for i := range j.workloads {
		if w := &j.workloads[i]; isApp(w) && j.selector.Matches(labels.Set(w.labels)) {
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
