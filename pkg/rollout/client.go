// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package rollout

import (
	"fmt"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// Client reads what becomes of workloads. Its methods may run side by side.
type Client struct {
	core    kubernetes.Interface
	dynamic dynamic.Interface
}

// New is a client of the cluster that config is for.
func New(config *rest.Config) (*Client, error) {
	core, err := kubernetes.NewForConfig(config)
	if err != nil {
		return nil, err
	}
	d, err := dynamic.NewForConfig(config)
	if err != nil {
		return nil, err
	}
	return &Client{core: core, dynamic: d}, nil
}

// The kinds whose Pods follow their template.
var (
	deployments  = schema.GroupKind{Group: "apps", Kind: "Deployment"}
	statefulSets = schema.GroupKind{Group: "apps", Kind: "StatefulSet"}
	daemonSets   = schema.GroupKind{Group: "apps", Kind: "DaemonSet"}
	cronJobs     = schema.GroupKind{Group: "batch", Kind: "CronJob"}
	rollouts     = schema.GroupKind{Group: "argoproj.io", Kind: "Rollout"}
)

var resources = map[schema.GroupKind]string{
	deployments: "deployments", statefulSets: "statefulsets", daemonSets: "daemonsets", cronJobs: "cronjobs", rollouts: "rollouts",
}

// client is that of the objects of the workload's kind in its namespace.
func (c *Client) client(workload *unstructured.Unstructured) (dynamic.ResourceInterface, error) {
	resource, known := resources[kindOf(workload)]
	if !known {
		return nil, fmt.Errorf("%s: nothing is known of how a %s is rolled out", name(workload), workload.GetKind())
	}
	gvr := workload.GroupVersionKind().GroupVersion().WithResource(resource)
	return c.dynamic.Resource(gvr).Namespace(workload.GetNamespace()), nil
}

func kindOf(workload *unstructured.Unstructured) schema.GroupKind {
	return workload.GroupVersionKind().GroupKind()
}

// name is how sentences call a workload: "Deployment shop/orders".
func name(w *unstructured.Unstructured) string {
	return snapshot.Object{Kind: w.GetKind(), Namespace: w.GetNamespace(), Name: w.GetName()}.String()
}

// as reads a workload as the type of its kind. What the API server returned can be
// read; anything else gives what was read until it could not be.
func as[T any](w *unstructured.Unstructured) *T {
	typed := new(T)
	_ = runtime.DefaultUnstructuredConverter.FromUnstructured(w.Object, typed)
	return typed
}
