// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	resourcehelper "k8s.io/component-helpers/resource"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/dapr"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// OverQuota says which ResourceQuota would keep some of a step's Pods from being
// made, and by how much; empty where none would. A dry run charges no quota, and so
// sees one Pod only: here are all that are wanted, and those that there are besides
// while they are replaced.
func (s *Step) OverQuota(quotas []corev1.ResourceQuota) string {
	if s.Pod == nil || s.App.Kind == "CronJob" {
		return ""
	}
	was := withSidecarOf(s.Pod, s.Before)
	for i := range quotas {
		q := &quotas[i]
		old, next := charge(q, was), charge(q, s.Pod)
		for name, hard := range q.Status.Hard {
			more := peak(old[name], next[name], int64(s.Pods()), int64(s.Surge))
			if more.Sign() <= 0 {
				continue
			}
			used := q.Status.Used[name]
			used.Add(more)
			if used.Cmp(hard) > 0 {
				now := q.Status.Used[name]
				return fmt.Sprintf("ResourceQuota %s allows %s of %s, of which %s are used: the rollout takes %s more", q.Name, &hard, name, &now, &more)
			}
		}
	}
	return ""
}

// Charge adds to the quotas' use what a step's Pods take more once all are replaced.
func (s *Step) Charge(quotas []corev1.ResourceQuota) {
	if s.Pod == nil || s.App.Kind == "CronJob" {
		return
	}
	was := withSidecarOf(s.Pod, s.Before)
	for i := range quotas {
		q := &quotas[i]
		old, next := charge(q, was), charge(q, s.Pod)
		for name := range q.Status.Used {
			more := peak(old[name], next[name], int64(s.Pods()), 0)
			used := q.Status.Used[name]
			used.Add(more)
			q.Status.Used[name] = used
		}
	}
}

// peak is how much more is in use at most while pods Pods are replaced, with surge of
// them at a time beside the others.
func peak(old, next resource.Quantity, pods, surge int64) resource.Quantity {
	if next.Cmp(old) < 0 {
		next.Mul(surge)
		return next
	}
	next.Sub(old)
	next.Mul(pods)
	old.Mul(surge)
	next.Add(old)
	return next
}

// withSidecarOf is a Pod with the sidecar that the app's Pods have had so far.
func withSidecarOf(pod *corev1.Pod, before *guideline.App) *corev1.Pod {
	was := pod.DeepCopy()
	isDaprd := func(c corev1.Container) bool { return c.Name == dapr.SidecarContainer }
	was.Spec.Containers = slices.DeleteFunc(was.Spec.Containers, isDaprd)
	was.Spec.InitContainers = slices.DeleteFunc(was.Spec.InitContainers, isDaprd)
	switch s := before.Sidecar; {
	case len(s.Observed) > 0 && s.Observed[0].Native:
		was.Spec.InitContainers = append(was.Spec.InitContainers, s.Observed[0].Container)
	case len(s.Observed) > 0:
		was.Spec.Containers = append(was.Spec.Containers, s.Observed[0].Container)
	case s.Simulated != nil:
		was.Spec.Containers = append(was.Spec.Containers, *s.Simulated)
	}
	return was
}

// Concerns tells whether a quota is about Pods of a spec that request something.
func Concerns(q *snapshot.ResourceQuota, spec *corev1.PodSpec) bool {
	of := &corev1.ResourceQuota{Spec: corev1.ResourceQuotaSpec{Scopes: q.Scopes}}
	if len(q.Selector) > 0 {
		of.Spec.ScopeSelector = &corev1.ScopeSelector{MatchExpressions: q.Selector}
	}
	return concerns(of, &corev1.Pod{Spec: *spec}, false)
}

// charge is what one Pod takes of a quota, by the names that quotas have for it; nil
// where the quota is not about such Pods.
func charge(q *corev1.ResourceQuota, pod *corev1.Pod) corev1.ResourceList {
	requests := resourcehelper.PodRequests(pod, resourcehelper.PodResourcesOptions{})
	limits := resourcehelper.PodLimits(pod, resourcehelper.PodResourcesOptions{})
	if !concerns(q, pod, len(requests)+len(limits) == 0) {
		return nil
	}
	one := resource.MustParse("1")
	all := corev1.ResourceList{corev1.ResourcePods: one, "count/pods": one}
	for name, q := range requests {
		all[name], all["requests."+name] = q, q
	}
	for name, q := range limits {
		all["limits."+name] = q
	}
	return all
}

// concerns tells whether a quota's scopes take a Pod in.
func concerns(q *corev1.ResourceQuota, pod *corev1.Pod, bestEffort bool) bool {
	scopes := make([]corev1.ScopedResourceSelectorRequirement, 0, len(q.Spec.Scopes))
	for _, name := range q.Spec.Scopes {
		scopes = append(scopes, corev1.ScopedResourceSelectorRequirement{ScopeName: name, Operator: corev1.ScopeSelectorOpExists})
	}
	if q.Spec.ScopeSelector != nil {
		scopes = append(scopes, q.Spec.ScopeSelector.MatchExpressions...)
	}
	return !slices.ContainsFunc(scopes, func(s corev1.ScopedResourceSelectorRequirement) bool { return !inScope(s, pod, bestEffort) })
}

func inScope(s corev1.ScopedResourceSelectorRequirement, pod *corev1.Pod, bestEffort bool) bool {
	switch s.ScopeName {
	case corev1.ResourceQuotaScopeBestEffort:
		return bestEffort
	case corev1.ResourceQuotaScopeNotBestEffort:
		return !bestEffort
	case corev1.ResourceQuotaScopeTerminating:
		return pod.Spec.ActiveDeadlineSeconds != nil
	case corev1.ResourceQuotaScopeNotTerminating:
		return pod.Spec.ActiveDeadlineSeconds == nil
	case corev1.ResourceQuotaScopePriorityClass:
		return hasClass(s, pod.Spec.PriorityClassName)
	default:
		return false // those are about other things than a sidecar changes
	}
}

func hasClass(s corev1.ScopedResourceSelectorRequirement, class string) bool {
	switch s.Operator {
	case corev1.ScopeSelectorOpExists:
		return class != ""
	case corev1.ScopeSelectorOpDoesNotExist:
		return class == ""
	case corev1.ScopeSelectorOpNotIn:
		return !slices.Contains(s.Values, class)
	default:
		return slices.Contains(s.Values, class)
	}
}
