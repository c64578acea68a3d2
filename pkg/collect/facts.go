// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package collect

import (
	"fmt"
	"maps"
	"strings"

	admissionregistrationv1 "k8s.io/api/admissionregistration/v1"
	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/dapr"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// facts is what is kept of the objects read so far, before they are joined.
// Each list has its own, so that one that has to start again leaves nothing behind.
type facts struct {
	workloads      []workload
	pods           []pod
	controlPlane   []controlPlaneWorkload
	links          map[types.UID]metav1.OwnerReference
	refusals       []refusal
	namespaces     map[string]snapshot.Namespace
	limitRanges    []snapshot.LimitRange
	configurations []snapshot.Configuration
	webhooks       []snapshot.Webhook
	sidecars       map[string]*snapshot.Sidecar
	// broken are the objects of a live cluster that could not be read, each a gap
	// of its own in lists that were.
	broken []snapshot.Gap
}

func newFacts() *facts {
	return &facts{
		links:      map[types.UID]metav1.OwnerReference{},
		namespaces: map[string]snapshot.Namespace{},
		sidecars:   map[string]*snapshot.Sidecar{},
	}
}

// merge adds what g holds.
func (f *facts) merge(g *facts) {
	f.workloads = append(f.workloads, g.workloads...)
	f.pods = append(f.pods, g.pods...)
	f.controlPlane = append(f.controlPlane, g.controlPlane...)
	maps.Copy(f.links, g.links)
	f.refusals = append(f.refusals, g.refusals...)
	maps.Copy(f.namespaces, g.namespaces)
	f.limitRanges = append(f.limitRanges, g.limitRanges...)
	f.configurations = append(f.configurations, g.configurations...)
	f.webhooks = append(f.webhooks, g.webhooks...)
	f.broken = append(f.broken, g.broken...)
}

// add reduces one object. Kinds that no guideline looks at are passed over. An
// error is about this object only, and names it.
func (f *facts) add(obj runtime.Object, src snapshot.Source) error {
	switch o := obj.(type) {
	case *appsv1.Deployment:
		f.addDeployment(o, src)
	case *appsv1.StatefulSet:
		f.addStatefulSet(o, src)
	case *appsv1.DaemonSet:
		f.addWorkload("apps/v1", "DaemonSet", &o.ObjectMeta, &o.Spec.Template, nil, src)
	case *appsv1.ReplicaSet:
		f.addReplicaSet(o, src)
	case *batchv1.Job:
		f.addJob(o, src)
	case *batchv1.CronJob:
		w := f.addWorkload("batch/v1", "CronJob", &o.ObjectMeta, &o.Spec.JobTemplate.Spec.Template, nil, src)
		w.app.Template.Path = "spec.jobTemplate.spec.template"
	case *corev1.Pod:
		f.addPod(o, src)
	case *metav1.PartialObjectMetadata:
		f.link(&o.ObjectMeta)
	case *corev1.Event:
		f.addEvent(o)
	case *corev1.Namespace:
		f.namespaces[o.Name] = snapshot.Namespace{Name: o.Name, Labels: o.Labels}
	case *corev1.LimitRange:
		f.addLimitRange(o)
	case *admissionregistrationv1.MutatingWebhookConfiguration:
		return f.addWebhooks(o)
	case *unstructured.Unstructured:
		return f.addUnstructured(o, src)
	}
	return nil
}

func (f *facts) addUnstructured(o *unstructured.Unstructured, src snapshot.Source) error {
	group := o.GroupVersionKind().Group
	switch {
	case group == snapshot.Configurations.Group && o.GetKind() == "Configuration":
		return f.addConfiguration(o, src)
	case group == snapshot.Rollouts.Group && o.GetKind() == "Rollout":
		return f.addRollout(o, src)
	}
	return nil
}

func (f *facts) addConfiguration(o *unstructured.Unstructured, src snapshot.Source) error {
	c := snapshot.Configuration{
		Object: snapshot.Object{APIVersion: o.GetAPIVersion(), Kind: o.GetKind(), Namespace: o.GetNamespace(), Name: o.GetName()},
		Source: src,
	}
	enabled, found, err := unstructured.NestedBool(o.Object, "spec", "mtls", "enabled")
	if err != nil {
		return fmt.Errorf("%s: %w", c.Object, err)
	}
	if found {
		c.MTLS = &enabled
	}
	f.configurations = append(f.configurations, c)
	return nil
}

// addLimitRange keeps a LimitRange with the defaults that the API server gives
// to its items (k8s.io/kubernetes, pkg/apis/core/v1, SetDefaults_LimitRangeItem),
// which manifests do not show.
func (f *facts) addLimitRange(l *corev1.LimitRange) {
	kept := snapshot.LimitRange{Namespace: l.Namespace, Name: l.Name}
	for _, item := range l.Spec.Limits {
		item = *item.DeepCopy()
		if item.Type == corev1.LimitTypeContainer {
			item.Default = filled(item.Default, item.Max)
			item.DefaultRequest = filled(item.DefaultRequest, item.Default)
			item.DefaultRequest = filled(item.DefaultRequest, item.Min)
		}
		kept.Items = append(kept.Items, item)
	}
	f.limitRanges = append(f.limitRanges, kept)
}

// filled is list with what it lacks taken from another.
func filled(list, from corev1.ResourceList) corev1.ResourceList {
	all := maps.Clone(from)
	if all == nil {
		return list
	}
	maps.Copy(all, list)
	return all
}

func (f *facts) addWebhooks(o *admissionregistrationv1.MutatingWebhookConfiguration) error {
	for _, w := range o.Webhooks {
		if w.Name != dapr.InjectorWebhook || w.ClientConfig.Service == nil {
			continue
		}
		kept := snapshot.Webhook{
			Object:       snapshot.Object{APIVersion: "admissionregistration.k8s.io/v1", Kind: "MutatingWebhookConfiguration", Name: o.Name},
			ControlPlane: w.ClientConfig.Service.Namespace,
		}
		var err error
		if kept.NamespaceSelector, err = snapshot.NewSelector(w.NamespaceSelector); err != nil {
			return fmt.Errorf("%s: namespace selector: %w", kept.Object, err)
		}
		if kept.ObjectSelector, err = snapshot.NewSelector(w.ObjectSelector); err != nil {
			return fmt.Errorf("%s: object selector: %w", kept.Object, err)
		}
		f.webhooks = append(f.webhooks, kept)
	}
	return nil
}

// ownKeys are the annotations that are kept: Dapr's and this project's.
func ownKeys(all map[string]string) map[string]string {
	var kept map[string]string
	for key, value := range all {
		if !dapr.IsAnnotation(key) && !strings.HasPrefix(key, "dapr-prod.github.io/") {
			continue
		}
		if kept == nil {
			kept = map[string]string{}
		}
		kept[key] = value
	}
	return kept
}
