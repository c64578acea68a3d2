// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

//go:build cluster

// Package faults_test holds every command that asks a server against one at which
// something goes wrong: the right answer, or one clear sentence and the exit code 2; never
// a wrong pass, and no object half written.
//
//	                    the whole run          each request  Ctrl-C
//	check               TestConditions         TestReads     TestLeaves
//	fix --dry-run       TestConditions         TestReads     TestLeaves
//	fix --scope=...     TestConditions         TestReads     TestLeaves
//	--helm-upgrade      TestConditions         TestReads     TestLeaves
//	the same, --yes                            TestFaults    TestLeaves, both of test/helm
//	sizing              TestConditions         TestReads     TestLeaves
//	harden --dry-run    TestConditions         TestReads     TestLeaves
//	fix, harden,        TestWritesAllTheSame,  TestWrites    TestLeaves, TestKilled of test/fix
//	sizing --apply,     TestNeverAnswered                    and of test/harden
//	each --revert
//	completion          TestConditions         TestReads
//	explain, rbac, version ask no server.
//
// In the first column are: 429 with Retry-After, 410 on every continue token, a watch that
// closes, an aggregated API that is down, an answer that takes for ever; in TestNoWayIn,
// for all of them: no connection, TLS to another name, a token that has expired, a login
// that fails. In the second are kube.Answers, one at a time.
package faults_test

import (
	"os"
	"testing"

	"k8s.io/cli-runtime/pkg/genericiooptions"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/cmd"
	"github.com/dapr-prod/kubectl-dapr-prod/test/cluster/kube"
)

// cluster is the one that the tests share.
var cluster *kube.Cluster

// asProgram is set for processes of this binary that are the program.
const asProgram = "DAPR_PROD_TEST_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		args := append([]string{"kubectl-dapr_prod"}, os.Args[1:]...)
		os.Exit(cmd.Run(args, genericiooptions.IOStreams{In: os.Stdin, Out: os.Stdout, ErrOut: os.Stderr}))
	}
	os.Exit(kube.Main(m, &cluster, true))
}
