// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"
)

// injectorCommand runs one more of Dapr's injectors with other settings than
// the cluster's own. The API server does not know it: tests post reviews to it.
// As every injector it writes the webhook's caBundle, which changes nothing,
// since all have their root from the same Sentry.
func injectorCommand(ctx context.Context, args []string) error {
	var env []string
	flags := newFlags("injector")
	statePath := flags.String("state", os.Getenv("DAPR_PROD_TESTENV"), "state.json of the cluster")
	flags.Func("env", "a variable of the injector", func(value string) error {
		if !strings.Contains(value, "=") {
			return fmt.Errorf("%q is not NAME=VALUE", value)
		}
		env = append(env, value)
		return nil
	})
	if err := parse(flags, args); err != nil {
		return err
	}
	if err := noArguments(flags); err != nil {
		return err
	}
	if *statePath == "" {
		return usagef("injector needs --state, or DAPR_PROD_TESTENV in the environment")
	}
	state, err := readState(*statePath)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() { // whoever started it is gone, or wants it gone
		_, _ = io.Copy(io.Discard, os.Stdin)
		cancel()
	}()
	err = serveInjector(ctx, state, env)
	if ctx.Err() != nil {
		return nil
	}
	return err
}

func serveInjector(ctx context.Context, state State, env []string) error {
	dir, err := os.MkdirTemp("", "testenv-injector-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	processes, err := newSupervisor(dir, func(p *process) { cancel(p.exitReport()) })
	if err != nil {
		return err
	}
	defer processes.stop()
	h, err := state.host(dir)
	if err != nil {
		return err
	}
	ports, err := freePorts(2)
	if err != nil {
		return err
	}
	pod, err := h.waitPod(ctx, injector)
	if err != nil {
		return err
	}
	args := []string{"--port", strconv.Itoa(ports[0]), "--healthz-port", strconv.Itoa(ports[1])}
	p, err := h.program(ctx, injector, pod, state.Dapr.Injector, args, env)
	if err != nil {
		return err
	}
	if _, err := processes.start(p); err != nil {
		return err
	}
	if err := waitHealthy(ctx, injector, ports[1]); err != nil {
		return err
	}
	fmt.Println(injectorURL(ports[0]))
	<-ctx.Done()
	return context.Cause(ctx)
}

// host rebuilds from the state what the cluster's own process knows.
func (s State) host(dir string) (host, error) {
	config, err := clientcmd.BuildConfigFromFlags("", s.Kubeconfig)
	if err != nil {
		return host{}, err
	}
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return host{}, err
	}
	api := endpoint{url: s.APIServer, ca: config.CAData}
	return host{client: client, api: api, proxy: s.Proxy, dir: dir, anchors: s.Dapr.TrustAnchors}, nil
}
