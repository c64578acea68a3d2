// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package rollout

import (
	"context"
	"fmt"
	"slices"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// Autoscalers are the HorizontalPodAutoscalers of a namespace, or of all.
type Autoscalers []autoscalingv2.HorizontalPodAutoscaler

// Autoscalers reads those of a namespace; of all where it is empty. With an error
// nothing is known of them; apierrors.IsForbidden tells whether they may not be read.
func (c *Client) Autoscalers(ctx context.Context, namespace string) (Autoscalers, error) {
	list, err := c.core.AutoscalingV2().HorizontalPodAutoscalers(namespace).List(ctx, metav1.ListOptions{})
	if err != nil {
		return nil, fmt.Errorf("whether a HorizontalPodAutoscaler scales on the Pods' total is unknown: %w", err)
	}
	return list.Items, nil
}

// ByTotal are the names of those that scale a workload on a percentage of what all
// containers of its Pods request together, sorted. A request of the sidecar changes
// what that percentage means; one of an app's container alone, and an amount, it does
// not change.
func (a Autoscalers) ByTotal(app *unstructured.Unstructured) []string {
	var names []string
	for i := range a {
		h := &a[i]
		if h.Namespace == app.GetNamespace() && targets(h.Spec.ScaleTargetRef, app) && slices.ContainsFunc(h.Spec.Metrics, ofTotal) {
			names = append(names, h.Name)
		}
	}
	slices.Sort(names)
	return names
}

func targets(r autoscalingv2.CrossVersionObjectReference, app *unstructured.Unstructured) bool {
	return r.Name == app.GetName() && schema.FromAPIVersionAndKind(r.APIVersion, r.Kind).GroupKind() == kindOf(app)
}

func ofTotal(m autoscalingv2.MetricSpec) bool {
	return m.Type == autoscalingv2.ResourceMetricSourceType && m.Resource != nil && m.Resource.Target.Type == autoscalingv2.UtilizationMetricType
}
