// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package measure

import (
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/sizing"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// OfService is a service of a control plane as a Workload: the container named after it
// is measured.
func OfService(service *snapshot.ControlPlaneWorkload) Workload {
	w := Workload{Object: service.Object, Container: service.Name}
	for i := range service.Pods {
		p := &service.Pods[i]
		pod := Pod{Name: p.Name, Created: p.Created}
		pod.Started, pod.Killed = snapshot.Life(p.Status)
		if p.Container != nil {
			pod.Limits = sizing.ResourcesOf(p.Container.Resources)
		}
		w.Pods = append(w.Pods, pod)
	}
	return w
}
