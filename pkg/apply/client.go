// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

// Package apply writes one object to the cluster by server-side apply, and undoes
// it: who owns what, what is taken over from whom, and the way back. It plans
// nothing, prints nothing, and waits for nothing.
package apply

import (
	"context"
	"sync"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/discovery/cached/memory"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/restmapper"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// Client reads and writes single objects.
type Client struct {
	dynamic dynamic.Interface
	mapper  meta.RESTMapperWithContext
}

// NewClient connects to a cluster. It asks for nothing yet.
func NewClient(config *rest.Config) (*Client, error) {
	config = rest.CopyConfig(config)
	config.WarningHandler, config.WarningHandlerWithContext = nil, warnings{}
	dyn, err := dynamic.NewForConfig(config)
	if err != nil {
		return nil, err
	}
	found, err := discovery.NewDiscoveryClientForConfig(config)
	if err != nil {
		return nil, err
	}
	return &Client{dynamic: dyn, mapper: restmapper.NewDeferredDiscoveryRESTMapperWithContext(discovery.ToCachedDiscoveryInterfaceWithContext(memory.NewMemCacheClient(found)))}, nil
}

// Get reads an object as the server has it now.
func (c *Client) Get(ctx context.Context, o snapshot.Object) (*unstructured.Unstructured, error) {
	resource, err := c.resource(ctx, o)
	if err != nil {
		return nil, err
	}
	return resource.Get(ctx, o.Name, metav1.GetOptions{})
}

// Cluster is the uid of the namespace kube-system, which tells clusters apart; empty
// for who may not read it.
func (c *Client) Cluster(ctx context.Context) (types.UID, error) {
	system, err := c.dynamic.Resource(schema.GroupVersionResource{Version: "v1", Resource: "namespaces"}).Get(ctx, metav1.NamespaceSystem, metav1.GetOptions{})
	if apierrors.IsForbidden(err) || apierrors.IsNotFound(err) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	return system.GetUID(), nil
}

// resource is where the server has objects of a kind.
func (c *Client) resource(ctx context.Context, o snapshot.Object) (dynamic.ResourceInterface, error) {
	kind := schema.FromAPIVersionAndKind(o.APIVersion, o.Kind)
	mapping, err := c.mapper.RESTMappingWithContext(ctx, kind.GroupKind(), kind.Version)
	if err != nil {
		return nil, err
	}
	if mapping.Scope.Name() == meta.RESTScopeNameRoot {
		return c.dynamic.Resource(mapping.Resource), nil
	}
	return c.dynamic.Resource(mapping.Resource).Namespace(o.Namespace), nil
}

// objectOf names an object that was read.
func objectOf(live *unstructured.Unstructured) snapshot.Object {
	return snapshot.Object{APIVersion: live.GetAPIVersion(), Kind: live.GetKind(), Namespace: live.GetNamespace(), Name: live.GetName()}
}

// warnings hands what the server warns of to the one who asked.
type warnings struct{}

type warningsKey struct{}

// warned gathers the warnings of the requests that are made with it.
type warned struct {
	mutex sync.Mutex
	all   []string
}

func withWarnings(ctx context.Context) (context.Context, *warned) {
	w := &warned{}
	return context.WithValue(ctx, warningsKey{}, w), w
}

// HandleWarningHeaderWithContext takes one warning in. Those of requests that nobody
// gathers them for, such as a read, are dropped.
func (warnings) HandleWarningHeaderWithContext(ctx context.Context, code int, _, text string) {
	w, gathered := ctx.Value(warningsKey{}).(*warned)
	if !gathered || code != 299 || text == "" {
		return
	}
	w.mutex.Lock()
	defer w.mutex.Unlock()
	w.all = append(w.all, text)
}
