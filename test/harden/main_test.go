// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

//go:build cluster

// Package harden_test holds what harden writes against a real cluster: the API server, its
// controllers, and Dapr's own injector behind it.
package harden_test

import (
	"flag"
	"fmt"
	"os"
	"testing"

	"github.com/dapr-prod/kubectl-dapr-prod/test/cluster/kube"
)

// cluster is the one that the tests share.
var cluster *kube.Cluster

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		os.Exit(program())
	}
	flag.Parse()
	var err error
	if cluster, err = kube.Open(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Setenv("KUBECONFIG", cluster.Kubeconfig)
	// Journals that no test names go where nobody keeps his own.
	state, err := os.MkdirTemp("", "dapr-prod-state-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Setenv("XDG_STATE_HOME", state)
	code := m.Run()
	os.RemoveAll(state)
	os.Exit(code)
}
