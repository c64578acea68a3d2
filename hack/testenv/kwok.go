// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	_ "embed" // of usage.yaml
	"fmt"
	"os"
	"path/filepath"
	"strconv"
)

const (
	// podRange holds the Pods' addresses. Loopback ones would keep Pods out of
	// EndpointSlices.
	podRange = "10.64.0.0/16"
	// nodeAddress is where the API server believes the kubelets to be.
	nodeAddress = "10.63.0.1"
)

// kwokRules are the files of kwok's own module that make it do something:
// nodes become ready, and Pods run.
var kwokRules = []string{
	"stage/node/fast/node-initialize.yaml",
	"stage/node/heartbeat/node-heartbeat.yaml",
	"stage/pod/fast/pod-ready.yaml",
	"stage/pod/fast/pod-complete.yaml",
	"stage/pod/fast/pod-delete.yaml",
}

// usageRules are what Pods use and how it is told.
//
//go:embed usage.yaml
var usageRules []byte

// kwokOptions: none of the parallelisms may be left out, kwok refuses zero.
const kwokOptions = `apiVersion: config.kwok.x-k8s.io/v1alpha1
kind: KwokConfiguration
options:
  manageAllNodes: true
  cidr: ` + podRange + `
  nodeIP: ` + nodeAddress + `
  nodePort: %d
  serverAddress: %s
  tlsCertFile: %s
  tlsPrivateKeyFile: %s
  nodeLeaseDurationSeconds: 40
  nodePlayStageParallelism: 4
  podPlayStageParallelism: 8
  nodeLeaseParallelism: 4
`

// startKwok plays the kubelets of all nodes.
func (c *cluster) startKwok(ctx context.Context) error {
	kubeconfig, err := c.userKubeconfig("kwok", "system:masters")
	if err != nil {
		return err
	}
	port, err := freePort()
	if err != nil {
		return err
	}
	serving, err := c.ca.server("kwok", nodeAddress)
	if err != nil {
		return err
	}
	certFile, keyFile, err := serving.write(c.pki, "kwok-server")
	if err != nil {
		return err
	}
	config := append([]byte(fmt.Sprintf(kwokOptions, port, loopback(port), certFile, keyFile)+"---\n"), usageRules...)
	src, err := kwokModule.source(ctx)
	if err != nil {
		return err
	}
	for _, rule := range kwokRules {
		content, err := os.ReadFile(filepath.Join(src.Dir, "kustomize", filepath.FromSlash(rule)))
		if err != nil {
			return fmt.Errorf("kwok %s has no %s: %w", src.Version, rule, err)
		}
		config = append(append(config, "---\n"...), content...)
	}
	path := filepath.Join(c.dir, "kwok.yaml")
	if err := os.WriteFile(path, config, 0o600); err != nil {
		return err
	}
	c.egress.route(nodeAddress+":"+strconv.Itoa(port), loopback(port))
	_, err = c.processes.start(program{
		name: "kwok", path: c.tools["kwok"],
		args: []string{"--config=" + path, "--kubeconfig=" + kubeconfig},
	})
	return err
}
