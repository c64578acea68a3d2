// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package collect

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"github.com/dapr/dapr/pkg/injector/annotations"
	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/dapr"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/quantity"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// workload is an object with a Pod template, Dapr or not: Pods without a word of
// Dapr in their template may still run a sidecar.
type workload struct {
	app    snapshot.App
	labels map[string]string
	// ref names the object that holds the template, for a Rollout.
	ref *snapshot.Object
}

// addWorkload keeps an object with a template. The result is valid until the next one.
func (f *facts) addWorkload(version, kind string, meta *metav1.ObjectMeta, t *corev1.PodTemplateSpec, replicas *int32, src snapshot.Source) *workload {
	f.link(meta)
	object := snapshot.Object{APIVersion: version, Kind: kind, Namespace: meta.Namespace, Name: meta.Name}
	w := workload{
		labels: meta.Labels,
		app: snapshot.App{
			Object:      object,
			UID:         meta.UID,
			Source:      src,
			Annotations: ownKeys(meta.Annotations),
			Replicas:    replicas,
		},
	}
	if t != nil {
		w.app.Template = &snapshot.Template{
			Object:      object,
			Source:      src,
			Path:        "spec.template",
			Annotations: ownKeys(t.Annotations),
			Labels:      t.Labels,
			Scrape:      scrapeKeys(t.Annotations),
		}
		// Only what may become an app is simulated; the rest need not be held.
		if asks(&w.app) || hasSidecar(&t.Spec) {
			// A copy of its own, or the whole page that t is part of would be held.
			spec := t.Spec
			w.app.Template.Spec = &spec
		}
	}
	f.workloads = append(f.workloads, w)
	return &f.workloads[len(f.workloads)-1]
}

func (f *facts) addDeployment(d *appsv1.Deployment, src snapshot.Source) {
	denials := denialsOf(d)
	if f.addControlPlane("Deployment", &d.ObjectMeta, &d.Spec.Template, wanted(d.Spec.Replicas), d.Status.ReadyReplicas, src) {
		f.controlPlane[len(f.controlPlane)-1].Denials = denials
		return
	}
	f.addDashboard(d, src)
	replicas := wanted(d.Spec.Replicas)
	w := f.addWorkload("apps/v1", "Deployment", &d.ObjectMeta, &d.Spec.Template, &replicas, src)
	w.app.Denials = denials
}

// denialsOf is what the server says now to the Pods of a Deployment. A Deployment that
// has all the Pods it wants of its template may still tell of an earlier one's.
func denialsOf(d *appsv1.Deployment) []snapshot.Denial {
	status, replicas := d.Status, wanted(d.Spec.Replicas)
	if status.ObservedGeneration >= d.Generation && status.UpdatedReplicas >= replicas && status.AvailableReplicas >= replicas && replicas > 0 {
		return nil
	}
	var all []snapshot.Denial
	for _, c := range status.Conditions {
		if c.Type == appsv1.DeploymentReplicaFailure && c.Status == corev1.ConditionTrue {
			all = append(all, snapshot.Denial{Reason: c.Reason, Message: c.Message, Time: c.LastUpdateTime.Time, Current: true})
		}
	}
	return all
}

func (f *facts) addStatefulSet(s *appsv1.StatefulSet, src snapshot.Source) {
	replicas := wanted(s.Spec.Replicas)
	if f.addControlPlane("StatefulSet", &s.ObjectMeta, &s.Spec.Template, replicas, s.Status.ReadyReplicas, src) {
		f.controlPlane[len(f.controlPlane)-1].Claims = s.Spec.VolumeClaimTemplates
		return
	}
	f.addWorkload("apps/v1", "StatefulSet", &s.ObjectMeta, &s.Spec.Template, &replicas, src)
}

// addReplicaSet keeps a ReplicaSet of its own; one of a Deployment is a link.
func (f *facts) addReplicaSet(r *appsv1.ReplicaSet, src snapshot.Source) {
	if metav1.GetControllerOf(r) != nil {
		f.link(&r.ObjectMeta)
		return
	}
	replicas := wanted(r.Spec.Replicas)
	f.addWorkload("apps/v1", "ReplicaSet", &r.ObjectMeta, &r.Spec.Template, &replicas, src)
}

// addJob keeps a Job that is neither finished nor made by a CronJob: the
// template of such a one is the CronJob's.
func (f *facts) addJob(j *batchv1.Job, src snapshot.Source) {
	f.link(&j.ObjectMeta)
	if owner := metav1.GetControllerOf(j); owner != nil && resourceOf(owner.APIVersion, owner.Kind) == snapshot.CronJobs {
		return
	}
	for _, c := range j.Status.Conditions {
		if (c.Type == batchv1.JobComplete || c.Type == batchv1.JobFailed) && c.Status == corev1.ConditionTrue {
			return
		}
	}
	f.addWorkload("batch/v1", "Job", &j.ObjectMeta, &j.Spec.Template, nil, src)
}

// addRollout keeps an Argo Rollout, whose template is its own or stands in the
// workload that it refers to.
func (f *facts) addRollout(u *unstructured.Unstructured, src snapshot.Source) error {
	var rollout struct {
		Metadata metav1.ObjectMeta `json:"metadata"`
		Spec     struct {
			Replicas    *int32                  `json:"replicas"`
			Template    *corev1.PodTemplateSpec `json:"template"`
			WorkloadRef *struct {
				APIVersion string `json:"apiVersion"`
				Kind       string `json:"kind"`
				Name       string `json:"name"`
			} `json:"workloadRef"`
		} `json:"spec"`
	}
	object := snapshot.Object{APIVersion: u.GetAPIVersion(), Kind: "Rollout", Namespace: u.GetNamespace(), Name: u.GetName()}
	if err := tame(u); err != nil {
		return fmt.Errorf("%s: %w", object, err)
	}
	if err := runtime.DefaultUnstructuredConverter.FromUnstructured(u.Object, &rollout); err != nil {
		return fmt.Errorf("%s: %w", object, err)
	}
	replicas := wanted(rollout.Spec.Replicas)
	template := rollout.Spec.Template
	ref := rollout.Spec.WorkloadRef
	if ref != nil {
		template = nil
	}
	w := f.addWorkload(u.GetAPIVersion(), "Rollout", &rollout.Metadata, template, &replicas, src)
	if ref != nil {
		w.ref = &snapshot.Object{APIVersion: cmp.Or(ref.APIVersion, "apps/v1"), Kind: cmp.Or(ref.Kind, "Deployment"), Namespace: u.GetNamespace(), Name: ref.Name}
	}
	return nil
}

// tame prepares a Rollout for decoding. Its CRD takes anything for a quantity,
// so those of containers other than daprd, which nobody looks at, are dropped,
// and those that would hold the parser up are refused.
func tame(u *unstructured.Unstructured) error {
	found, _, _ := unstructured.NestedFieldNoCopy(u.Object, "spec", "template", "spec")
	spec, _ := found.(map[string]any)
	for _, field := range []string{"containers", "initContainers"} {
		list, _ := spec[field].([]any)
		for _, item := range list {
			if c, ok := item.(map[string]any); ok && c["name"] != dapr.SidecarContainer {
				delete(c, "resources")
			}
		}
	}
	return refuseAbsurd(spec, false)
}

// quantityFields are the fields of a Pod spec that are quantities or hold some.
// In others, such as arguments, the same text is harmless.
var quantityFields = map[string]bool{"limits": true, "requests": true, "overhead": true, "sizeLimit": true, "divisor": true}

// refuseAbsurd returns an error for a quantity whose exponent would keep the
// parser busy for hours; among tells that value is a quantity or holds some.
func refuseAbsurd(value any, among bool) error {
	switch v := value.(type) {
	case string:
		if among && quantity.Absurd([]byte(v)) {
			return fmt.Errorf("%q is no quantity: its exponent is too large", v)
		}
	case []any:
		for _, item := range v {
			if err := refuseAbsurd(item, among); err != nil {
				return err
			}
		}
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(v)) {
			if err := refuseAbsurd(v[key], among || quantityFields[key]); err != nil {
				return err
			}
		}
	}
	return nil
}

// link remembers the controller of an object that has one.
func (f *facts) link(meta *metav1.ObjectMeta) {
	if owner := metav1.GetControllerOf(meta); owner != nil && meta.UID != "" {
		f.links[meta.UID] = *owner
	}
}

// wanted is spec.replicas, which the API server sets to 1 where it is missing.
func wanted(replicas *int32) int32 {
	if replicas == nil {
		return 1
	}
	return *replicas
}

// asks tells whether somebody who wrote this workload had Dapr in mind: an
// annotation of Dapr's on the template or on the object, unless dapr.io/enabled
// says no in so many words.
func asks(a *snapshot.App) bool {
	for _, set := range []map[string]string{templateAnnotations(a), a.Annotations} {
		if value, found := set[annotations.KeyEnabled]; found {
			return !dapr.Falsy(value)
		}
	}
	for _, set := range []map[string]string{templateAnnotations(a), a.Annotations} {
		for key := range set {
			if dapr.KnowsAnnotation(key) {
				return true
			}
		}
	}
	return false
}

func templateAnnotations(a *snapshot.App) map[string]string {
	if a.Template == nil {
		return nil
	}
	return a.Template.Annotations
}

func hasSidecar(spec *corev1.PodSpec) bool {
	for _, list := range [][]corev1.Container{spec.Containers, spec.InitContainers} {
		for i := range list {
			if list[i].Name == dapr.SidecarContainer {
				return true
			}
		}
	}
	return false
}
