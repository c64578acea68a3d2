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
	all, err := r.templatesOfApps(ctx, namespace)
	if err != nil {
		return nil, err
	}
	jobs, err := r.templatesOfBatch(ctx, namespace)
	if err != nil {
		return nil, err
	}
	all = append(all, jobs...)
	for i := range all {
		for _, app := range apps {
			if app.Object.Namespace == namespace && app.Object.Kind == all[i].kind && app.Object.Name == all[i].name {
				all[i].app = app
			}
		}
	}
	return append(all, ofOtherKinds(namespace, all, apps)...), nil
}

// templatesOfApps are those of the kinds of the group apps.
func (r *Runner) templatesOfApps(ctx context.Context, namespace string) ([]template, error) {
	var all []template
	add := func(kind, name string, t corev1.PodTemplateSpec) {
		all = append(all, template{PodTemplateSpec: t, kind: kind, name: name})
	}
	client, options := r.Core.AppsV1(), metav1.ListOptions{}
	deployments, err := client.Deployments(namespace).List(ctx, options)
	if err != nil {
		return nil, err
	}
	for _, o := range deployments.Items {
		add("Deployment", o.Name, o.Spec.Template)
	}
	sets, err := client.StatefulSets(namespace).List(ctx, options)
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
	daemons, err := client.DaemonSets(namespace).List(ctx, options)
	if err != nil {
		return nil, err
	}
	for _, o := range daemons.Items {
		add("DaemonSet", o.Name, o.Spec.Template)
	}
	replicas, err := client.ReplicaSets(namespace).List(ctx, options)
	if err != nil {
		return nil, err
	}
	for _, o := range replicas.Items {
		if metav1.GetControllerOf(&o) == nil {
			add("ReplicaSet", o.Name, o.Spec.Template)
		}
	}
	return all, nil
}

// templatesOfBatch are those of the kinds of the group batch that make Pods still.
func (r *Runner) templatesOfBatch(ctx context.Context, namespace string) ([]template, error) {
	var all []template
	client, options := r.Core.BatchV1(), metav1.ListOptions{}
	cron, err := client.CronJobs(namespace).List(ctx, options)
	if err != nil {
		return nil, err
	}
	for _, o := range cron.Items {
		all = append(all, template{PodTemplateSpec: o.Spec.JobTemplate.Spec.Template, kind: "CronJob", name: o.Name})
	}
	jobs, err := client.Jobs(namespace).List(ctx, options)
	if err != nil {
		return nil, err
	}
	for _, o := range jobs.Items {
		if metav1.GetControllerOf(&o) == nil && o.Status.CompletionTime == nil {
			all = append(all, template{PodTemplateSpec: o.Spec.Template, kind: "Job", name: o.Name})
		}
	}
	return all, nil
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
