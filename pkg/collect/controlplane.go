// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package collect

import (
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/dapr"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// controlPlaneWorkload is a workload of a control plane and what its labels and
// images say about the release.
type controlPlaneWorkload struct {
	snapshot.ControlPlaneWorkload
	version dapr.Version
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
	}}
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
