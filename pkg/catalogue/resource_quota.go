// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package catalogue

import (
	"slices"

	corev1 "k8s.io/api/core/v1"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// counts tells whether a ResourceQuota counts Pods such as the control plane's,
// which never end and have requests. Without scopes it counts all Pods.
func counts(q *snapshot.ResourceQuota, spec *corev1.PodSpec) bool {
	all := slices.Clone(q.Selector)
	for _, scope := range q.Scopes {
		all = append(all, corev1.ScopedResourceSelectorRequirement{ScopeName: scope, Operator: corev1.ScopeSelectorOpExists})
	}
	for _, s := range all {
		switch s.ScopeName {
		case corev1.ResourceQuotaScopePriorityClass:
			if !selectsClass(s, spec.PriorityClassName) {
				return false
			}
		case corev1.ResourceQuotaScopeNotTerminating, corev1.ResourceQuotaScopeNotBestEffort:
		default:
			return false
		}
	}
	return true
}

// selectsClass tells whether a scope of priority classes holds a class; the empty
// name is a Pod without one.
func selectsClass(s corev1.ScopedResourceSelectorRequirement, class string) bool {
	switch s.Operator {
	case corev1.ScopeSelectorOpIn:
		return slices.Contains(s.Values, class)
	case corev1.ScopeSelectorOpNotIn:
		return !slices.Contains(s.Values, class)
	case corev1.ScopeSelectorOpExists:
		return class != ""
	case corev1.ScopeSelectorOpDoesNotExist:
		return class == ""
	default:
		return false
	}
}
