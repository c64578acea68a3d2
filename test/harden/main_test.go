// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

//go:build cluster

// Package harden_test holds what harden writes against a real cluster: the API server,
// its controllers, and Dapr's own injector behind it.
package harden_test

import (
	"os"
	"testing"

	"k8s.io/cli-runtime/pkg/genericiooptions"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/cmd"
	"github.com/dapr-prod/kubectl-dapr-prod/test/cluster/kube"
)

// cluster is the one that the tests share.
var cluster *kube.Cluster

// asProgram is set for processes of this binary that are the program. Test builds have
// the points at which it can be made to die.
const asProgram = "DAPR_PROD_TEST_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		args := append([]string{"kubectl-dapr_prod"}, os.Args[1:]...)
		os.Exit(cmd.Run(args, genericiooptions.IOStreams{In: os.Stdin, Out: os.Stdout, ErrOut: os.Stderr}))
	}
	os.Exit(kube.Main(m, &cluster, true, plantedInObjects))
}
