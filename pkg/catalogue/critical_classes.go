// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package catalogue

import (
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/dapr"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// criticalClasses are the built-in classes that templates or Pods name.
func criticalClasses(install *guideline.Install) []string {
	var all []string
	for i := range install.Workloads {
		w := &install.Workloads[i]
		all = append(all, classOf(w))
		for _, p := range w.Pods {
			if p.Spec != nil {
				all = append(all, p.Spec.PriorityClassName)
			}
		}
	}
	all = slices.DeleteFunc(all, func(class string) bool { return !critical(class) })
	slices.Sort(all)
	return slices.Compact(all)
}

// quotaOf returns the ResourceQuota that is about a class; nil without one.
func quotaOf(install *guideline.Install, class string) *snapshot.ResourceQuota {
	for _, q := range install.Snapshot.ResourceQuotasOf(install.Namespace) {
		about := slices.Contains(q.Scopes, corev1.ResourceQuotaScopePriorityClass) ||
			slices.ContainsFunc(q.Selector, func(s corev1.ScopedResourceSelectorRequirement) bool {
				return s.ScopeName == corev1.ResourceQuotaScopePriorityClass
			})
		if about && counts(&q, &corev1.PodSpec{PriorityClassName: class}) {
			return &q
		}
	}
	return nil
}

// runs tells whether a Pod of that class was admitted.
func runs(install *guideline.Install, class string) bool {
	for i := range install.Workloads {
		for _, p := range install.Workloads[i].Pods {
			if p.Spec != nil && p.Spec.PriorityClassName == class {
				return true
			}
		}
	}
	return false
}

// refusedForClass returns a workload that lacks Pods because of its class, and what
// the API server's quota plug-in said of them; nil without one.
func refusedForClass(install *guideline.Install, class string) (*snapshot.ControlPlaneWorkload, snapshot.Denial) {
	for _, name := range dapr.ControlPlaneWorkloads() {
		w := install.Workload(name)
		if w == nil || classOf(w) != class {
			continue
		}
		for _, d := range w.Denials {
			about := strings.Contains(d.Message, "insufficient quota to match these scopes") && strings.Contains(d.Message, string(corev1.ResourceQuotaScopePriorityClass))
			if about && (d.Current || w.Ready < w.Desired) { // an event may be about Pods that were made since
				return w, d
			}
		}
	}
	return nil, snapshot.Denial{}
}
