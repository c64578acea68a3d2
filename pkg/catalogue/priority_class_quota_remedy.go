// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package catalogue

import (
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// criticalQuota is the name that the guidelines' page gives to the quota.
const criticalQuota = "dapr-system-critical-quota"

// provideQuota makes the quota of the page where the chart does not: before 1.14. It
// has no hard limits, so that it takes no Pod away from anybody.
func provideQuota(install *guideline.Install) guideline.Creation {
	if !install.Version.Known() || install.Version.AtLeast(1, 14, 0) {
		return guideline.Creation{}
	}
	classes := slices.DeleteFunc(criticalClasses(install), func(class string) bool {
		return judgeQuota(install, class).Outcome != guideline.Failed
	})
	taken := slices.ContainsFunc(install.Snapshot.ResourceQuotasOf(install.Namespace), func(q snapshot.ResourceQuota) bool {
		return q.Object.Name == criticalQuota
	})
	switch {
	case len(classes) == 0:
		return guideline.Creation{}
	case taken:
		return guideline.Creation{Person: fmt.Sprintf("namespace %s has a ResourceQuota %s that is about something else: make one of another name with a scopeSelector of PriorityClass In %v",
			install.Namespace, criticalQuota, classes)}
	}
	return guideline.Creation{Quota: &corev1.ResourceQuota{
		ObjectMeta: metav1.ObjectMeta{Namespace: install.Namespace, Name: criticalQuota},
		Spec: corev1.ResourceQuotaSpec{ScopeSelector: &corev1.ScopeSelector{MatchExpressions: []corev1.ScopedResourceSelectorRequirement{{
			ScopeName: corev1.ResourceQuotaScopePriorityClass, Operator: corev1.ScopeSelectorOpIn, Values: classes,
		}}}},
	}}
}
