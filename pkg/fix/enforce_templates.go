// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package fix

import (
	"context"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
)

// template is what Pods of a namespace are made from, and the app that it is; nil where
// it is none.
type template struct {
	corev1.PodTemplateSpec
	kind, name string
	app        *guideline.App
}

// templates are all that Pods of a namespace are made from: of the kinds of Kubernetes,
// whether they are apps of Dapr or not, and of apps of other kinds.
func (r *Runner) templates(ctx context.Context, namespace string, apps []*guideline.App) ([]template, error) {
	var all []template
	add := func(kind, name string, t corev1.PodTemplateSpec) {
		one := template{PodTemplateSpec: t, kind: kind, name: name}
		for _, app := range apps {
			if app.Object.Namespace == namespace && app.Object.Kind == kind && app.Object.Name == name {
				one.app = app
			}
		}
		all = append(all, one)
	}
	options := metav1.ListOptions{}
	deployments, err := r.Core.AppsV1().Deployments(namespace).List(ctx, options)
	if err != nil {
		return nil, err
	}
	for _, o := range deployments.Items {
		add("Deployment", o.Name, o.Spec.Template)
	}
	sets, err := r.Core.AppsV1().StatefulSets(namespace).List(ctx, options)
	if err != nil {
		return nil, err
	}
	for _, o := range sets.Items {
		t := o.Spec.Template
		for _, claim := range o.Spec.VolumeClaimTemplates {
			source := corev1.PersistentVolumeClaimVolumeSource{ClaimName: claim.Name + "-" + o.Name + "-0"}
			t.Spec.Volumes = append(t.Spec.Volumes, corev1.Volume{Name: claim.Name, VolumeSource: corev1.VolumeSource{PersistentVolumeClaim: &source}})
		}
		add("StatefulSet", o.Name, t)
	}
	daemons, err := r.Core.AppsV1().DaemonSets(namespace).List(ctx, options)
	if err != nil {
		return nil, err
	}
	for _, o := range daemons.Items {
		add("DaemonSet", o.Name, o.Spec.Template)
	}
	replicas, err := r.Core.AppsV1().ReplicaSets(namespace).List(ctx, options)
	if err != nil {
		return nil, err
	}
	for _, o := range replicas.Items {
		if metav1.GetControllerOf(&o) == nil {
			add("ReplicaSet", o.Name, o.Spec.Template)
		}
	}
	if err := r.batchTemplates(ctx, namespace, add); err != nil {
		return nil, err
	}
	return append(all, ofOtherKinds(namespace, all, apps)...), nil
}

// batchTemplates adds those of CronJobs, and of Jobs that are not done.
func (r *Runner) batchTemplates(ctx context.Context, namespace string, add func(kind, name string, t corev1.PodTemplateSpec)) error {
	options := metav1.ListOptions{}
	cron, err := r.Core.BatchV1().CronJobs(namespace).List(ctx, options)
	if err != nil {
		return err
	}
	for _, o := range cron.Items {
		add("CronJob", o.Name, o.Spec.JobTemplate.Spec.Template)
	}
	jobs, err := r.Core.BatchV1().Jobs(namespace).List(ctx, options)
	if err != nil {
		return err
	}
	for _, o := range jobs.Items {
		if metav1.GetControllerOf(&o) == nil && o.Status.CompletionTime == nil {
			add("Job", o.Name, o.Spec.Template)
		}
	}
	return nil
}

// ofOtherKinds are the templates of apps that are not among those that were listed, such
// as of a Rollout.
func ofOtherKinds(namespace string, listed []template, apps []*guideline.App) []template {
	known := map[*guideline.App]bool{}
	for _, t := range listed {
		known[t.app] = true
	}
	var all []template
	for _, app := range apps {
		if app.Object.Namespace != namespace || known[app] || app.Template == nil || app.Template.Spec == nil || app.Object.Kind == "Pod" {
			continue
		}
		t := template{kind: app.Object.Kind, name: app.Object.Name, app: app}
		t.Annotations, t.Spec = app.Template.Annotations, *app.Template.Spec
		all = append(all, t)
	}
	return all
}
