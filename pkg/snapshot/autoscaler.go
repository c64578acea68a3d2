// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package snapshot

import corev1 "k8s.io/api/core/v1"

// Autoscaler is a HorizontalPodAutoscaler, with those of its metrics that go by what a
// whole Pod requests.
type Autoscaler struct {
	Object Object
	// Target is what it scales; its APIVersion is as it was written.
	Target  Object
	Metrics []AutoscalerMetric
}

// AutoscalerMetric is a share of what a whole Pod requests of a resource.
type AutoscalerMetric struct {
	Resource corev1.ResourceName
	// Percent is averageUtilization.
	Percent int32
}

// AutoscalersOf returns those that scale an object.
func (s *Snapshot) AutoscalersOf(o Object) []Autoscaler {
	var found []Autoscaler
	for _, a := range s.Autoscalers {
		if a.Target.Namespace == o.Namespace && a.Target.Kind == o.Kind && a.Target.Name == o.Name && a.Target.Group() == o.Group() {
			found = append(found, a)
		}
	}
	return found
}
