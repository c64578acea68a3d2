// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package kube

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Ready waits until every workload of the namespace runs as it is written. The
// ones named are left out.
func (n *Namespace) Ready(t testing.TB, except ...string) {
	t.Helper()
	Eventually(t, "the workloads of "+n.Name, func(ctx context.Context) (bool, string, error) {
		missing, err := n.missing(ctx)
		if err != nil {
			return false, "", err
		}
		for _, name := range except {
			delete(missing, name)
		}
		return len(missing) == 0, fmt.Sprint(missing), nil
	})
}

// missing says what the workloads still lack, by name.
func (n *Namespace) missing(ctx context.Context) (map[string]string, error) {
	missing := map[string]string{}
	note := func(name string, observed, generation int64, updated, available, wanted int32) {
		if observed < generation || updated < wanted || available < wanted {
			missing[name] = fmt.Sprintf("%d/%d available, %d updated", available, wanted, updated)
		}
	}
	deployments, err := n.Client.AppsV1().Deployments(n.Name).List(ctx, metav1.ListOptions{})
	if err != nil {
		return nil, err
	}
	for _, d := range deployments.Items {
		note(d.Name, d.Status.ObservedGeneration, d.Generation, d.Status.UpdatedReplicas, d.Status.AvailableReplicas, *d.Spec.Replicas)
	}
	sets, err := n.Client.AppsV1().StatefulSets(n.Name).List(ctx, metav1.ListOptions{})
	if err != nil {
		return nil, err
	}
	for _, s := range sets.Items {
		note(s.Name, s.Status.ObservedGeneration, s.Generation, s.Status.UpdatedReplicas, s.Status.AvailableReplicas, *s.Spec.Replicas)
	}
	daemons, err := n.Client.AppsV1().DaemonSets(n.Name).List(ctx, metav1.ListOptions{})
	if err != nil {
		return nil, err
	}
	for _, d := range daemons.Items {
		note(d.Name, d.Status.ObservedGeneration, max(d.Generation, 1), d.Status.UpdatedNumberScheduled, d.Status.NumberAvailable, max(d.Status.DesiredNumberScheduled, 1))
	}
	pods, err := n.Client.CoreV1().Pods(n.Name).List(ctx, metav1.ListOptions{})
	if err != nil {
		return nil, err
	}
	for _, p := range pods.Items {
		if p.DeletionTimestamp != nil {
			missing[p.Name] = "is being deleted"
		}
	}
	return missing, nil
}

// Refused waits until the server has refused a Pod of a Deployment, and both the
// Deployment and an event say so.
func (n *Namespace) Refused(t testing.TB, deployment string) {
	t.Helper()
	Eventually(t, "a refused Pod of "+deployment, func(ctx context.Context) (bool, string, error) {
		d, err := n.Client.AppsV1().Deployments(n.Name).Get(ctx, deployment, metav1.GetOptions{})
		if err != nil {
			return false, "", err
		}
		events, err := n.Client.CoreV1().Events(n.Name).List(ctx, metav1.ListOptions{FieldSelector: "reason=FailedCreate"})
		if err != nil {
			return false, "", err
		}
		said := false
		for _, e := range events.Items {
			said = said || strings.HasPrefix(e.InvolvedObject.Name, deployment)
		}
		for _, c := range d.Status.Conditions {
			if c.Type == appsv1.DeploymentReplicaFailure && c.Status == corev1.ConditionTrue {
				return said, "the condition is there, the event is not", nil
			}
		}
		return false, fmt.Sprint(d.Status.Conditions), nil
	})
}

// Count waits until the namespace has so many Pods.
func (n *Namespace) Count(t testing.TB, pods int) {
	t.Helper()
	Eventually(t, fmt.Sprintf("%d Pods", pods), func(ctx context.Context) (bool, string, error) {
		list, err := n.Client.CoreV1().Pods(n.Name).List(ctx, metav1.ListOptions{})
		if err != nil {
			return false, "", err
		}
		return len(list.Items) == pods, fmt.Sprint(len(list.Items)), nil
	})
}

// Services waits until Dapr's operator has made the Services of these apps, which
// tell of their metrics.
func (n *Namespace) Services(t testing.TB, apps ...string) {
	t.Helper()
	Eventually(t, fmt.Sprint("the Services of ", apps), func(ctx context.Context) (bool, string, error) {
		list, err := n.Client.CoreV1().Services(n.Name).List(ctx, metav1.ListOptions{})
		if err != nil {
			return false, "", err
		}
		var names []string
		for _, s := range list.Items {
			names = append(names, s.Name)
		}
		missing := slices.ContainsFunc(apps, func(app string) bool { return !slices.Contains(names, app+"-dapr") })
		return !missing, fmt.Sprint(names), nil
	})
}
