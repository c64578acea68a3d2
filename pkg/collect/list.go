// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package collect

import (
	"context"
	"fmt"

	"golang.org/x/sync/errgroup"
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
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/metadata"
	"k8s.io/client-go/rest"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// restarts is how often a list begins again, page by page, when its continue
// token has expired; after that it is asked for in one piece, which cannot expire.
const restarts = 2

// lister lists resources page by page and reduces each page to facts.
type lister struct {
	core      kubernetes.Interface
	dynamic   dynamic.Interface
	metadata  metadata.Interface
	chunkSize int64
	// progress is told how many objects of a list have come.
	progress func(resource string, objects int)
}

func newLister(config *rest.Config, chunkSize int64) (*lister, error) {
	// Kinds that are built in travel as protobuf, a third of the cost of JSON.
	typed := rest.CopyConfig(config)
	typed.ContentType = runtime.ContentTypeProtobuf
	typed.AcceptContentTypes = runtime.ContentTypeProtobuf + "," + runtime.ContentTypeJSON

	l := &lister{chunkSize: chunkSize, progress: func(string, int) {}}
	var err error
	if l.core, err = kubernetes.NewForConfig(typed); err != nil {
		return nil, err
	}
	if l.dynamic, err = dynamic.NewForConfig(config); err != nil {
		return nil, err
	}
	l.metadata, err = metadata.NewForConfig(config)
	return l, err
}

// versions are those in which resources that are not built in, or of which only
// the metadata is read, are asked for.
var versions = map[snapshot.Resource]string{
	snapshot.ReplicaSets:    "v1",
	snapshot.Configurations: "v1alpha1",
	snapshot.Rollouts:       "v1alpha1",

	snapshot.Components:             "v1alpha1",
	snapshot.HTTPEndpoints:          "v1alpha1",
	snapshot.MCPServers:             "v1alpha1",
	snapshot.Subscriptions:          "v2alpha1",
	snapshot.Resiliencies:           "v1alpha1",
	snapshot.WorkflowAccessPolicies: "v1alpha1",
	snapshot.PodMonitors:            "v1",
	snapshot.ServiceMonitors:        "v1",
	snapshot.PodMetrics:             "v1beta1",
}

// page asks for one page.
func (l *lister) page(ctx context.Context, q query, opts metav1.ListOptions) (*page, error) {
	gvr := schema.GroupVersionResource{Group: q.Resource.Group, Version: versions[q.Resource], Resource: q.Resource.Resource}
	switch {
	case q.Resource == snapshot.ReplicaSets:
		return decoded(l.metadata.Resource(gvr).Namespace(q.namespace).List(ctx, opts))
	case gvr.Version != "":
		return decoded(l.dynamic.Resource(gvr).Namespace(q.namespace).List(ctx, opts))
	}
	client, list := l.typed(q.Resource)
	if client == nil {
		return nil, fmt.Errorf("no way to list %s is known", q.Resource)
	}
	return answered(list, client.Get().
		NamespaceIfScoped(q.namespace, q.namespace != "").
		Resource(q.Resource.Resource).
		VersionedParams(&opts, scheme.ParameterCodec).
		Do(ctx))
}

// ask asks for a page, and returns what waits for it.
func (l *lister) ask(ctx context.Context, q query, opts metav1.ListOptions) func() (*page, error) {
	var p *page
	var asking errgroup.Group
	asking.Go(func() (err error) { p, err = l.page(ctx, q, opts); return err })
	return func() (*page, error) {
		err := asking.Wait()
		return p, err
	}
}

// typed returns the client of a built-in resource and an empty list of it.
func (l *lister) typed(r snapshot.Resource) (rest.Interface, runtime.Object) {
	switch r {
	case snapshot.Deployments:
		return l.core.AppsV1().RESTClient(), &appsv1.DeploymentList{}
	case snapshot.StatefulSets:
		return l.core.AppsV1().RESTClient(), &appsv1.StatefulSetList{}
	case snapshot.DaemonSets:
		return l.core.AppsV1().RESTClient(), &appsv1.DaemonSetList{}
	case snapshot.Jobs:
		return l.core.BatchV1().RESTClient(), &batchv1.JobList{}
	case snapshot.CronJobs:
		return l.core.BatchV1().RESTClient(), &batchv1.CronJobList{}
	case snapshot.Pods:
		return l.core.CoreV1().RESTClient(), &corev1.PodList{}
	case snapshot.Events:
		return l.core.CoreV1().RESTClient(), &corev1.EventList{}
	case snapshot.Namespaces:
		return l.core.CoreV1().RESTClient(), &corev1.NamespaceList{}
	case snapshot.LimitRanges:
		return l.core.CoreV1().RESTClient(), &corev1.LimitRangeList{}
	case snapshot.Webhooks:
		return l.core.AdmissionregistrationV1().RESTClient(), &admissionregistrationv1.MutatingWebhookConfigurationList{}
	case snapshot.DisruptionBudgets:
		return l.core.PolicyV1().RESTClient(), &policyv1.PodDisruptionBudgetList{}
	case snapshot.Autoscalers:
		return l.core.AutoscalingV2().RESTClient(), &autoscalingv2.HorizontalPodAutoscalerList{}
	case snapshot.PriorityClasses:
		return l.core.SchedulingV1().RESTClient(), &schedulingv1.PriorityClassList{}
	case snapshot.EndpointSlices:
		return l.core.DiscoveryV1().RESTClient(), &discoveryv1.EndpointSliceList{}
	case snapshot.Ingresses:
		return l.core.NetworkingV1().RESTClient(), &networkingv1.IngressList{}
	case snapshot.Roles:
		return l.core.RbacV1().RESTClient(), &rbacv1.RoleList{}
	case snapshot.RoleBindings:
		return l.core.RbacV1().RESTClient(), &rbacv1.RoleBindingList{}
	case snapshot.ClusterRoles:
		return l.core.RbacV1().RESTClient(), &rbacv1.ClusterRoleList{}
	case snapshot.ClusterRoleBindings:
		return l.core.RbacV1().RESTClient(), &rbacv1.ClusterRoleBindingList{}
	default:
		return l.coreList(r)
	}
}

// coreList is typed for more of the core group.
func (l *lister) coreList(r snapshot.Resource) (rest.Interface, runtime.Object) {
	lists := map[snapshot.Resource]runtime.Object{
		snapshot.Nodes:           &corev1.NodeList{},
		snapshot.ResourceQuotas:  &corev1.ResourceQuotaList{},
		snapshot.VolumeClaims:    &corev1.PersistentVolumeClaimList{},
		snapshot.ConfigMaps:      &corev1.ConfigMapList{},
		snapshot.Services:        &corev1.ServiceList{},
		snapshot.ServiceAccounts: &corev1.ServiceAccountList{},
	}
	list, known := lists[r]
	if !known {
		return nil, nil
	}
	return l.core.CoreV1().RESTClient(), list
}

// list reads all pages of a query. A continue token that has expired starts the
// list again, since the pages would not fit together.
func (l *lister) list(ctx context.Context, q query) (*facts, error) {
	limit := l.chunkSize
	for attempt := 0; ; attempt++ {
		if attempt > restarts {
			limit = 0
		}
		f, err := l.pages(ctx, q, limit)
		if limit > 0 && apierrors.IsResourceExpired(err) {
			continue
		}
		return f, err
	}
}

// addLive adds an object that a server returned. One that cannot be read must
// not hide the others: it becomes a gap.
func (f *facts) addLive(o runtime.Object, read snapshot.Read) error {
	broken := f.add(o, snapshot.Source{})
	if broken == nil {
		return nil
	}
	named, err := meta.Accessor(o)
	if err != nil {
		return err
	}
	f.broken = append(f.broken, snapshot.Gap{
		Resource:  read.Resource,
		Place:     read.Place,
		Namespace: named.GetNamespace(),
		Reason:    snapshot.Failed,
		Detail:    broken.Error(),
	})
	return nil
}

func (l *lister) pages(ctx context.Context, q query, limit int64) (*facts, error) {
	f := newFacts()
	f.beside = q.Place == snapshot.BesideControlPlane
	f.requestsOnly = q.Read == everyPod
	if q.sums {
		f.requests = map[string]snapshot.Amount{}
	}
	opts := metav1.ListOptions{LabelSelector: q.labels, FieldSelector: q.fields, Limit: limit}
	// Where a page cannot be read nobody waits for the next one.
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	l.progress(q.Resource.Resource, 0)
	read, next := 0, l.ask(ctx, q, opts)
	for next != nil {
		p, err := next()
		if err != nil {
			return nil, err
		}
		// The server makes the next page while this one is taken apart.
		if next = nil; p.next != "" {
			opts.Continue = p.next
			next = l.ask(ctx, q, opts)
		}
		err = p.each(func(o runtime.Object) error { read++; return f.addLive(o, q.Read) })
		if err != nil {
			return nil, err
		}
		l.progress(q.Resource.Resource, read)
	}
	f.keepNeighbours()
	return f, nil
}
