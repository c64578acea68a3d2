// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package rollout

import (
	"context"
	"maps"

	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
	deploymentutil "k8s.io/kubectl/pkg/util/deployment"
)

// maker is what makes the Pods of a template.
type maker struct {
	uid      types.UID
	selector *metav1.LabelSelector
	// revision is the value of the label controller-revision-hash that the Pods of the
	// template have; empty where all Pods of the maker are of it.
	revision string
	// ordered tells that it makes no Pod anew before all others are ready.
	ordered bool
	// refused are its own words on Pods that it could not make; empty where it made them.
	refused string
}

// maker finds what makes the Pods of the template that a workload has now; nil where
// there is none yet.
func (c *Client) maker(ctx context.Context, live *unstructured.Unstructured) (*maker, error) {
	switch kindOf(live) {
	case deployments:
		return c.ofDeployment(ctx, as[appsv1.Deployment](live))
	case statefulSets:
		s := as[appsv1.StatefulSet](live)
		ordered := s.Spec.PodManagementPolicy != appsv1.ParallelPodManagement
		return &maker{uid: s.UID, selector: s.Spec.Selector, revision: s.Status.UpdateRevision, ordered: ordered}, nil
	case daemonSets:
		return c.ofDaemonSet(ctx, as[appsv1.DaemonSet](live))
	case rollouts:
		return c.ofRollout(ctx, live)
	default:
		return c.ofCronJob(ctx, as[batchv1.CronJob](live))
	}
}

// ofDeployment is the ReplicaSet that has the template of the Deployment.
func (c *Client) ofDeployment(ctx context.Context, d *appsv1.Deployment) (*maker, error) {
	refused := ""
	for _, kind := range []appsv1.DeploymentConditionType{appsv1.DeploymentProgressing, appsv1.DeploymentReplicaFailure} {
		found := deploymentutil.GetDeploymentCondition(d.Status, kind)
		if found != nil && (found.Reason == "ReplicaSetCreateError" || kind == appsv1.DeploymentReplicaFailure && found.Status == corev1.ConditionTrue) {
			refused = found.Message
		}
	}
	set, err := c.replicaSet(ctx, d.Namespace, d.Spec.Selector, func(r *appsv1.ReplicaSet) bool {
		template := r.Spec.Template.DeepCopy()
		delete(template.Labels, appsv1.DefaultDeploymentUniqueLabelKey)
		return metav1.IsControlledBy(r, d) && equality.Semantic.DeepEqual(template, &d.Spec.Template)
	})
	if err != nil || set == nil && refused == "" {
		return nil, err
	}
	if set == nil {
		return &maker{uid: d.UID, selector: d.Spec.Selector, refused: refused}, nil
	}
	return ofReplicaSet(set), nil
}

// ofRollout is the ReplicaSet that the status of an Argo Rollout names.
func (c *Client) ofRollout(ctx context.Context, live *unstructured.Unstructured) (*maker, error) {
	hash := as[argo](live).Status.CurrentPodHash
	only := &metav1.LabelSelector{MatchLabels: map[string]string{argoHash: hash}}
	set, err := c.replicaSet(ctx, live.GetNamespace(), only, func(r *appsv1.ReplicaSet) bool { return metav1.IsControlledBy(r, live) })
	if err != nil || set == nil {
		return nil, err
	}
	return ofReplicaSet(set), nil
}

// argoHash is the label that tells the ReplicaSets of a Rollout apart.
const argoHash = "rollouts-pod-template-hash"

func ofReplicaSet(r *appsv1.ReplicaSet) *maker {
	m := &maker{uid: r.UID, selector: r.Spec.Selector}
	for _, c := range r.Status.Conditions {
		if c.Type == appsv1.ReplicaSetReplicaFailure && c.Status == corev1.ConditionTrue {
			m.refused = c.Message
		}
	}
	return m
}

// replicaSet is the first one made of those that fit; nil where none does.
func (c *Client) replicaSet(ctx context.Context, namespace string, selector *metav1.LabelSelector, fits func(*appsv1.ReplicaSet) bool) (*appsv1.ReplicaSet, error) {
	list, err := c.core.AppsV1().ReplicaSets(namespace).List(ctx, metav1.ListOptions{LabelSelector: metav1.FormatLabelSelector(selector)})
	if err != nil {
		return nil, err
	}
	var first *appsv1.ReplicaSet
	for i := range list.Items {
		if r := &list.Items[i]; fits(r) && (first == nil || r.CreationTimestamp.Before(&first.CreationTimestamp)) {
			first = r
		}
	}
	return first, nil
}

// ofDaemonSet is the DaemonSet itself; which Pods are of its template is known by the
// newest of its revisions.
func (c *Client) ofDaemonSet(ctx context.Context, d *appsv1.DaemonSet) (*maker, error) {
	list, err := c.core.AppsV1().ControllerRevisions(d.Namespace).List(ctx, metav1.ListOptions{LabelSelector: metav1.FormatLabelSelector(d.Spec.Selector)})
	if err != nil {
		return nil, err
	}
	m, newest := &maker{uid: d.UID, selector: d.Spec.Selector}, int64(-1)
	for i := range list.Items {
		if r := &list.Items[i]; metav1.IsControlledBy(r, d) && r.Revision > newest {
			m.revision, newest = r.Labels[appsv1.ControllerRevisionHashLabelKey], r.Revision
		}
	}
	return m, nil
}

// ofCronJob is the newest Job that was made from the template that there is now. All
// that is written to it are annotations, so they tell.
func (c *Client) ofCronJob(ctx context.Context, j *batchv1.CronJob) (*maker, error) {
	list, err := c.core.BatchV1().Jobs(j.Namespace).List(ctx, metav1.ListOptions{})
	if err != nil {
		return nil, err
	}
	var newest *batchv1.Job
	for i := range list.Items {
		job := &list.Items[i]
		same := metav1.IsControlledBy(job, j) && maps.Equal(job.Spec.Template.Annotations, j.Spec.JobTemplate.Spec.Template.Annotations)
		if same && (newest == nil || newest.CreationTimestamp.Before(&job.CreationTimestamp)) {
			newest = job
		}
	}
	if newest == nil {
		return nil, nil
	}
	return &maker{uid: newest.UID, selector: newest.Spec.Selector}, nil
}
