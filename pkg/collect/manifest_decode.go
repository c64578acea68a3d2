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
	discoveryv1 "k8s.io/api/discovery/v1"
	networkingv1 "k8s.io/api/networking/v1"
	policyv1 "k8s.io/api/policy/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	schedulingv1 "k8s.io/api/scheduling/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/manifest"
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
	"policy":                       {"v1"},
	"scheduling.k8s.io":            {"v1"},
	"discovery.k8s.io":             {"v1"},
	"networking.k8s.io":            {"v1"},
	"rbac.authorization.k8s.io":    {"v1"},
}

// emptyObject returns an empty object of a kind that facts are taken from; nil
// for any other.
func emptyObject(gvk schema.GroupVersionKind) object {
	switch {
	case custom(gvk.GroupKind()):
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
	return emptyOther(gvk.GroupKind())
}

// emptyOther is emptyObject for what is read for single guidelines.
func emptyOther(gk schema.GroupKind) object {
	switch gk.Group + "/" + gk.Kind {
	case "/Node":
		return &corev1.Node{}
	case "/ResourceQuota":
		return &corev1.ResourceQuota{}
	case "/PersistentVolumeClaim":
		return &corev1.PersistentVolumeClaim{}
	case "/ConfigMap":
		return &corev1.ConfigMap{}
	case "/Secret":
		return &corev1.Secret{}
	case "/Service":
		return &corev1.Service{}
	case "/ServiceAccount":
		return &corev1.ServiceAccount{}
	case "policy/PodDisruptionBudget":
		return &policyv1.PodDisruptionBudget{}
	case "scheduling.k8s.io/PriorityClass":
		return &schedulingv1.PriorityClass{}
	case "discovery.k8s.io/EndpointSlice":
		return &discoveryv1.EndpointSlice{}
	case "networking.k8s.io/Ingress":
		return &networkingv1.Ingress{}
	case "rbac.authorization.k8s.io/Role":
		return &rbacv1.Role{}
	case "rbac.authorization.k8s.io/ClusterRole":
		return &rbacv1.ClusterRole{}
	case "rbac.authorization.k8s.io/RoleBinding":
		return &rbacv1.RoleBinding{}
	case "rbac.authorization.k8s.io/ClusterRoleBinding":
		return &rbacv1.ClusterRoleBinding{}
	}
	return nil
}

// clusterScoped tells whether objects of a kind that is read are in no namespace.
func clusterScoped(kind string) bool {
	switch kind {
	case "Namespace", "MutatingWebhookConfiguration", "Node", "PriorityClass", "ClusterRole", "ClusterRoleBinding", "CustomResourceDefinition":
		return true
	default:
		return false
	}
}

// decode makes the document the object that it says it is; nil for kinds that
// nobody looks at.
func decode(doc *manifest.Document) (object, error) {
	gv, err := schema.ParseGroupVersion(doc.APIVersion)
	if err != nil {
		return nil, fmt.Errorf("apiVersion %q must be VERSION or GROUP/VERSION", doc.APIVersion)
	}
	o := emptyObject(gv.WithKind(doc.Kind))
	switch o := o.(type) {
	case nil:
		return nil, nil
	case *unstructured.Unstructured:
		err = decodeUnstructured(doc, o)
	default:
		err = doc.Decode(o)
	}
	if err != nil {
		return nil, err
	}
	if o.GetName() == "" {
		// The server adds to it what makes it unique.
		o.SetName(o.GetGenerateName())
	}
	return o, nil
}

func decodeUnstructured(doc *manifest.Document, u *unstructured.Unstructured) error {
	// Its metadata is looked at through accessors, which hide what has the wrong
	// type. What guidelines look at is decoded once more by facts; here, so that
	// the error names the line.
	if err := doc.Decode(shapeOf(schema.FromAPIVersionAndKind(doc.APIVersion, doc.Kind).GroupKind())); err != nil {
		return err
	}
	if err := doc.Decode(&u.Object); err != nil {
		return err
	}
	if u.Object["metadata"] == nil {
		delete(u.Object, "metadata") // null, which setters would not replace
	}
	u.SetAPIVersion(doc.APIVersion)
	u.SetKind(doc.Kind)
	return nil
}

// shapeOf returns an empty value of what is looked at in objects of a kind that
// is not built in.
func shapeOf(gk schema.GroupKind) any {
	switch {
	case gk == rolloutKind:
		return &struct {
			Metadata metav1.ObjectMeta `json:"metadata"`
			Spec     struct {
				Replicas *int32                  `json:"replicas"`
				Template *corev1.PodTemplateSpec `json:"template"`
			} `json:"spec"`
		}{}
	case gk == configurationKind:
		return &struct {
			Metadata metav1.ObjectMeta `json:"metadata"`
			configuration
		}{}
	case daprKinds[gk]:
		return &struct {
			Metadata metav1.ObjectMeta `json:"metadata"`
			daprObject
		}{}
	default:
		return &struct {
			Metadata metav1.ObjectMeta `json:"metadata"`
		}{}
	}
}
