// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package collect

import (
	"maps"
	"slices"
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/dapr"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// controlPlaneWorkload is a workload of a control plane and what its labels and
// images say about the release.
type controlPlaneWorkload struct {
	snapshot.ControlPlaneWorkload
	version dapr.Version
	uid     types.UID
}

// addControlPlane keeps a workload of a control plane and tells whether it is
// one: found by its label, wherever it is, and confirmed by Dapr's annotation.
func (f *facts) addControlPlane(kind string, meta *metav1.ObjectMeta, t *corev1.PodTemplateSpec, desired, ready int32, src snapshot.Source) bool {
	name := meta.Labels[dapr.ControlPlaneLabel]
	_, annotated := t.Annotations[dapr.ControlPlaneAnnotation]
	if !annotated || !slices.Contains(dapr.ControlPlaneWorkloads(), name) {
		return false
	}
	w := controlPlaneWorkload{ControlPlaneWorkload: snapshot.ControlPlaneWorkload{
		Object:       snapshot.Object{APIVersion: "apps/v1", Kind: kind, Namespace: meta.Namespace, Name: meta.Name},
		Source:       src,
		Name:         name,
		Desired:      desired,
		Ready:        ready,
		Container:    container(t.Spec.Containers, name),
		PodResources: t.Spec.Resources,
		Labels:       meta.Labels,
		Annotations:  withoutCopy(meta.Annotations),
		Owned:        len(meta.OwnerReferences) > 0,
		Template:     &corev1.PodTemplateSpec{ObjectMeta: t.ObjectMeta, Spec: t.Spec},
	}, uid: meta.UID}
	if w.Container != nil {
		w.version = dapr.VersionOfImage(w.Container.Image)
	}
	if !w.version.Known() {
		// An unreadable tag: the chart also writes it into this label.
		w.version, _ = dapr.ParseVersion(meta.Labels["app.kubernetes.io/version"])
	}
	f.controlPlane = append(f.controlPlane, w)
	return true
}

// withoutCopy leaves out kubectl's copy of the whole object.
func withoutCopy(annotations map[string]string) map[string]string {
	kept := maps.Clone(annotations)
	delete(kept, lastApplied)
	return kept
}

// addDashboard keeps the Deployment of Dapr's dashboard: by the label of its
// chart or, renamed, by its image.
func (f *facts) addDashboard(d *appsv1.Deployment, src snapshot.Source) {
	found := -1
	for i, c := range d.Spec.Template.Spec.Containers {
		if dapr.IsDashboardImage(c.Image) {
			found = i
		}
	}
	labelled := d.Labels[dapr.ControlPlaneLabel] == dapr.Dashboard
	if !labelled && found < 0 || len(d.Spec.Template.Spec.Containers) == 0 {
		return
	}
	c := d.Spec.Template.Spec.Containers[max(found, 0)]
	f.dashboards = append(f.dashboards, snapshot.Dashboard{
		Object:    named("apps/v1", "Deployment", &d.ObjectMeta),
		Source:    src,
		Container: &c,
		PodLabels: d.Spec.Template.Labels,
	})
}

// container returns the container of that name, or nil. The first one is not
// always the control plane's own: global.extraContainers puts others before it.
func container(all []corev1.Container, name string) *corev1.Container {
	for i := range all {
		if all[i].Name == name {
			return &all[i]
		}
	}
	return nil
}

// controlPlanes groups the workloads by the namespace that they are installed in.
func (f *facts) controlPlanes() []snapshot.ControlPlane {
	planes := map[string]*snapshot.ControlPlane{}
	for _, name := range dapr.ControlPlaneWorkloads() {
		for _, w := range f.controlPlane {
			if w.Name != name {
				continue
			}
			ns := w.Object.Namespace
			if planes[ns] == nil {
				planes[ns] = &snapshot.ControlPlane{Namespace: ns}
			}
			cp := planes[ns]
			if cp.Workload(name) != nil {
				continue
			}
			w.Pods = f.controlPlanePods(w.Object, name)
			w.Denials = append(w.Denials, f.refusalsOf(w.uid)...)
			// The injector decides what sidecars get, so its release is the one that counts.
			if name == dapr.Injector && w.version.Known() || !cp.Version.Known() {
				cp.Version = w.version
			}
			if name == dapr.Injector {
				for _, p := range w.Pods {
					if cp.InjectorStarted.IsZero() || p.Created.Before(cp.InjectorStarted) {
						cp.InjectorStarted = p.Created
					}
				}
			}
			cp.Workloads = append(cp.Workloads, w.ControlPlaneWorkload)
		}
	}
	var all []snapshot.ControlPlane
	for _, cp := range planes {
		cp.Neighbours = f.neighboursIn(cp.Namespace)
		cp.Release = f.releases[cp.Namespace]
		all = append(all, *cp)
	}
	slices.SortFunc(all, func(a, b snapshot.ControlPlane) int { return strings.Compare(a.Namespace, b.Namespace) })
	return all
}

// controlPlanePods are the Pods of one workload of a control plane.
func (f *facts) controlPlanePods(owner snapshot.Object, name string) []snapshot.ControlPlanePod {
	var found []snapshot.ControlPlanePod
	for _, p := range f.pods {
		if p.controlPlane != nil && p.namespace == owner.Namespace && p.controlPlane.label == name {
			found = append(found, p.controlPlane.ControlPlanePod)
		}
	}
	slices.SortFunc(found, func(a, b snapshot.ControlPlanePod) int { return strings.Compare(a.Name, b.Name) })
	return found
}

// refusalsOf are the server's refusals to make Pods of a workload or of one of
// its ReplicaSets, the newest first, each text once.
func (f *facts) refusalsOf(uid types.UID) []snapshot.Denial {
	var all []snapshot.Denial
	for _, r := range f.refusals {
		if r.owner == uid || f.links[r.owner].UID == uid {
			all = append(all, r.denial)
		}
	}
	slices.SortStableFunc(all, func(a, b snapshot.Denial) int { return b.Time.Compare(a.Time) })
	return distinct(all)
}

// keepNeighbours makes neighbours of what was listed beside a control plane, and
// leaves dashboards what they are. It must not be taken for apps that were asked for, nor the control plane's own
// workloads for a second of each; its Pods come with no other list, see besideHolds.
func (f *facts) keepNeighbours() {
	if !f.beside {
		return
	}
	namespaces := map[string]bool{}
	for i := range f.workloads {
		namespaces[f.workloads[i].app.Object.Namespace] = true
	}
	for i := range f.pods {
		namespaces[f.pods[i].namespace] = true
	}
	for i := range f.daprObjects {
		namespaces[f.daprObjects[i].Object.Namespace] = true
	}
	kept := newFacts()
	for ns := range namespaces {
		kept.neighbours = append(kept.neighbours, f.neighboursIn(ns)...)
	}
	kept.broken, kept.dashboards = f.broken, f.dashboards
	for i := range f.pods {
		if f.pods[i].controlPlane != nil {
			kept.pods = append(kept.pods, f.pods[i])
		}
	}
	*f = *kept
}

// neighboursIn is everything in a namespace that is no part of a control plane:
// workloads, Pods that none of these made, and Dapr's own objects.
func (f *facts) neighboursIn(namespace string) []snapshot.Neighbour {
	var all []snapshot.Neighbour
	add := func(o snapshot.Object, src snapshot.Source) {
		same := func(n snapshot.Neighbour) bool { return n.Object == o }
		if o.Namespace == namespace && !slices.ContainsFunc(all, same) {
			all = append(all, snapshot.Neighbour{Object: o, Source: src})
		}
	}
	for i := range f.workloads {
		add(f.workloads[i].app.Object, f.workloads[i].app.Source)
	}
	for i := range f.pods {
		p := &f.pods[i]
		switch {
		case p.controlPlane != nil:
		case p.owner == nil:
			add(p.template.Object, p.source)
		case resourceOf(p.owner.APIVersion, p.owner.Kind).Empty():
			add(snapshot.Object{APIVersion: p.owner.APIVersion, Kind: p.owner.Kind, Namespace: p.namespace, Name: p.owner.Name}, p.source)
		}
	}
	for _, o := range f.daprObjects {
		add(o.Object, o.Source)
	}
	for _, n := range f.neighbours {
		add(n.Object, n.Source)
	}
	slices.SortFunc(all, func(a, b snapshot.Neighbour) int { return a.Object.Compare(b.Object) })
	return all
}
