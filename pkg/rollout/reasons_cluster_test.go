// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

//go:build cluster

package rollout_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"

	"github.com/dapr-prod/kubectl-dapr-prod/test/cluster/kube"
)

// fails plays a kubelet whose container does not run in a Pod of a template.
func (r room) fails(t *testing.T, change string, status corev1.ContainerStatus) {
	t.Helper()
	kube.Eventually(t, "a Pod of the template", func(ctx context.Context) (bool, string, error) {
		for _, p := range r.Pods(t) {
			if p.Annotations["test/change"] != change || p.Status.Phase != corev1.PodRunning {
				continue
			}
			for i := range p.Status.Conditions {
				if c := &p.Status.Conditions[i]; c.Type == corev1.PodReady || c.Type == corev1.ContainersReady {
					c.Status = corev1.ConditionFalse
				}
			}
			status.Image, status.Name = "app:1", "app"
			p.Status.ContainerStatuses = []corev1.ContainerStatus{status}
			_, err := r.Namespace.Client.CoreV1().Pods(r.Name).UpdateStatus(ctx, &p, metav1.UpdateOptions{})
			return err == nil, fmt.Sprint(err), nil
		}
		return false, "", nil
	})
}

var crash = corev1.ContainerStatus{
	RestartCount:         4,
	State:                corev1.ContainerState{Waiting: &corev1.ContainerStateWaiting{Reason: "CrashLoopBackOff", Message: "back-off 5m0s"}},
	LastTerminationState: corev1.ContainerState{Terminated: &corev1.ContainerStateTerminated{ExitCode: 1, Reason: "Error", Message: "ready\nfatal: wrong password: hunter2\n"}},
}

const crashed = "container app ends again and again (CrashLoopBackOff), the last time with exit code 1: fatal: wrong password: ***"

// Only the Pods of the new template count, whatever makes them.
func TestReasonsOfCrash(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{"Deployment", "StatefulSet", "DaemonSet"} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			r := newRoom(t)
			switch kind {
			case "Deployment":
				d := deployment("it", 1)
				d.Spec.MinReadySeconds = 3600 // the Pod before stays
				d.Spec.ProgressDeadlineSeconds = ptr.To(int32(7200))
				r.Apply(t, d)
				r.fails(t, "", corev1.ContainerStatus{State: corev1.ContainerState{Waiting: &corev1.ContainerStateWaiting{Reason: "ImagePullBackOff"}}})
			case "StatefulSet":
				r.Apply(t, statefulSet("it", 1))
				r.Ready(t)
				stranger := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Name: "stranger", Labels: selector.MatchLabels}, Spec: template().Spec}
				stranger.Spec.NodeSelector = map[string]string{"test/place": "nowhere"}
				r.Apply(t, stranger)
			default:
				r.Apply(t, daemonSet("it"))
				r.Ready(t)
			}
			written := r.write(t, kind+"/it", annotate)
			r.fails(t, "1", crash)
			all := strings.Join(r.hasReason(t, written, crashed), "\n")
			if strings.Contains(all, "hunter2") || strings.Contains(all, "ImagePullBackOff") || strings.Contains(all, "stranger") {
				t.Errorf("reasons %q", all)
			}
			if kind != "Deployment" {
				return
			}
			back := r.write(t, kind+"/it", "spec: {template: {metadata: {annotations: null}}}")
			if all := strings.Join(r.hasReason(t, back, "ImagePullBackOff"), "\n"); strings.Contains(all, "CrashLoopBackOff") {
				t.Errorf("reasons after going back %q", all)
			}
		})
	}
}

func TestReasonsOfRefusal(t *testing.T) {
	t.Parallel()
	r := newRoom(t)
	r.Apply(t, statefulSet("set", 1))
	r.Ready(t)
	r.quota(t, "0")
	r.Apply(t, daemonSet("daemon"), deployment("orders", 1))
	set := r.write(t, "StatefulSet/set", annotate)
	for _, app := range []string{"DaemonSet/daemon", "Deployment/orders"} {
		r.hasReason(t, r.write(t, app, annotate), "new Pods are refused: ", "exceeded quota: few")
	}
	r.hasReason(t, set, "new Pods are refused: Create Pod set-0 in StatefulSet set failed error: ", "exceeded quota: few")
}

// A StatefulSet waits for a Pod that will never be ready, even when its template is
// mended. Who goes back has to be told.
func TestReasonsOfEarlierPod(t *testing.T) {
	t.Parallel()
	r := newRoom(t)
	r.Apply(t, statefulSet("db", 2))
	r.Ready(t)
	broken := r.write(t, "StatefulSet/db", impossible)
	r.hasReason(t, broken, "Pod db-1: no node takes it")
	mended := r.write(t, "StatefulSet/db", possible)
	r.hasReason(t, mended, "Pod db-1: it is of an earlier template and not ready", "delete it")
	if err := r.Namespace.Client.CoreV1().Pods(r.Name).Delete(t.Context(), "db-1", metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	r.comesUp(t, mended)
}

func TestByTotal(t *testing.T) {
	t.Parallel()
	r := newRoom(t)
	r.Apply(t, deployment("orders", 1), deployment("other", 1))
	hpa := func(name, target string, metric autoscalingv2.MetricSpec) *autoscalingv2.HorizontalPodAutoscaler {
		return &autoscalingv2.HorizontalPodAutoscaler{ObjectMeta: metav1.ObjectMeta{Name: name}, Spec: autoscalingv2.HorizontalPodAutoscalerSpec{
			ScaleTargetRef: autoscalingv2.CrossVersionObjectReference{APIVersion: "apps/v1", Kind: "Deployment", Name: target},
			MaxReplicas:    3,
			Metrics:        []autoscalingv2.MetricSpec{metric},
		}}
	}
	share := autoscalingv2.MetricTarget{Type: autoscalingv2.UtilizationMetricType, AverageUtilization: ptr.To(int32(80))}
	amount := autoscalingv2.MetricTarget{Type: autoscalingv2.AverageValueMetricType, AverageValue: ptr.To(resource.MustParse("100m"))}
	total := func(name corev1.ResourceName, target autoscalingv2.MetricTarget) autoscalingv2.MetricSpec {
		return autoscalingv2.MetricSpec{Type: autoscalingv2.ResourceMetricSourceType, Resource: &autoscalingv2.ResourceMetricSource{Name: name, Target: target}}
	}
	usual := hpa("usual", "orders", autoscalingv2.MetricSpec{})
	usual.Spec.Metrics = nil // 80 % of the CPU, by default
	r.Apply(t, usual, hpa("memory", "orders", total("memory", share)), hpa("amount", "orders", total("cpu", amount)), hpa("elsewhere", "other", total("cpu", share)),
		hpa("container", "orders", autoscalingv2.MetricSpec{
			Type:              autoscalingv2.ContainerResourceMetricSourceType,
			ContainerResource: &autoscalingv2.ContainerResourceMetricSource{Name: "cpu", Container: "app", Target: share},
		}))
	app := r.write(t, "Deployment/orders", annotate)
	for _, namespace := range []string{r.Name, ""} {
		all, err := r.Autoscalers(t.Context(), namespace)
		if err != nil {
			t.Fatal(err)
		}
		if got := all.ByTotal(app); !slices.Equal(got, []string{"memory", "usual"}) {
			t.Errorf("got %q", got)
		}
	}
}
