// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
)

// cluster is a running Kubernetes and Dapr control plane in one folder.
type cluster struct {
	dir       string
	pki       string
	tools     toolset
	processes *supervisor
	egress    *egress

	ca         *authority
	caFile     string
	tokenKey   string // signs service account tokens
	api        endpoint
	kubeconfig string
	config     *rest.Config
	client     kubernetes.Interface

	proxyURL string
	chart    string // folder of the chart as it is installed
	release  source // which has the chart
	programs source // which Dapr's processes are built from
	anchors  string
	watchdog bool

	mu       sync.Mutex
	standIns map[component]*standIn

	stopWork context.CancelFunc
	work     sync.WaitGroup
}

// startCluster starts everything and writes state.json. On an error it has
// stopped what it started; the folder with the logs is left to the caller.
func startCluster(ctx context.Context, parts parts, options clusterOptions) (*cluster, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	c := &cluster{
		dir:     options.dir,
		pki:     filepath.Join(options.dir, "pki"),
		anchors: filepath.Join(options.dir, "trust", "ca.crt"),
		tools:   parts.tools,
		egress:  newEgress(options.dir),

		chart:    filepath.Join(options.dir, "chart", "dapr"),
		release:  parts.chart,
		programs: parts.dapr,
		watchdog: options.watchdog,
		standIns: map[component]*standIn{},
	}
	var work context.Context
	work, c.stopWork = context.WithCancel(context.WithoutCancel(ctx))
	var ready atomic.Bool
	var err error
	c.processes, err = newSupervisor(filepath.Join(c.dir, "logs"), func(p *process) {
		// While starting, the first death is the reason of the failure; later it
		// explains the failures that tests will see.
		cancel(p.exitReport())
		if ready.Load() {
			note("%v", p.exitReport())
		}
	})
	if err != nil {
		return nil, err
	}
	defer func() {
		if !ready.Load() { // also after a panic
			c.stop()
		}
	}()
	if err := c.startAll(ctx, work, options); err != nil {
		if cause := context.Cause(ctx); cause != nil {
			return nil, cause
		}
		return nil, err
	}
	ready.Store(true)
	return c, nil
}

// startAll starts everything; what goes on afterwards runs until work ends.
func (c *cluster) startAll(ctx, work context.Context, options clusterOptions) error {
	for _, dir := range []string{c.pki, filepath.Join(c.dir, "issuer"), filepath.Dir(c.anchors)} {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return err
		}
	}
	var err error
	if c.ca, err = newAuthority(); err != nil {
		return err
	}
	if err := c.startAPIServer(ctx, options.limitCritical); err != nil {
		return err
	}
	group, groupCtx := errgroup.WithContext(ctx)
	group.Go(func() error { return c.startNodes(groupCtx) })
	group.Go(func() error { return c.installDapr(groupCtx, options) })
	group.Go(func() error { return c.startMetrics(groupCtx) })
	if err := group.Wait(); err != nil {
		return err
	}
	c.work.Go(func() { repeat(work, 200*time.Millisecond, c.provisionVolumes) })
	if err := c.startDapr(ctx); err != nil {
		return err
	}
	if err := c.waitDaprWorkloads(ctx); err != nil {
		return err
	}
	if err := c.writeState(); err != nil {
		return err
	}
	c.work.Go(func() { repeat(work, 500*time.Millisecond, c.followPods) })
	c.work.Go(func() { repeat(work, time.Second, c.syncAnchors) })
	return nil
}

// startNodes starts what makes Pods out of Deployments and runs them.
func (c *cluster) startNodes(ctx context.Context) error {
	if err := c.startControllers(); err != nil {
		return err
	}
	if err := c.startKwok(ctx); err != nil {
		return err
	}
	if err := c.createNodes(ctx); err != nil {
		return err
	}
	return c.createStorageClass(ctx)
}

func (c *cluster) host() host {
	return host{client: c.client, api: c.api, proxy: c.proxyURL, dir: c.pki, anchors: c.anchors}
}

// writeState describes the cluster as it is now in state.json.
func (c *cluster) writeState() error {
	version, err := c.version()
	if err != nil {
		return err
	}
	state := State{
		Dir:               c.dir,
		Logs:              c.processes.logs,
		Kubeconfig:        c.kubeconfig,
		Kubectl:           c.tools["kubectl"],
		KubernetesVersion: version,
		APIServer:         c.api.url,
		Proxy:             c.proxyURL,
		Dapr: DaprState{
			Version:        c.release.number(),
			ProgramVersion: c.programs.number(),
			Namespace:      daprNamespace,
			Release:        daprRelease,
			Chart:          c.chart,
			TrustAnchors:   c.anchors,
			Injector:       c.tools[injector.name],
		},
		InjectorServerName: injectorService + "." + daprNamespace + ".svc",
		PIDs:               c.processes.pids(),
	}
	c.mu.Lock()
	if current := c.standIns[injector]; current != nil {
		state.InjectorURL = injectorURL(current.port)
	}
	c.mu.Unlock()
	return state.write()
}

// stop ends all work and all processes. The folder stays.
func (c *cluster) stop() {
	c.stopWork()
	c.processes.stop()
	c.work.Wait()
}
