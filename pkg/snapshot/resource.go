// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package snapshot

import "k8s.io/apimachinery/pkg/runtime/schema"

// Resource is an API resource, as RBAC names it.
type Resource = schema.GroupResource

// The resources that guidelines may declare to read.
var (
	Deployments    = Resource{Group: "apps", Resource: "deployments"}
	StatefulSets   = Resource{Group: "apps", Resource: "statefulsets"}
	DaemonSets     = Resource{Group: "apps", Resource: "daemonsets"}
	ReplicaSets    = Resource{Group: "apps", Resource: "replicasets"}
	Jobs           = Resource{Group: "batch", Resource: "jobs"}
	CronJobs       = Resource{Group: "batch", Resource: "cronjobs"}
	Rollouts       = Resource{Group: "argoproj.io", Resource: "rollouts"}
	Pods           = Resource{Resource: "pods"}
	Events         = Resource{Resource: "events"}
	Namespaces     = Resource{Resource: "namespaces"}
	LimitRanges    = Resource{Resource: "limitranges"}
	Configurations = Resource{Group: "dapr.io", Resource: "configurations"}
	Webhooks       = Resource{Group: "admissionregistration.k8s.io", Resource: "mutatingwebhookconfigurations"}

	Components             = Resource{Group: "dapr.io", Resource: "components"}
	HTTPEndpoints          = Resource{Group: "dapr.io", Resource: "httpendpoints"}
	MCPServers             = Resource{Group: "dapr.io", Resource: "mcpservers"}
	Subscriptions          = Resource{Group: "dapr.io", Resource: "subscriptions"}
	Resiliencies           = Resource{Group: "dapr.io", Resource: "resiliencies"}
	WorkflowAccessPolicies = Resource{Group: "dapr.io", Resource: "workflowaccesspolicies"}
	// Definitions are Dapr's own, each asked for by its name.
	Definitions = Resource{Group: "apiextensions.k8s.io", Resource: "customresourcedefinitions"}

	Nodes             = Resource{Resource: "nodes"}
	PriorityClasses   = Resource{Group: "scheduling.k8s.io", Resource: "priorityclasses"}
	DisruptionBudgets = Resource{Group: "policy", Resource: "poddisruptionbudgets"}
	ResourceQuotas    = Resource{Resource: "resourcequotas"}
	VolumeClaims      = Resource{Resource: "persistentvolumeclaims"}
	// ConfigMaps are the trust bundles of control planes, and nothing else.
	ConfigMaps      = Resource{Resource: "configmaps"}
	Services        = Resource{Resource: "services"}
	EndpointSlices  = Resource{Group: "discovery.k8s.io", Resource: "endpointslices"}
	Ingresses       = Resource{Group: "networking.k8s.io", Resource: "ingresses"}
	PodMonitors     = Resource{Group: "monitoring.coreos.com", Resource: "podmonitors"}
	ServiceMonitors = Resource{Group: "monitoring.coreos.com", Resource: "servicemonitors"}
	// PodMetrics are what containers use, as metrics-server measures it.
	PodMetrics = Resource{Group: "metrics.k8s.io", Resource: "pods"}

	Autoscalers = Resource{Group: "autoscaling", Resource: "horizontalpodautoscalers"}

	ServiceAccounts     = Resource{Resource: "serviceaccounts"}
	Roles               = Resource{Group: "rbac.authorization.k8s.io", Resource: "roles"}
	RoleBindings        = Resource{Group: "rbac.authorization.k8s.io", Resource: "rolebindings"}
	ClusterRoles        = Resource{Group: "rbac.authorization.k8s.io", Resource: "clusterroles"}
	ClusterRoleBindings = Resource{Group: "rbac.authorization.k8s.io", Resource: "clusterrolebindings"}

	// Secrets are asked for by name, one by one: InApps those that hold the tokens
	// of apps, InControlPlane the trust bundle.
	Secrets = Resource{Resource: "secrets"}
	// Releases are the records that Helm keeps of a release, in Secrets or, where it
	// is told so, in ConfigMaps.
	Releases = Resource{Group: "helm.sh", Resource: "releases"}
)

// Place is where a resource is read.
type Place string

// The places of a Read.
const (
	// InApps is the namespaces that were asked for.
	InApps Place = "apps"
	// InControlPlane is the namespaces in which a control plane is installed; of
	// workloads and Pods, those that belong to it.
	InControlPlane Place = "control-plane"
	// BesideControlPlane is what shares a namespace with a control plane and is no
	// part of it.
	BesideControlPlane Place = "beside-control-plane"
	// InCluster is the cluster scope or, for resources that live in namespaces, all
	// of them, whatever was asked for. Of all Pods only what they request is kept.
	InCluster Place = "cluster"
)

// Read is one thing that a guideline needs to see.
type Read struct {
	Resource Resource
	Place    Place
}

// Apps are the reads that find every app: the templates of all kinds of
// workload, their Pods, and the ReplicaSets that link the two.
func Apps() []Read {
	return []Read{
		{Deployments, InApps},
		{StatefulSets, InApps},
		{DaemonSets, InApps},
		{Jobs, InApps},
		{CronJobs, InApps},
		{Rollouts, InApps},
		{ReplicaSets, InApps},
		{Pods, InApps},
	}
}

// Usage are the reads that tell what sidecars use (Pod.Usage).
func Usage() []Read {
	return []Read{{PodMetrics, InApps}}
}

// Capacity are the reads that tell what nodes have left (Node.Free).
func Capacity() []Read {
	return []Read{{Nodes, InCluster}, {Pods, InCluster}}
}

// Injector are the reads that tell to which control plane an app belongs, and
// how that one's injector is set.
func Injector() []Read {
	return []Read{
		{Webhooks, InCluster},
		{Namespaces, InApps},
		{Deployments, InControlPlane},
		{Configurations, InControlPlane},
	}
}

// DaprObjects are the reads of everything of dapr.io that sidecars load by themselves.
func DaprObjects() []Read {
	return []Read{
		{Components, InApps},
		{HTTPEndpoints, InApps},
		{MCPServers, InApps},
		{Subscriptions, InApps},
		{Resiliencies, InApps},
		{WorkflowAccessPolicies, InApps},
	}
}
