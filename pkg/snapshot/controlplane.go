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
	// Rehearsed is the release that really runs, where Version is another that the
	// install is judged as; unknown where this is no rehearsal.
	Rehearsed dapr.Version
	// Release is the Helm release that installed it; nil where there is none, or
	// none was read.
	Release *Release
	// Workloads are those that exist, in the order of dapr.ControlPlaneWorkloads.
	Workloads []ControlPlaneWorkload
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
	// Pods are those that run.
	Pods []ControlPlanePod
}

// ControlPlanePod is a Pod of the control plane.
type ControlPlanePod struct {
	Name         string
	Created      time.Time
	Container    *corev1.Container
	PodResources *corev1.ResourceRequirements
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
