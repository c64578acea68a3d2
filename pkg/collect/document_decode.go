// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package collect

import (
	"fmt"
	"slices"

	admissionregistrationv1 "k8s.io/api/admissionregistration/v1"
	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/json"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// object is what all types of objects have.
type object interface {
	runtime.Object
	metav1.Object
}

// servedAs are the versions of each group, the newest first. Older ones differ
// in nothing that is looked at, and are read as the newest.
var servedAs = map[string][]string{
	"":                             {"v1"},
	"apps":                         {"v1", "v1beta2", "v1beta1"},
	"extensions":                   {"v1beta1"},
	"batch":                        {"v1", "v1beta1"},
	"admissionregistration.k8s.io": {"v1", "v1beta1"},
}

// emptyObject returns an empty object of a kind that facts are taken from; nil
// for any other.
func emptyObject(gvk schema.GroupVersionKind) object {
	switch {
	case gvk.Group == snapshot.Configurations.Group && gvk.Kind == "Configuration",
		gvk.Group == snapshot.Rollouts.Group && gvk.Kind == "Rollout":
		return &unstructured.Unstructured{}
	case !slices.Contains(servedAs[gvk.Group], gvk.Version):
		return nil
	}
	switch gvk.Group + "/" + gvk.Kind {
	case "apps/Deployment", "extensions/Deployment":
		return &appsv1.Deployment{}
	case "apps/StatefulSet":
		return &appsv1.StatefulSet{}
	case "apps/DaemonSet", "extensions/DaemonSet":
		return &appsv1.DaemonSet{}
	case "apps/ReplicaSet", "extensions/ReplicaSet":
		return &appsv1.ReplicaSet{}
	case "batch/Job":
		return &batchv1.Job{}
	case "batch/CronJob":
		return &batchv1.CronJob{}
	case "/Pod":
		return &corev1.Pod{}
	case "/Event":
		return &corev1.Event{}
	case "/Namespace":
		return &corev1.Namespace{}
	case "/LimitRange":
		return &corev1.LimitRange{}
	case "admissionregistration.k8s.io/MutatingWebhookConfiguration":
		return &admissionregistrationv1.MutatingWebhookConfiguration{}
	}
	return nil
}

// clusterScoped tells whether objects of a kind that is read are in no namespace.
func clusterScoped(kind string) bool {
	return kind == "Namespace" || kind == "MutatingWebhookConfiguration"
}

// decode makes the document the object that it says it is; nil for kinds that
// nobody looks at.
func (d document) decode() (object, error) {
	gv, err := schema.ParseGroupVersion(d.apiVersion)
	if err != nil {
		return nil, fmt.Errorf("apiVersion %q must be VERSION or GROUP/VERSION", d.apiVersion)
	}
	o := emptyObject(gv.WithKind(d.kind))
	if o == nil {
		return nil, d.check()
	}
	if u, ok := o.(*unstructured.Unstructured); ok {
		// Its metadata is looked at through accessors, which hide what has the
		// wrong type. The template of a Rollout is decoded once more by facts.
		var shape struct {
			Metadata metav1.ObjectMeta `json:"metadata"`
			Spec     struct {
				Replicas *int32                  `json:"replicas"`
				Template *corev1.PodTemplateSpec `json:"template"`
				MTLS     struct {
					Enabled *bool `json:"enabled"`
				} `json:"mtls"`
			} `json:"spec"`
		}
		if err = json.Unmarshal(d.raw, &shape); err == nil {
			err = json.Unmarshal(d.raw, &u.Object)
		}
		if err == nil && u.Object["metadata"] == nil {
			delete(u.Object, "metadata") // null, which setters would not replace
		}
	} else {
		err = json.Unmarshal(d.raw, o)
	}
	if err != nil {
		if broken := d.check(); broken != nil {
			return nil, broken
		}
		return nil, err
	}
	if u, ok := o.(*unstructured.Unstructured); ok {
		u.SetAPIVersion(d.apiVersion)
		u.SetKind(d.kind)
	}
	if o.GetName() == "" {
		// The server adds to it what makes it unique.
		o.SetName(o.GetGenerateName())
	}
	return o, nil
}

// title names the object as far as it is known, for errors.
func (d document) title() string {
	var name struct {
		Metadata struct {
			Name         any `json:"name"`
			GenerateName any `json:"generateName"`
			Namespace    any `json:"namespace"`
		} `json:"metadata"`
	}
	if d.kind == "" || json.Unmarshal(d.raw, &name) != nil {
		return d.kind
	}
	o := snapshot.Object{Kind: d.kind}
	for _, n := range []any{name.Metadata.Name, name.Metadata.GenerateName} {
		if text, ok := n.(string); ok && o.Name == "" {
			o.Name = text
		}
	}
	o.Namespace, _ = name.Metadata.Namespace.(string)
	if o.Name == "" {
		return d.kind
	}
	return o.String()
}
