// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"encoding/json"
	"strconv"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

const (
	metricsAPI       = "/apis/metrics.k8s.io/v1beta1"
	metricsNamespace = "kube-system"
	metricsService   = "metrics-server"
	// metricsHost is where the API server is told to find it: a name that only
	// the cluster network knows.
	metricsHost = "metrics-server.testenv"
	// metricsResolution is the shortest that metrics-server takes. It tells the
	// usage of a Pod that it has seen twice.
	metricsResolution = "10s"
)

// startMetrics starts metrics-server, which asks kwok what Pods use, and waits
// until the API server serves its API: one that does not answer would hold up
// the removal of namespaces.
func (c *cluster) startMetrics(ctx context.Context) error {
	port, err := freePort()
	if err != nil {
		return err
	}
	args, err := c.metricsArgs(port)
	if err != nil {
		return err
	}
	c.egress.route(metricsHost+":443", loopback(port))
	started, err := c.processes.start(program{
		name: metricsService, path: c.tools[metricsService], args: args,
		// The kubelets have cluster addresses.
		env: []string{"HTTPS_PROXY=" + c.proxyURL, "NO_PROXY=127.0.0.1,localhost"},
	})
	if err != nil {
		return err
	}
	if err := c.registerMetrics(ctx); err != nil {
		return err
	}
	served, cancel := started.bound(ctx)
	defer cancel()
	return waitFor(served, "API of metrics-server", 60*time.Second, func(ctx context.Context) error {
		_, err := c.client.Discovery().RESTClient().Get().AbsPath(metricsAPI).DoRaw(ctx)
		return err
	})
}

func (c *cluster) metricsArgs(port int) ([]string, error) {
	kubeconfig, err := c.userKubeconfig(metricsService, "system:masters")
	if err != nil {
		return nil, err
	}
	serving, err := c.ca.server(metricsService + "." + metricsNamespace + ".svc")
	if err != nil {
		return nil, err
	}
	certFile, keyFile, err := serving.write(c.pki, metricsService)
	if err != nil {
		return nil, err
	}
	return []string{
		"--bind-address=127.0.0.1",
		"--secure-port=" + strconv.Itoa(port),
		"--tls-cert-file=" + certFile,
		"--tls-private-key-file=" + keyFile,
		"--kubeconfig=" + kubeconfig,
		"--authentication-kubeconfig=" + kubeconfig,
		"--authorization-kubeconfig=" + kubeconfig,
		"--kubelet-certificate-authority=" + c.caFile,
		"--kubelet-use-node-status-port",
		"--kubelet-preferred-address-types=InternalIP",
		"--kubelet-request-timeout=5s",
		"--metric-resolution=" + metricsResolution,
	}, nil
}

// registerMetrics makes the objects by which the API server knows metrics-server.
func (c *cluster) registerMetrics(ctx context.Context) error {
	service := &corev1.Service{
		ObjectMeta: metav1.ObjectMeta{Name: metricsService, Namespace: metricsNamespace},
		Spec:       corev1.ServiceSpec{Type: corev1.ServiceTypeExternalName, ExternalName: metricsHost},
	}
	if _, err := c.client.CoreV1().Services(metricsNamespace).Create(ctx, service, metav1.CreateOptions{}); err != nil {
		return err
	}
	api, err := json.Marshal(map[string]any{
		"apiVersion": "apiregistration.k8s.io/v1", "kind": "APIService",
		"metadata": map[string]any{"name": "v1beta1.metrics.k8s.io"},
		"spec": map[string]any{
			"group": "metrics.k8s.io", "version": "v1beta1",
			"groupPriorityMinimum": 100, "versionPriority": 100,
			"service":  map[string]any{"namespace": metricsNamespace, "name": metricsService},
			"caBundle": c.ca.pem,
		},
	})
	if err != nil {
		return err
	}
	return c.client.Discovery().RESTClient().Post().AbsPath("/apis/apiregistration.k8s.io/v1/apiservices").
		SetHeader("Content-Type", "application/json").Body(api).Do(ctx).Error()
}
