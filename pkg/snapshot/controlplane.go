// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package snapshot

import (
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/dapr"
)

// ControlPlane is one installation of Dapr.
type ControlPlane struct {
	Namespace string
	// Version is what the images say; unknown where they do not.
	Version dapr.Version
	// Assumed tells that Version was not read, but given by the user or taken as
	// the newest known.
	Assumed bool
	// Rehearsed is the release that runs, where the install is judged as if it were
	// Version already; unknown otherwise.
	Rehearsed dapr.Version
	// Release is Helm's record of it; nil where there is none, or it was not read.
	Release *Release
	// Workloads are those that exist, in the order of dapr.ControlPlaneWorkloads.
	Workloads []ControlPlaneWorkload
	// Neighbours share the namespace and are no part of the install.
	Neighbours []Neighbour
	// InjectorStarted is when the oldest injector Pod that runs was made; zero
	// if that is not known.
	InjectorStarted time.Time
}

// ControlPlaneWorkload is one Deployment or StatefulSet of a control plane.
type ControlPlaneWorkload struct {
	Object Object
	Source Source
	// Name is one of dapr.ControlPlaneWorkloads.
	Name string
	// Desired and Ready count replicas; Ready is 0 in manifests.
	Desired, Ready int32
	// Container is the one named after the workload, in the template; nil if
	// there is none.
	Container *corev1.Container
	// PodResources are the template's resources for the Pod as a whole.
	PodResources *corev1.ResourceRequirements
	// Labels and Annotations are the object's own, without kubectl's copy of it.
	Labels      map[string]string
	Annotations Annotations
	// Owned tells that it has an owner, which then is an operator.
	Owned    bool
	Template *corev1.PodTemplateSpec
	// Claims are the volumeClaimTemplates of a StatefulSet.
	Claims []corev1.PersistentVolumeClaim
	// Denials are the server's refusals to make its Pods, newest first.
	Denials []Denial
	// Pods are those that run.
	Pods []ControlPlanePod
}

// ControlPlanePod is a Pod of the control plane.
type ControlPlanePod struct {
	Name         string
	Created      time.Time
	Container    *corev1.Container
	PodResources *corev1.ResourceRequirements
	// Node is where it runs; empty while it waits for a place.
	Node        string
	Labels      map[string]string
	Annotations Annotations
	Spec        *corev1.PodSpec
	// Status is that of Container; nil where the kubelet has not reported one.
	Status *corev1.ContainerStatus
}

// Neighbour is something in a control plane's namespace that is no part of it.
type Neighbour struct {
	Object Object
	Source Source
}

// Dashboard is Dapr's dashboard, a chart of its own.
type Dashboard struct {
	Object    Object
	Source    Source
	Container *corev1.Container
	// PodLabels are what Services select it by.
	PodLabels map[string]string
}

// Workload returns the named workload, or nil where the install has none.
func (c *ControlPlane) Workload(name string) *ControlPlaneWorkload {
	for i := range c.Workloads {
		if c.Workloads[i].Name == name {
			return &c.Workloads[i]
		}
	}
	return nil
}
