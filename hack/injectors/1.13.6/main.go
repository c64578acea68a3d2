// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

// Command injector is the injector of Dapr 1.13.6 for package injectors.
package main

import (
	"context"

	daprclient "github.com/dapr/dapr/pkg/client/clientset/versioned"
	"github.com/dapr/dapr/pkg/injector/service"
	"github.com/spiffe/go-spiffe/v2/spiffeid"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"

	"github.com/dapr-prod/kubectl-dapr-prod/hack/injectors"
)

func main() { injectors.Main(run) }

func run(ctx context.Context, cluster injectors.Cluster) error {
	config, err := service.GetConfig()
	if err != nil {
		return err
	}
	api := &rest.Config{Host: cluster.APIServer, QPS: -1}
	kube := kubernetes.NewForConfigOrDie(api)
	allowed, err := service.AllowedControllersServiceAccountUID(ctx, config, kube)
	if err != nil {
		return err
	}
	injector, err := service.NewInjector(service.Options{
		AuthUIDs:                allowed,
		Config:                  config,
		DaprClient:              daprclient.NewForConfigOrDie(api),
		KubeClient:              kube,
		ControlPlaneNamespace:   injectors.Namespace,
		ControlPlaneTrustDomain: config.ControlPlaneTrustDomain,
	})
	if err != nil {
		return err
	}
	sentry := spiffeid.RequireFromPath(spiffeid.RequireTrustDomainFromString(config.ControlPlaneTrustDomain), "/ns/"+injectors.Namespace+"/dapr-sentry")
	sign := func(context.Context, string) (certificate, key []byte, err error) {
		return []byte("certificate"), []byte("key"), nil
	}
	anchors := func() ([]byte, error) { return cluster.TrustAnchors, nil }
	return injector.Run(ctx, cluster.TLS, sentry, sign, anchors)
}
