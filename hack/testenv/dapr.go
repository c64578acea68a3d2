// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"golang.org/x/sync/errgroup"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

const (
	injectorService = "dapr-sidecar-injector"
	operatorService = "dapr-webhook"
	sentryAddress   = "dapr-sentry." + daprNamespace + ".svc.cluster.local:443"
	operatorAddress = "dapr-api." + daprNamespace + ".svc.cluster.local:443" // for sidecars
	daprStartLimit  = 60 * time.Second
)

// startDapr starts Dapr's own programs and waits until the API server really
// gets sidecars from the injector.
func (c *cluster) startDapr(ctx context.Context) error {
	if err := c.stand(ctx, sentry); err != nil {
		return err
	}
	if err := waitFor(ctx, "root certificate of sentry", daprStartLimit, c.syncAnchors); err != nil {
		return err
	}
	group, groupCtx := errgroup.WithContext(ctx)
	group.Go(func() error { return c.stand(groupCtx, injector) })
	group.Go(func() error { return c.stand(groupCtx, operator) })
	if err := group.Wait(); err != nil {
		return err
	}
	return c.waitInjection(ctx)
}

// stand starts a component's first process.
func (c *cluster) stand(ctx context.Context, of component) error {
	pod, err := c.host().waitPod(ctx, of)
	if err != nil {
		return err
	}
	return c.standFor(ctx, of, pod)
}

// launch starts the component's process for a Pod, waits until it is healthy,
// and names the cluster addresses to route to its ports.
func (c *cluster) launch(ctx context.Context, of component, pod *corev1.Pod) (made *standIn, err error) {
	ports, err := freePorts(3)
	if err != nil {
		return nil, err
	}
	port, health, spare := ports[0], ports[1], ports[2]
	args := []string{"--healthz-port", strconv.Itoa(health)}
	made = &standIn{pod: pod.UID, port: port, routes: map[string]int{}}
	address := sentryAddress
	switch of {
	case sentry:
		args = append(args, c.sentryArgs(port)...)
	case injector:
		address, err = c.serviceAddress(ctx, injectorService)
		args = append(args, "--port", strconv.Itoa(port))
	case operator:
		address, err = c.serviceAddress(ctx, operatorService)
		args = append(args, c.operatorArgs(port, spare)...)
		made.routes[operatorAddress] = spare
	}
	if err != nil {
		return nil, err
	}
	made.routes[address] = port
	p, err := c.host().program(ctx, of, pod, c.tools[of.name], args, nil)
	if err != nil {
		return nil, err
	}
	if made.process, err = c.processes.start(p); err != nil {
		return nil, err
	}
	healthy, cancel := made.process.bound(ctx)
	defer cancel()
	if err := waitHealthy(healthy, of, health); err != nil {
		c.processes.end(made.process)
		return nil, err
	}
	return made, nil
}

// sentryArgs give Sentry an empty folder of credentials: then it makes its own
// root certificate and writes it into the cluster. Charts before 1.15 leave the
// mode to a variable that Kubernetes sets in every container.
func (c *cluster) sentryArgs(port int) []string {
	return []string{
		"--mode", "kubernetes",
		"--issuer-credentials", filepath.Join(c.dir, "issuer"),
		"--listen-address", "127.0.0.1",
		"--port", strconv.Itoa(port),
	}
}

func (c *cluster) operatorArgs(webhook, api int) []string {
	args := []string{
		"--trust-anchors-file", c.anchors,
		"--disable-leader-election", // outside a Pod it finds no namespace for its lease
		"--listen-address", "127.0.0.1",
		"--port", strconv.Itoa(api),
		"--webhook-server-listen-address", "127.0.0.1",
		"--webhook-server-port", strconv.Itoa(webhook),
	}
	if c.watchdog {
		args = append(args, "--watch-interval", "20s")
	}
	return args
}

func injectorURL(port int) string { return "https://" + loopback(port) + "/mutate" }

// serviceAddress is what the API server dials for a webhook's Service.
func (c *cluster) serviceAddress(ctx context.Context, name string) (string, error) {
	service, err := c.client.CoreV1().Services(daprNamespace).Get(ctx, name, metav1.GetOptions{})
	if err != nil {
		return "", err
	}
	return service.Spec.ClusterIP + ":443", nil
}

// syncAnchors keeps a file equal to the root certificates in the cluster, as a
// kubelet does with a mounted ConfigMap. Dapr's programs watch that file.
func (c *cluster) syncAnchors(ctx context.Context) error {
	bundle, err := c.client.CoreV1().ConfigMaps(daprNamespace).Get(ctx, "dapr-trust-bundle", metav1.GetOptions{})
	if apierrors.IsNotFound(err) && c.anchorsWritten() {
		return nil // a mounted ConfigMap that is deleted keeps its content
	}
	if err != nil {
		return err
	}
	anchors := []byte(bundle.Data["ca.crt"])
	if len(anchors) == 0 {
		return errors.New("configmap dapr-trust-bundle holds no ca.crt")
	}
	before, err := os.ReadFile(c.anchors)
	if err == nil && bytes.Equal(before, anchors) {
		return nil
	}
	return os.WriteFile(c.anchors, anchors, 0o644)
}

func (c *cluster) anchorsWritten() bool {
	_, err := os.Stat(c.anchors)
	return err == nil
}

// waitInjection asks for a Pod with a sidecar, in a dry run, until it gets one.
// Before, the API server may not know the webhook's certificate yet, and Dapr's
// webhook is of the kind that is passed over when it fails.
func (c *cluster) waitInjection(ctx context.Context) error {
	if err := c.waitDefaultAccount(ctx); err != nil {
		return err
	}
	pod := &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{
			Name:        "testenv-probe",
			Annotations: map[string]string{"dapr.io/enabled": "true", "dapr.io/app-id": "testenv-probe"},
		},
		Spec: corev1.PodSpec{Containers: []corev1.Container{{Name: "app", Image: "app"}}},
	}
	return waitFor(ctx, "injection of sidecars", daprStartLimit, func(ctx context.Context) error {
		made, err := c.client.CoreV1().Pods("default").Create(ctx, pod, metav1.CreateOptions{DryRun: []string{metav1.DryRunAll}})
		if err != nil {
			return err
		}
		for _, container := range made.Spec.Containers {
			if container.Name == "daprd" {
				return nil
			}
		}
		return errors.New("a Pod with dapr.io/enabled got no sidecar")
	})
}

// waitHealthy polls the health port, which every component serves as plain HTTP.
func waitHealthy(ctx context.Context, of component, port int) error {
	url := "http://" + loopback(port) + "/healthz"
	return waitFor(ctx, of.deployment, daprStartLimit, func(ctx context.Context) error {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
		if err != nil {
			return err
		}
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			return err
		}
		defer response.Body.Close()
		if response.StatusCode != http.StatusOK {
			return fmt.Errorf("%s answers %s", url, response.Status)
		}
		return nil
	})
}
