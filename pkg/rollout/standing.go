// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package rollout

import (
	"fmt"

	appsv1 "k8s.io/api/apps/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// Standing is what is to be said of a workload before its template is written: that
// no Pod follows it by itself, or that the app is away for a moment when Pods do. It
// is empty where Pods are made anew one after the other and the app stays.
func Standing(live *unstructured.Unstructured) []string {
	if why := idle(live); why != "" {
		return []string{why}
	}
	var all []string
	for _, say := range []func(*unstructured.Unstructured) string{withPartition, away, untilPromoted} {
		if sentence := say(live); sentence != "" {
			all = append(all, sentence)
		}
	}
	return all
}

// withPartition says which Pods of a StatefulSet its partition keeps as they are.
func withPartition(w *unstructured.Unstructured) string {
	kept, _ := field(w, "updateStrategy", "rollingUpdate", "partition").(int64)
	switch n := int64(replicas(w)); {
	case kindOf(w) != statefulSets || kept <= 0:
		return ""
	case kept >= n:
		return fmt.Sprintf("%s has a partition of %d: none of its Pods follows the change until that is lowered", name(w), kept)
	case kept == 1:
		return name(w) + " has a partition of 1: its first Pod follows the change only when that is lowered"
	default:
		return fmt.Sprintf("%s has a partition of %d: its first %d Pods follow the change only when that is lowered", name(w), kept, kept)
	}
}

// away says how the app is away while its Pods are made anew; empty where some are
// always there.
func away(w *unstructured.Unstructured) string {
	n := replicas(w)
	switch kindOf(w) {
	case deployments:
		if strategy(w) == string(appsv1.RecreateDeploymentStrategyType) {
			return fmt.Sprintf("%s has the strategy Recreate: all of its Pods end before the first new one starts, and the app is away in between", name(w))
		}
		return fenced(w, field(w, "strategy", "rollingUpdate", "maxSurge"), field(w, "strategy", "rollingUpdate", "maxUnavailable"))
	case rollouts:
		s := as[argo](w).Spec.Strategy.Canary
		if s == nil || s.TrafficRouting != nil {
			return ""
		}
		return fenced(w, s.MaxSurge, s.MaxUnavailable)
	case statefulSets:
		return setAway(w, n)
	case daemonSets:
		if n > 0 && Surge(w) == 0 {
			return fmt.Sprintf("%s has one Pod a node: on each node the app is away while its Pod restarts", name(w))
		}
	}
	return ""
}

// setAway is away of a StatefulSet, which ends a Pod before it makes the next of the
// same name.
func setAway(w *unstructured.Unstructured, n int32) string {
	if withPartition(w) != "" {
		return "" // some stay
	}
	if n == 1 {
		return name(w) + " has one replica: the app is away while its Pod restarts"
	}
	missing := share(field(w, "updateStrategy", "rollingUpdate", "maxUnavailable"), intstr.FromInt32(1), n, true)
	if missing >= n {
		return fmt.Sprintf("%s may have all of its %d Pods away at a time (maxUnavailable %d)", name(w), n, n)
	}
	return ""
}

// fenced says that all Pods may be away at a time, of a workload that may have so
// many too many and too few. Where neither leaves room to move, one may be missing.
func fenced(w *unstructured.Unstructured, maxSurge, maxUnavailable any) string {
	n := replicas(w)
	surge, missing := share(maxSurge, usual, n, true), share(maxUnavailable, usual, n, false)
	if surge == 0 && missing == 0 {
		missing = 1
	}
	switch {
	case missing < n:
		return ""
	case n == 1:
		return fmt.Sprintf("%s may be away while its only Pod is made anew (maxUnavailable 1, maxSurge %d)", name(w), surge)
	default:
		return fmt.Sprintf("%s may have all of its %d Pods away at a time (maxUnavailable %d, maxSurge %d)", name(w), n, n, surge)
	}
}

// untilPromoted says that a Rollout stops on its way.
func untilPromoted(w *unstructured.Unstructured) string {
	if kindOf(w) != rollouts || !as[argo](w).Spec.Strategy.waits() {
		return ""
	}
	return fmt.Sprintf("%s stops on its way until somebody promotes it (%s)", name(w), resume(w))
}
