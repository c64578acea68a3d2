// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

//go:build cluster

package rollout_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/rest"
	"k8s.io/utils/ptr"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/rollout"
)

func TestWatchComesUp(t *testing.T) {
	t.Parallel()
	r := newRoom(t)
	r.Apply(t, deployment("orders", 2))
	r.Ready(t)
	r.comesUp(t, r.write(t, "Deployment/orders", annotate))
	for _, p := range r.Pods(t) {
		if p.DeletionTimestamp == nil && p.Annotations["test/change"] != "1" {
			t.Errorf("Pod %s is of the earlier template", p.Name)
		}
	}
}

func TestWatchSets(t *testing.T) {
	t.Parallel()
	r := newRoom(t)
	db := statefulSet("db", 3)
	r.Apply(t, db)
	r.Ready(t)
	r.comesUp(t, r.write(t, "StatefulSet/db", annotate))

	written := r.write(t, "StatefulSet/db", "spec: {updateStrategy: {rollingUpdate: {partition: 2}}, template: {metadata: {annotations: {test/change: '2'}}}}")
	if _, pending, err := r.watch(t.Context(), t, written, patience); err != nil || !strings.Contains(pending, "its first 2 Pods follow") {
		t.Errorf("partition: pending %q, error %v", pending, err)
	}
	changed := 0
	for _, p := range r.Pods(t) {
		if p.Annotations["test/change"] == "2" {
			changed++
		}
	}
	if changed != 1 {
		t.Errorf("%d Pods follow, want 1", changed)
	}
}

func TestWatchDaemonSet(t *testing.T) {
	t.Parallel()
	r := newRoom(t)
	r.Apply(t, daemonSet("log"))
	r.Ready(t)
	r.comesUp(t, r.write(t, "DaemonSet/log", annotate))
}

// Nothing is to be waited for, and the sentence says why.
func TestWatchIdle(t *testing.T) {
	t.Parallel()
	r := newRoom(t)
	stopped, set, daemon := deployment("paused", 2), statefulSet("set", 2), daemonSet("daemon")
	stopped.Spec.Paused = true
	set.Spec.UpdateStrategy.Type = appsv1.OnDeleteStatefulSetStrategyType
	daemon.Spec.UpdateStrategy.Type = appsv1.OnDeleteDaemonSetStrategyType
	pod := template()
	pod.Spec.RestartPolicy = corev1.RestartPolicyNever
	cron := &batchv1.CronJob{ObjectMeta: metav1.ObjectMeta{Name: "cron"}, Spec: batchv1.CronJobSpec{
		Schedule: "0 0 1 1 *", JobTemplate: batchv1.JobTemplateSpec{Spec: batchv1.JobSpec{Template: pod}},
	}}
	r.Apply(t, stopped, set, daemon, deployment("none", 0), cron)
	for object, why := range map[string]string{
		"Deployment/paused": "kubectl rollout resume -n " + r.Name + " deployment/paused", "Deployment/none": "no replicas", "StatefulSet/set": "OnDelete", "DaemonSet/daemon": "OnDelete", "CronJob/cron": "next run",
	} {
		patch := annotate
		if strings.HasPrefix(object, "Cron") {
			patch = "spec: {jobTemplate: {" + annotate + "}}"
		}
		written := r.write(t, object, patch)
		if _, pending, err := r.watch(t.Context(), t, written, patience); err != nil || !strings.Contains(pending, why) {
			t.Errorf("%s: pending %q, error %v", object, pending, err)
		}
		if got := rollout.Standing(written); len(got) != 1 || !strings.Contains(got[0], why) {
			t.Errorf("%s: standing %q", object, got)
		}
	}
}

func TestWatchTimeout(t *testing.T) {
	t.Parallel()
	r := newRoom(t)
	r.Apply(t, deployment("orders", 2))
	r.Ready(t)
	written := r.write(t, "Deployment/orders", impossible)
	_, _, err := r.watch(t.Context(), t, written, soon)
	if !errors.Is(err, rollout.ErrTimeout) || !strings.Contains(err.Error(), "has not come up within 6s: waiting for rollout to finish: 1 out of 2 new replicas have been updated") {
		t.Errorf("error %v", err)
	}
	r.hasReason(t, written, "no node takes it: 0/", "didn't match Pod's node affinity/selector")
}

// The word of the rollout before stands in the status when the next one goes back to
// the ReplicaSet that was there before.
func TestWatchDeadline(t *testing.T) {
	t.Parallel()
	r := newRoom(t)
	d := deployment("orders", 1)
	d.Spec.ProgressDeadlineSeconds = ptr.To(int32(1))
	r.Apply(t, d)
	r.Ready(t)
	_, _, err := r.watch(t.Context(), t, r.write(t, "Deployment/orders", impossible), patience)
	if !errors.Is(err, rollout.ErrDeadline) || !strings.Contains(err.Error(), "made no progress within its progressDeadlineSeconds") {
		t.Fatalf("error %v", err)
	}
	r.comesUp(t, r.write(t, "Deployment/orders", possible))
}

func TestWatchRefused(t *testing.T) {
	t.Parallel()
	r := newRoom(t)
	r.Apply(t, deployment("orders", 2))
	r.Ready(t)
	r.quota(t, "2")
	written := r.write(t, "Deployment/orders", annotate)
	said, _, err := r.watch(t.Context(), t, written, soon)
	if !errors.Is(err, rollout.ErrTimeout) || !strings.Contains(err.Error(), "new Pods are refused") || !strings.Contains(err.Error(), "exceeded quota: few") {
		t.Errorf("error %v", err)
	}
	if !slices.ContainsFunc(said, func(s string) bool { return strings.Contains(s, "; new Pods are refused: ") }) {
		t.Errorf("said %q", said)
	}
	if all := r.hasReason(t, written, "new Pods are refused: ", "exceeded quota: few"); len(all) != 1 {
		t.Errorf("reasons %q", all)
	}
	// There is room again, and it comes up after all.
	if err := r.Namespace.Client.CoreV1().ResourceQuotas(r.Name).Delete(t.Context(), "few", metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	r.comesUp(t, written)
}

func TestWatchGone(t *testing.T) {
	t.Parallel()
	r := newRoom(t)
	remove := func(ctx context.Context, name string) {
		if err := r.Namespace.Client.AppsV1().Deployments(r.Name).Delete(ctx, name, metav1.DeleteOptions{}); err != nil {
			t.Error(err)
		}
	}
	r.Apply(t, deployment("during", 1), deployment("before", 1), deployment("anew", 1))
	r.Ready(t)
	during, before, anew := r.write(t, "Deployment/during", impossible), r.write(t, "Deployment/before", impossible), r.write(t, "Deployment/anew", impossible)

	var once sync.Once
	_, err := r.Watch(t.Context(), rollout.Write{App: during}, patience, func(string) {
		once.Do(func() { remove(t.Context(), "during") })
	})
	if !errors.Is(err, rollout.ErrGone) {
		t.Errorf("during: %v", err)
	}
	remove(t.Context(), "before")
	if _, _, err := r.watch(t.Context(), t, before, patience); !errors.Is(err, rollout.ErrGone) {
		t.Errorf("before: %v", err)
	}
	remove(t.Context(), "anew")
	r.Apply(t, deployment("anew", 1))
	if _, _, err := r.watch(t.Context(), t, anew, patience); !errors.Is(err, rollout.ErrGone) {
		t.Errorf("anew: %v", err)
	}
	if got := r.Reasons(t.Context(), before); len(got) != 1 || !strings.HasSuffix(got[0], "is gone") {
		t.Errorf("reasons %q", got)
	}
}

func TestWatchStopped(t *testing.T) {
	t.Parallel()
	r := newRoom(t)
	r.Apply(t, deployment("orders", 1))
	r.Ready(t)
	written := r.write(t, "Deployment/orders", impossible)
	ctx, stop := context.WithCancel(t.Context())
	_, err := r.Watch(ctx, rollout.Write{App: written}, 0, func(string) { stop() })
	if !errors.Is(err, rollout.ErrStopped) || errors.Is(err, rollout.ErrTimeout) {
		t.Errorf("error %v", err)
	}
}

func TestWatchForbidden(t *testing.T) {
	t.Parallel()
	r := newRoom(t)
	r.Apply(t, deployment("orders", 1))
	r.Ready(t)
	user := r.User().May(t, "get", r.Name, schema.GroupResource{Group: "apps", Resource: "deployments"})
	config := rest.CopyConfig(r.Config)
	config.Impersonate = rest.ImpersonationConfig{UserName: user.Name}
	limited := room{Namespace: r.Namespace, Client: client(t, config)}
	written := r.write(t, "Deployment/orders", impossible)
	if _, _, err := limited.watch(t.Context(), t, written, patience); !apierrors.IsForbidden(err) || errors.Is(err, rollout.ErrTimeout) {
		t.Errorf("error %v", err)
	}
	if got := limited.Reasons(t.Context(), written); len(got) != 1 || !strings.Contains(got[0], "what makes its Pods could not be read: replicasets.apps is forbidden") {
		t.Errorf("reasons %q", got)
	}
	if _, err := limited.Autoscalers(t.Context(), r.Name); !apierrors.IsForbidden(err) || !strings.Contains(err.Error(), "is unknown") {
		t.Errorf("autoscalers: %v", err)
	}
}

// The server goes away in the middle, and comes back or does not.
func TestWatchWithoutServer(t *testing.T) {
	t.Parallel()
	r := newRoom(t)
	r.Apply(t, deployment("orders", 1))
	r.Ready(t)
	wire := newWire(t, r.Config)
	far := client(t, wire.config(r.Config))
	written := r.write(t, "Deployment/orders", impossible)

	cut, back := false, false
	_, err := far.Watch(t.Context(), rollout.Write{App: written}, patience, func(line string) {
		switch {
		case !cut:
			cut = true
			wire.cut(t)
			r.write(t, "Deployment/orders", possible)
		case strings.HasPrefix(line, "cannot see how it goes, trying again: ") && !back:
			back = true
			wire.mend(t)
		}
	})
	if err != nil || !back {
		t.Errorf("back %v, error %v", back, err)
	}

	written = r.write(t, "Deployment/orders", impossible)
	cut = false
	_, err = far.Watch(t.Context(), rollout.Write{App: written}, soon, func(string) {
		if !cut {
			cut = true
			wire.cut(t)
		}
	})
	if !errors.Is(err, rollout.ErrTimeout) || !strings.Contains(err.Error(), "cannot see how it goes, ") {
		t.Errorf("error %v", err)
	}
}
