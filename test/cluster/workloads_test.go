// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

//go:build cluster

package cluster_test

import (
	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// on are annotations that ask for a sidecar: pairs of a name, without
// "dapr.io/", and a value.
func on(id string, pairs ...string) map[string]string {
	set := map[string]string{"dapr.io/enabled": "true"}
	if id != "" {
		set["dapr.io/app-id"] = id
	}
	for i := 0; i < len(pairs); i += 2 {
		set["dapr.io/"+pairs[i]] = pairs[i+1]
	}
	return set
}

// ofSettled are the guidelines that are content with settled annotations: those
// that ask for no other object beside the app.
const ofSettled = "--guidelines=sidecar-resources,sidecar-quantities,sidecar-soft-memory-limit,dapr-annotations,mtls,sidecar-injected,sidecar-version,sidecar-shutdown"

// settled are annotations with which the guidelines of ofSettled are content.
func settled(id string, pairs ...string) map[string]string {
	return on(id, append([]string{
		"sidecar-cpu-request", "100m", "sidecar-cpu-limit", "300m",
		"sidecar-memory-request", "250Mi", "sidecar-memory-limit", "1000Mi",
		"env", "GOMEMLIMIT=900MiB",
	}, pairs...)...)
}

func template(name string, set map[string]string) corev1.PodTemplateSpec {
	return corev1.PodTemplateSpec{
		ObjectMeta: metav1.ObjectMeta{Labels: map[string]string{"app": name}, Annotations: set},
		Spec:       corev1.PodSpec{Containers: []corev1.Container{{Name: "app", Image: "registry.example.com/" + name + ":1"}}},
	}
}

func selector(name string) *metav1.LabelSelector {
	return &metav1.LabelSelector{MatchLabels: map[string]string{"app": name}}
}

func object(name string) metav1.ObjectMeta {
	return metav1.ObjectMeta{Name: name, Labels: map[string]string{"app": name}}
}

func deployment(name string, replicas int32, set map[string]string) *appsv1.Deployment {
	return &appsv1.Deployment{
		ObjectMeta: object(name),
		Spec:       appsv1.DeploymentSpec{Replicas: &replicas, Selector: selector(name), Template: template(name, set)},
	}
}

// paused is a Deployment whose Pods stay as they are when its template changes.
func paused(name string, set map[string]string) *appsv1.Deployment {
	d := deployment(name, 1, set)
	d.Spec.Paused = true
	return d
}

// keeping is a StatefulSet whose Pods stay as they are when its template changes.
func keeping(name string, replicas int32, set map[string]string) *appsv1.StatefulSet {
	return &appsv1.StatefulSet{
		ObjectMeta: object(name),
		Spec: appsv1.StatefulSetSpec{
			Replicas: &replicas, Selector: selector(name), Template: template(name, set),
			UpdateStrategy: appsv1.StatefulSetUpdateStrategy{Type: appsv1.OnDeleteStatefulSetStrategyType},
		},
	}
}

func daemonSet(name string, set map[string]string) *appsv1.DaemonSet {
	return &appsv1.DaemonSet{ObjectMeta: object(name), Spec: appsv1.DaemonSetSpec{Selector: selector(name), Template: template(name, set)}}
}

// pending is a Job whose Pods never start, so that they do not end either.
func pending(name string, set map[string]string) *batchv1.Job {
	t := template(name, set)
	t.Spec.RestartPolicy = corev1.RestartPolicyNever
	t.Spec.NodeSelector = map[string]string{"kubernetes.io/hostname": "nowhere"}
	return &batchv1.Job{ObjectMeta: object(name), Spec: batchv1.JobSpec{Template: t}}
}

// dormant is a CronJob that starts nothing by itself.
func dormant(name string, set map[string]string) *batchv1.CronJob {
	suspend := true
	return &batchv1.CronJob{ObjectMeta: object(name), Spec: batchv1.CronJobSpec{
		Schedule: "0 0 1 1 *", Suspend: &suspend,
		JobTemplate: batchv1.JobTemplateSpec{Spec: pending(name, set).Spec},
	}}
}

func bare(name string, set map[string]string) *corev1.Pod {
	t := template(name, set)
	return &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Name: name, Labels: t.Labels, Annotations: set}, Spec: t.Spec}
}

func resources(cpu, memory string) corev1.ResourceList {
	return corev1.ResourceList{corev1.ResourceCPU: resource.MustParse(cpu), corev1.ResourceMemory: resource.MustParse(memory)}
}

func limitRange(items ...corev1.LimitRangeItem) *corev1.LimitRange {
	return &corev1.LimitRange{ObjectMeta: object("limits"), Spec: corev1.LimitRangeSpec{Limits: items}}
}
