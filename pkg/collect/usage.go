// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package collect

import (
	"encoding/json"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
	resourcehelper "k8s.io/component-helpers/resource"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/dapr"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
	source "github.com/dapr-prod/kubectl-dapr-prod/pkg/usage"
)

// usage is what a Pod's sidecar used at a time.
type usage struct {
	snapshot.Amount
	at time.Time
}

// addUsage keeps of what a Pod uses what its sidecar does.
func (f *facts) addUsage(o *unstructured.Unstructured) error {
	content, err := json.Marshal(o.Object)
	if err != nil {
		return fmt.Errorf("%s: %w", objectOf(o), err)
	}
	var read source.PodReading
	if err := json.Unmarshal(content, &read); err != nil {
		return fmt.Errorf("%s: %w", objectOf(o), withoutValue(err))
	}
	for _, c := range read.Containers {
		if c.Name != dapr.SidecarContainer {
			continue
		}
		amount, err := c.Amount()
		if err != nil {
			return fmt.Errorf("%s: %w", objectOf(o), err)
		}
		f.usages[types.NamespacedName{Namespace: o.GetNamespace(), Name: o.GetName()}] = usage{Amount: amount, at: read.Timestamp.Time}
	}
	return nil
}

// usageOf is what a Pod's sidecar uses; nil where that is not known. What was
// measured before the Pod was made is another's, of the same name.
func (f *facts) usageOf(p *pod) *snapshot.Amount {
	found, known := f.usages[types.NamespacedName{Namespace: p.namespace, Name: p.Name}]
	if !known || found.at.Before(p.Created) {
		return nil
	}
	return &found.Amount
}

// addRequests adds what a Pod requests to its node's sum, as the scheduler does:
// by what it is allowed while a resize is under way, and until it is gone. Where
// nobody asked there are no sums.
func (f *facts) addRequests(p *corev1.Pod) {
	if f.requests == nil || p.Spec.NodeName == "" || finished(p) {
		return
	}
	requests := resourcehelper.PodRequests(p, resourcehelper.PodResourcesOptions{
		UseStatusResources: true,
		InPlacePodLevelResourcesVerticalScalingEnabled: true,
	})
	f.requests[p.Spec.NodeName] = f.requests[p.Spec.NodeName].Plus(snapshot.AmountOf(requests))
}

// joinNodes gives each node the sum of the requests on it.
func (f *facts) joinNodes() []snapshot.Node {
	if f.requests == nil {
		return f.nodes
	}
	for i := range f.nodes {
		sum := f.requests[f.nodes[i].Name]
		f.nodes[i].Requested = &sum
	}
	return f.nodes
}
