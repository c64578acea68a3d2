// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package collect

import (
	"fmt"
	"maps"
	"strings"

	admissionregistrationv1 "k8s.io/api/admissionregistration/v1"
	appsv1 "k8s.io/api/apps/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	networkingv1 "k8s.io/api/networking/v1"
	policyv1 "k8s.io/api/policy/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	schedulingv1 "k8s.io/api/scheduling/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes/scheme"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/dapr"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// facts is what is kept of the objects read so far, before they are joined.
// Each list has its own, so that one that has to start again leaves nothing behind.
type facts struct {
	workloads      []workload
	pods           []pod
	watched        []snapshot.WatchedPod
	controlPlane   []controlPlaneWorkload
	links          map[types.UID]metav1.OwnerReference
	refusals       []refusal
	namespaces     map[string]snapshot.Namespace
	limitRanges    []snapshot.LimitRange
	configurations []snapshot.Configuration
	webhooks       []snapshot.Webhook
	sidecars       map[string]*snapshot.Sidecar
	daprObjects    []snapshot.DaprObject
	definitions    []snapshot.Definition

	nodes             []snapshot.Node
	priorityClasses   []snapshot.PriorityClass
	disruptionBudgets []snapshot.DisruptionBudget
	resourceQuotas    []snapshot.ResourceQuota
	autoscalers       []snapshot.Autoscaler
	volumeClaims      []snapshot.VolumeClaim
	trustBundles      []bundlePart
	services          []snapshot.Service
	endpoints         []snapshot.Endpoints
	ingresses         []snapshot.Ingress
	monitors          []snapshot.Monitor
	dashboards        []snapshot.Dashboard
	serviceAccounts   []snapshot.ServiceAccount
	roles             []snapshot.Role
	roleBindings      []snapshot.RoleBinding
	secrets           []snapshot.Secret
	// usages are what sidecars use, by their Pod.
	usages map[types.NamespacedName]usage
	// requests are what the Pods of each node request together; nil where these are
	// not all of the cluster, or nobody asked. requestsOnly tells that nothing else
	// of them is kept.
	requests     map[string]snapshot.Amount
	requestsOnly bool
	// releases are by the namespace of the control plane that they installed.
	releases map[string]*snapshot.Release
	// beside tells that these are of a list of what stands beside a control plane:
	// neighbours is all that is kept of it.
	beside     bool
	neighbours []snapshot.Neighbour
	asking     []snapshot.Asking
	// broken are the objects of a live cluster that could not be read, each a gap
	// of its own in lists that were.
	broken []snapshot.Gap
}

func newFacts() *facts {
	return &facts{
		links:      map[types.UID]metav1.OwnerReference{},
		namespaces: map[string]snapshot.Namespace{},
		sidecars:   map[string]*snapshot.Sidecar{},
		releases:   map[string]*snapshot.Release{},
		usages:     map[types.NamespacedName]usage{},
	}
}

// merge adds what g holds.
func (f *facts) merge(g *facts) {
	f.workloads = append(f.workloads, g.workloads...)
	f.pods = append(f.pods, g.pods...)
	f.watched = append(f.watched, g.watched...)
	f.controlPlane = append(f.controlPlane, g.controlPlane...)
	maps.Copy(f.links, g.links)
	f.refusals = append(f.refusals, g.refusals...)
	maps.Copy(f.namespaces, g.namespaces)
	f.limitRanges = append(f.limitRanges, g.limitRanges...)
	f.configurations = append(f.configurations, g.configurations...)
	f.webhooks = append(f.webhooks, g.webhooks...)
	f.daprObjects = append(f.daprObjects, g.daprObjects...)
	f.definitions = append(f.definitions, g.definitions...)
	f.nodes = append(f.nodes, g.nodes...)
	f.priorityClasses = append(f.priorityClasses, g.priorityClasses...)
	f.disruptionBudgets = append(f.disruptionBudgets, g.disruptionBudgets...)
	f.resourceQuotas = append(f.resourceQuotas, g.resourceQuotas...)
	f.autoscalers = append(f.autoscalers, g.autoscalers...)
	f.volumeClaims = append(f.volumeClaims, g.volumeClaims...)
	f.trustBundles = append(f.trustBundles, g.trustBundles...)
	f.services = append(f.services, g.services...)
	f.endpoints = append(f.endpoints, g.endpoints...)
	f.ingresses = append(f.ingresses, g.ingresses...)
	f.monitors = append(f.monitors, g.monitors...)
	f.dashboards = append(f.dashboards, g.dashboards...)
	f.serviceAccounts = append(f.serviceAccounts, g.serviceAccounts...)
	f.roles = append(f.roles, g.roles...)
	f.roleBindings = append(f.roleBindings, g.roleBindings...)
	f.secrets = append(f.secrets, g.secrets...)
	maps.Copy(f.releases, g.releases)
	maps.Copy(f.usages, g.usages)
	if g.requests != nil {
		f.requests = g.requests // of the one list that holds all Pods
	}
	f.neighbours = append(f.neighbours, g.neighbours...)
	f.asking = append(f.asking, g.asking...)
	f.broken = append(f.broken, g.broken...)
}

// add reduces one object. Kinds that no guideline looks at are passed over. An
// error is about this object only, and names it.
func (f *facts) add(obj runtime.Object, src snapshot.Source) error {
	f.ask(obj, src)
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
		return f.addWebhooks(o, src)
	default:
		return f.addOther(obj, src)
	}
	return nil
}

// ask keeps what an object asks of those who judge it. Pods and ReplicaSets ask
// nothing: they have their annotations from a template.
func (f *facts) ask(obj runtime.Object, src snapshot.Source) {
	switch obj.(type) {
	case *corev1.Pod, *appsv1.ReplicaSet, *metav1.PartialObjectMetadata:
		return
	}
	o, err := meta.Accessor(obj)
	if err != nil || o.GetAnnotations()[snapshot.IgnoreAnnotation] == "" {
		return
	}
	gvk := obj.GetObjectKind().GroupVersionKind()
	if kinds, _, err := scheme.Scheme.ObjectKinds(obj); gvk.Empty() && err == nil {
		gvk = kinds[0]
	}
	version, kind := gvk.ToAPIVersionAndKind()
	f.asking = append(f.asking, snapshot.Asking{
		Object: snapshot.Object{APIVersion: version, Kind: kind, Namespace: o.GetNamespace(), Name: o.GetName()},
		Source: src,
		Value:  o.GetAnnotations()[snapshot.IgnoreAnnotation],
	})
}

// addOther reduces what is read for single guidelines.
func (f *facts) addOther(obj runtime.Object, src snapshot.Source) error {
	switch o := obj.(type) {
	case *corev1.Node:
		f.addNode(o)
	case *schedulingv1.PriorityClass:
		f.addPriorityClass(o)
	case *policyv1.PodDisruptionBudget:
		return f.addDisruptionBudget(o, src)
	case *corev1.ResourceQuota:
		f.resourceQuotas = append(f.resourceQuotas, snapshot.NewResourceQuota(o, src))
	case *autoscalingv2.HorizontalPodAutoscaler:
		f.addAutoscaler(o)
	case *corev1.PersistentVolumeClaim:
		f.addVolumeClaim(o, src)
	case *corev1.ConfigMap:
		f.addConfigMap(o, src)
	case *corev1.Secret:
		f.addSecret(o, src)
	case *corev1.Service:
		f.addService(o, src)
	case *discoveryv1.EndpointSlice:
		f.addEndpointSlice(o)
	case *networkingv1.Ingress:
		f.addIngress(o, src)
	case *corev1.ServiceAccount:
		f.addServiceAccount(o, src)
	case *rbacv1.Role:
		f.addRole("Role", &o.ObjectMeta, o.Rules, src)
	case *rbacv1.ClusterRole:
		f.addRole("ClusterRole", &o.ObjectMeta, o.Rules, src)
	case *rbacv1.RoleBinding:
		f.addRoleBinding("RoleBinding", &o.ObjectMeta, o.RoleRef, o.Subjects, src)
	case *rbacv1.ClusterRoleBinding:
		f.addRoleBinding("ClusterRoleBinding", &o.ObjectMeta, o.RoleRef, o.Subjects, src)
	case *unstructured.Unstructured:
		return f.addUnstructured(o, src)
	}
	return nil
}

func (f *facts) addUnstructured(o *unstructured.Unstructured, src snapshot.Source) error {
	switch gk := o.GroupVersionKind().GroupKind(); gk {
	case configurationKind:
		return f.addConfiguration(o, src)
	case rolloutKind:
		return f.addRollout(o, src)
	case definitionKind:
		return f.addDefinition(o, src)
	case podMetricsKind:
		return f.addUsage(o)
	default:
		if monitorKinds[gk] {
			return f.addMonitor(o, src)
		}
		if daprKinds[gk] {
			return f.addDaprObject(o, src)
		}
		return nil
	}
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

func (f *facts) addWebhooks(o *admissionregistrationv1.MutatingWebhookConfiguration, src snapshot.Source) error {
	for _, w := range o.Webhooks {
		if w.Name != dapr.InjectorWebhook || w.ClientConfig.Service == nil {
			continue
		}
		kept := snapshot.Webhook{
			Object:       snapshot.Object{APIVersion: "admissionregistration.k8s.io/v1", Kind: "MutatingWebhookConfiguration", Name: o.Name},
			Source:       src,
			ControlPlane: w.ClientConfig.Service.Namespace,
			Service:      w.ClientConfig.Service.Name,
		}
		var problems []string
		kept.CABundle, problems = dapr.Certificates(w.ClientConfig.CABundle)
		kept.BadCABundle = len(problems) > 0
		if w.FailurePolicy != nil {
			kept.FailurePolicy = string(*w.FailurePolicy)
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

// scrapeKeys are the annotations by which Prometheus finds what to scrape.
func scrapeKeys(all map[string]string) map[string]string {
	var kept map[string]string
	for key, value := range all {
		if !strings.HasPrefix(key, "prometheus.io/") {
			continue
		}
		if kept == nil {
			kept = map[string]string{}
		}
		kept[key] = value
	}
	return kept
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
