// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package collect

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/dapr/dapr/pkg/injector/annotations"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/dapr"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// pod is a Pod that runs or is about to, with the owner that it is joined by.
type pod struct {
	snapshot.Pod
	namespace string
	uid       types.UID
	owner     *metav1.OwnerReference
	// template is kept for a Pod without owner only.
	template *snapshot.Template
	source   snapshot.Source
	// controlPlane is set for Pods of a control plane.
	controlPlane *controlPlanePod
}

type controlPlanePod struct {
	snapshot.ControlPlanePod
	label string
}

// refusal is an event that says that a Pod was not made.
type refusal struct {
	owner  types.UID
	denial snapshot.Denial
}

// addPod keeps a Pod unless it is finished or being deleted.
func (f *facts) addPod(p *corev1.Pod, src snapshot.Source) {
	f.addRequests(p)
	f.watch(p)
	if f.requestsOnly || p.DeletionTimestamp != nil || finished(p) {
		return
	}
	kept := pod{
		Pod: snapshot.Pod{
			Name:        p.Name,
			Created:     p.CreationTimestamp.Time,
			Annotations: ownKeys(p.Annotations),
			Labels:      p.Labels,
			Scrape:      scrapeKeys(p.Annotations),
			ImageID:     imageID(p),
			Sidecar:     f.sidecar(p),
		},
		namespace:    p.Namespace,
		uid:          p.UID,
		owner:        metav1.GetControllerOf(p),
		source:       src,
		controlPlane: podOfControlPlane(p),
	}
	kept.Started, kept.Killed = snapshot.Life(statusOfSidecar(p))
	if kept.owner == nil {
		kept.template = bareTemplate(p, src)
	}
	if n := len(f.pods); n > 0 {
		kept.share(&f.pods[n-1])
	}
	f.pods = append(f.pods, kept)
}

// share makes what a Pod has in common with the one before it in the list, which is mostly
// one of the same app, one value in memory.
func (p *pod) share(before *pod) {
	if maps.Equal(p.Labels, before.Labels) {
		p.Labels = before.Labels
	}
	if maps.Equal(p.Annotations, before.Annotations) {
		p.Annotations = before.Annotations
	}
}

// watch keeps a Pod that the watchdog of Dapr's operator takes a look at. It asks for
// no phase; a Pod that is being deleted cannot be deleted again.
func (f *facts) watch(p *corev1.Pod) {
	enabled, asks := p.Annotations[annotations.KeyEnabled]
	if f.requestsOnly || !asks || p.UID == "" || p.DeletionTimestamp != nil || container(p.Spec.Containers, dapr.SidecarContainer) != nil {
		return
	}
	f.watched = append(f.watched, snapshot.WatchedPod{
		Object:  snapshot.Object{APIVersion: "v1", Kind: "Pod", Namespace: p.Namespace, Name: p.Name},
		Enabled: enabled,
		Labels:  p.Labels,
	})
}

// finished tells whether all containers of a Pod have ended for good.
func finished(p *corev1.Pod) bool {
	return p.Status.Phase == corev1.PodSucceeded || p.Status.Phase == corev1.PodFailed
}

// bareTemplate is the template of a Pod that nobody owns: the Pod as it was
// before the injector added its container.
func bareTemplate(p *corev1.Pod, src snapshot.Source) *snapshot.Template {
	spec := p.Spec
	t := &snapshot.Template{
		Object:      snapshot.Object{APIVersion: "v1", Kind: "Pod", Namespace: p.Namespace, Name: p.Name},
		Source:      src,
		Annotations: ownKeys(p.Annotations),
		Labels:      p.Labels,
		Scrape:      scrapeKeys(p.Annotations),
		Spec:        &spec,
		// decode gives a Pod without a name its generateName.
		GeneratedName: p.Name == p.GenerateName,
	}
	if dapr.Truthy(p.Annotations[annotations.KeyEnabled]) {
		t.Spec = p.Spec.DeepCopy()
		injected := func(c corev1.Container) bool { return c.Name == dapr.SidecarContainer }
		t.Spec.Containers = slices.DeleteFunc(t.Spec.Containers, injected)
		t.Spec.InitContainers = slices.DeleteFunc(t.Spec.InitContainers, injected)
	}
	return t
}

// sidecar returns the daprd container of a Pod, one value for all that are
// equal but for the name of the mount that the server makes up.
func (f *facts) sidecar(p *corev1.Pod) *snapshot.Sidecar {
	c, native := container(p.Spec.Containers, dapr.SidecarContainer), false
	if c == nil {
		c, native = container(p.Spec.InitContainers, dapr.SidecarContainer), true
	}
	if c == nil {
		return nil
	}
	daprd := *c
	daprd.VolumeMounts = slices.Clone(c.VolumeMounts)
	for i, mount := range daprd.VolumeMounts {
		if strings.HasPrefix(mount.Name, "kube-api-access-") {
			daprd.VolumeMounts[i].Name = "kube-api-access"
		}
	}
	s := &snapshot.Sidecar{Container: daprd, Native: native, PodResources: p.Spec.Resources, PodSecurity: p.Spec.SecurityContext, Grace: p.Spec.TerminationGracePeriodSeconds}
	if p.Spec.OS != nil {
		s.OS = p.Spec.OS.Name
	}
	key := contentOf(s)
	if same, found := f.sidecars[string(key)]; found {
		return same
	}
	f.sidecars[string(key)] = s
	return s
}

// contentOf is equal for equal sidecars.
func contentOf(s *snapshot.Sidecar) []byte {
	// Marshalling these into memory cannot fail.
	content, _ := s.Container.Marshal()
	if s.Native {
		content = append(content, "native"...)
	}
	if s.PodResources != nil {
		resources, _ := s.PodResources.Marshal()
		content = append(content, resources...)
	}
	if s.PodSecurity != nil {
		security, _ := s.PodSecurity.Marshal()
		content = append(content, security...)
	}
	content = append(content, s.OS...)
	if s.Grace != nil {
		content = fmt.Appendf(content, " %d", *s.Grace)
	}
	return content
}

// imageID is the image that the kubelet runs daprd from.
func imageID(p *corev1.Pod) string {
	if status := statusOfSidecar(p); status != nil {
		return status.ImageID
	}
	return ""
}

// statusOfSidecar is what the kubelet says of daprd; nil where it has said nothing.
func statusOfSidecar(p *corev1.Pod) *corev1.ContainerStatus {
	for _, list := range [][]corev1.ContainerStatus{p.Status.ContainerStatuses, p.Status.InitContainerStatuses} {
		for i := range list {
			if list[i].Name == dapr.SidecarContainer {
				return &list[i]
			}
		}
	}
	return nil
}

func podOfControlPlane(p *corev1.Pod) *controlPlanePod {
	name := p.Labels[dapr.ControlPlaneLabel]
	if _, annotated := p.Annotations[dapr.ControlPlaneAnnotation]; !annotated || !slices.Contains(dapr.ControlPlaneWorkloads(), name) {
		return nil
	}
	spec := p.Spec
	kept := &controlPlanePod{label: name, ControlPlanePod: snapshot.ControlPlanePod{
		Name:         p.Name,
		Created:      p.CreationTimestamp.Time,
		Container:    container(p.Spec.Containers, name),
		PodResources: p.Spec.Resources,
		Node:         p.Spec.NodeName,
		Labels:       p.Labels,
		Annotations:  p.Annotations,
		Spec:         &spec,
	}}
	for _, status := range p.Status.ContainerStatuses {
		if status.Name == name {
			kept.Status = &status
		}
	}
	return kept
}

// addEvent keeps an event that says why a Pod was not made.
func (f *facts) addEvent(e *corev1.Event) {
	if e.Reason != failedCreate || e.InvolvedObject.UID == "" {
		return
	}
	seen := latest(e.LastTimestamp.Time, e.EventTime.Time, e.CreationTimestamp.Time)
	f.refusals = append(f.refusals, refusal{
		owner:  e.InvolvedObject.UID,
		denial: snapshot.Denial{Reason: e.Reason, Message: e.Message, Time: seen},
	})
}

// failedCreate is the reason of the events that controllers write when the
// server refuses a Pod.
const failedCreate = "FailedCreate"

func latest(times ...time.Time) time.Time {
	return slices.MaxFunc(times, time.Time.Compare)
}
