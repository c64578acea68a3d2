// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package rollout

import (
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// usual is what a Deployment and a Rollout may have too many and too few where they
// do not say it.
var usual = intstr.FromString("25%")

// Surge is how many Pods there may be beyond spec.replicas (beyond one a node, for a
// DaemonSet) while a workload is rolled out: what quota and nodes must have room
// for, or the rollout stands still. Pods that are being terminated are not among
// them: they make room by themselves. A paused Deployment is counted as it is when
// somebody resumes it.
func Surge(live *unstructured.Unstructured) (pods int32) {
	n := replicas(live)
	switch kindOf(live) {
	case deployments:
		if strategy(live) == string(appsv1.RecreateDeploymentStrategyType) {
			return 0
		}
		pods = share(field(live, "strategy", "rollingUpdate", "maxSurge"), usual, n, true)
	case daemonSets:
		if strategy(live) == string(appsv1.OnDeleteDaemonSetStrategyType) {
			return 0
		}
		pods = share(field(live, "updateStrategy", "rollingUpdate", "maxSurge"), intstr.FromInt32(0), n, true)
	case rollouts:
		pods = argoSurge(as[argo](live).Spec.Strategy, n)
	}
	// There are never more new Pods than replicas.
	return min(pods, n)
}

// argoSurge: blue-green has a second set of Pods, and so has a canary that traffic is
// routed to, whose stable set is not scaled down before the end.
func argoSurge(s argoStrategy, replicas int32) int32 {
	switch {
	case s.BlueGreen != nil || s.Canary != nil && s.Canary.TrafficRouting != nil:
		return replicas
	case s.Canary != nil:
		return share(s.Canary.MaxSurge, usual, replicas, true)
	default:
		return 0
	}
}

// field is one below spec; nil where there is none.
func field(w *unstructured.Unstructured, path ...string) any {
	found, _, _ := unstructured.NestedFieldNoCopy(w.Object, append([]string{"spec"}, path...)...)
	return found
}

// share is a number of Pods that is written as such or as a percentage of all.
func share(value any, otherwise intstr.IntOrString, all int32, up bool) int32 {
	written := otherwise
	switch v := value.(type) {
	case int64:
		written = intstr.FromInt32(int32(min(v, 1<<30))) //nolint:gosec // bounded just here
	case string:
		// Argo takes a percentage without its sign.
		written = intstr.FromString(strings.TrimSuffix(v, "%") + "%")
	}
	n, err := intstr.GetScaledValueFromIntOrPercent(&written, int(all), up)
	if err != nil {
		// No API server accepts this; a number must not be missing for it.
		n, _ = intstr.GetScaledValueFromIntOrPercent(&otherwise, int(all), up)
	}
	return int32(min(n, 1<<30)) //nolint:gosec // bounded just here
}
