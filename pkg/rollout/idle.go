// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package rollout

import (
	"fmt"
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// Idle tells whether a write to the template of a workload makes no Pods anew that
// could be waited for; Standing says why.
func Idle(live *unstructured.Unstructured) bool { return idle(live) != "" }

// idle says why a write to the template of a workload makes no Pods anew that could
// be waited for; empty where it does.
func idle(w *unstructured.Unstructured) string {
	switch kindOf(w) {
	case cronJobs:
		if suspended, _, _ := unstructured.NestedBool(w.Object, "spec", "suspend"); suspended {
			return name(w) + " is suspended: the change takes effect with the first run after that"
		}
		return name(w) + " makes Pods only when it runs: the change takes effect with its next run, and what runs now ends as it is"
	case deployments, rollouts:
		if paused, _, _ := unstructured.NestedBool(w.Object, "spec", "paused"); paused {
			return fmt.Sprintf("%s is paused: it takes the change, and keeps its Pods as they are until somebody resumes it (%s)", name(w), resume(w))
		}
	case statefulSets, daemonSets:
		if strategy(w) == string(appsv1.OnDeleteDaemonSetStrategyType) {
			return name(w) + " has the update strategy OnDelete: it takes the change, and a Pod follows it when somebody deletes it"
		}
	}
	if kindOf(w) != daemonSets && replicas(w) == 0 {
		return name(w) + " has no replicas: the change takes effect when it is scaled up"
	}
	return ""
}

// resume is the command that ends a pause.
func resume(w *unstructured.Unstructured) string {
	if kindOf(w) == rollouts {
		return fmt.Sprintf("kubectl argo rollouts promote -n %s %s", w.GetNamespace(), w.GetName())
	}
	return fmt.Sprintf("kubectl rollout resume -n %s %s/%s", w.GetNamespace(), strings.ToLower(w.GetKind()), w.GetName())
}

// strategy is how a workload makes its Pods anew.
func strategy(w *unstructured.Unstructured) string {
	field := "updateStrategy"
	if kindOf(w) == deployments {
		field = "strategy"
	}
	found, _, _ := unstructured.NestedString(w.Object, "spec", field, "type")
	return found
}

// replicas is how many Pods are wanted, 1 where nothing says so; of a DaemonSet, how
// many nodes want one.
func replicas(w *unstructured.Unstructured) int32 {
	if kindOf(w) == daemonSets {
		return as[appsv1.DaemonSet](w).Status.DesiredNumberScheduled
	}
	n, found, _ := unstructured.NestedInt64(w.Object, "spec", "replicas")
	if !found {
		return 1
	}
	return int32(min(n, 1<<30)) //nolint:gosec // bounded just here
}
