// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package advice

import (
	corev1 "k8s.io/api/core/v1"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/sizing"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// RecommendService says what a service of a control plane should get, by what it was seen
// to use, which may be nil. ok is false where there are no numbers to start with.
func (a *Adviser) RecommendService(service *snapshot.ControlPlaneWorkload, edition guideline.Edition, used *sizing.Usage) (r sizing.Recommendation, ok bool) {
	if _, _, known := sizing.ControlPlane(service.Name, edition); !known {
		return sizing.Recommendation{}, false
	}
	w := sizing.Workload{Object: service.Object, Pods: service.Desired, Current: Settings(service.Container), Usage: used}
	spec := &corev1.PodSpec{}
	if service.Template != nil {
		spec = &service.Template.Spec
	}
	return a.within(w, spec, beside(service), func(w sizing.Workload) sizing.Recommendation {
		r, _ := sizing.RecommendControlPlane(service.Name, edition, w)
		return r
	}), true
}

// beside is what the other containers of a service's Pods have together.
func beside(service *snapshot.ControlPlaneWorkload) sizing.Resources {
	var sum sizing.Resources
	if service.Template == nil {
		return sum
	}
	for i := range service.Template.Spec.Containers {
		c := &service.Template.Spec.Containers[i]
		if c.Name != service.Name {
			sum = sum.Plus(sizing.ResourcesOf(c.Resources))
		}
	}
	return sum
}
