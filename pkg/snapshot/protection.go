// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package snapshot

import (
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// DisruptionBudget is one PodDisruptionBudget.
type DisruptionBudget struct {
	Object Object
	Source Source
	// Selector selects the Pods that it protects.
	Selector                     *Selector
	MinAvailable, MaxUnavailable *intstr.IntOrString
	// Allowed and Expected are from the status, and zero in manifests: how many
	// Pods may go now, and how many are counted.
	Allowed, Expected int32
}

// ResourceQuota is one ResourceQuota.
type ResourceQuota struct {
	Object Object
	Source Source
	Scopes []corev1.ResourceQuotaScope
	// Selector is spec.scopeSelector.matchExpressions.
	Selector []corev1.ScopedResourceSelectorRequirement
	Hard     corev1.ResourceList
	// Used is from the status, and empty in manifests.
	Used corev1.ResourceList
}

// NewResourceQuota keeps what is judged of a ResourceQuota.
func NewResourceQuota(q *corev1.ResourceQuota, src Source) ResourceQuota {
	kept := ResourceQuota{
		Object: Object{APIVersion: "v1", Kind: "ResourceQuota", Namespace: q.Namespace, Name: q.Name},
		Source: src, Scopes: q.Spec.Scopes, Hard: q.Spec.Hard, Used: q.Status.Used,
	}
	if q.Spec.ScopeSelector != nil {
		kept.Selector = q.Spec.ScopeSelector.MatchExpressions
	}
	return kept
}

// VolumeClaim is one PersistentVolumeClaim.
type VolumeClaim struct {
	Object Object
	Source Source
	Labels map[string]string
	// Bound tells that it has a volume.
	Bound bool
	Phase corev1.PersistentVolumeClaimPhase
	// Requested is spec.resources.requests, Capacity what the volume has.
	Requested, Capacity corev1.ResourceList
}

// DisruptionBudgetsOf returns the PodDisruptionBudgets of a namespace.
func (s *Snapshot) DisruptionBudgetsOf(namespace string) []DisruptionBudget {
	return inNamespace(s.DisruptionBudgets, namespace, func(b DisruptionBudget) Object { return b.Object })
}

// ResourceQuotasOf returns the ResourceQuotas of a namespace.
func (s *Snapshot) ResourceQuotasOf(namespace string) []ResourceQuota {
	return inNamespace(s.ResourceQuotas, namespace, func(q ResourceQuota) Object { return q.Object })
}

// VolumeClaimsOf returns the PersistentVolumeClaims of a namespace.
func (s *Snapshot) VolumeClaimsOf(namespace string) []VolumeClaim {
	return inNamespace(s.VolumeClaims, namespace, func(c VolumeClaim) Object { return c.Object })
}

// inNamespace returns the elements whose object is in a namespace.
func inNamespace[T any](all []T, namespace string, object func(T) Object) []T {
	var found []T
	for _, one := range all {
		if object(one).Namespace == namespace {
			found = append(found, one)
		}
	}
	return found
}
