// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

//go:build cluster

// Package fix_test holds what fix writes against a real cluster: the API server, its
// controllers, and Dapr's own injector behind it.
package fix_test

import (
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
	os.Exit(kube.Main(m, &cluster, true))
}
