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
)

// Place is where a resource is read.
type Place string

// The places of a Read.
const (
	// InApps is the namespaces that were asked for.
	InApps Place = "apps"
	// InControlPlane is the namespaces in which a control plane is installed.
	InControlPlane Place = "control-plane"
	// InCluster is the cluster scope.
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
