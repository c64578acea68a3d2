// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package collect

import (
	autoscalingv2 "k8s.io/api/autoscaling/v2"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// addAutoscaler keeps a HorizontalPodAutoscaler with the metrics that go by requests.
func (f *facts) addAutoscaler(h *autoscalingv2.HorizontalPodAutoscaler) {
	target := h.Spec.ScaleTargetRef
	kept := snapshot.Autoscaler{
		Object: snapshot.Object{APIVersion: "autoscaling/v2", Kind: "HorizontalPodAutoscaler", Namespace: h.Namespace, Name: h.Name},
		Target: snapshot.Object{APIVersion: target.APIVersion, Kind: target.Kind, Namespace: h.Namespace, Name: target.Name},
	}
	for _, m := range h.Spec.Metrics {
		if m.Type == autoscalingv2.ResourceMetricSourceType && m.Resource != nil && m.Resource.Target.AverageUtilization != nil {
			kept.Metrics = append(kept.Metrics, snapshot.AutoscalerMetric{Resource: m.Resource.Name, Percent: *m.Resource.Target.AverageUtilization})
		}
	}
	f.autoscalers = append(f.autoscalers, kept)
}
