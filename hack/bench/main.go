// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

//go:build unix

// Command bench measures what the plugin's commands take in a large cluster, beside
// what can not be done without: the bare lists of the same objects, the mere parsing of
// the same text, kubectl's own help. It runs in a cluster of testenv:
//
//	testenv run -- bench PLUGIN
//
// What a single command takes its time for, and what it allocates, it writes as profiles
// of pprof into a folder:
//
//	bench profile FOLDER check -A
//
// Each figure is the median of several runs, and each ratio that of pairs of them.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
)

// The size of the cluster. Four of five Deployments are on Dapr, with three Pods each.
var (
	namespaces  = flag.Int("namespaces", 100, "how many namespaces there are")
	deployments = flag.Int("deployments", 20, "how many Deployments a namespace has")
	runs        = flag.Int("runs", 5, "how often each command is run")
)

func main() {
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, flag.Args())
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
}

// run is the benchmark, or the part of it that is measured in a process of its own.
func run(ctx context.Context, args []string) error {
	switch {
	case len(args) == 2 && args[0] == "lists":
		return bareLists(ctx, args[1])
	case len(args) == 2 && args[0] == "parse":
		return parse(args[1])
	case len(args) > 2 && args[0] == "profile":
		return profile(args[1], args[2:])
	case len(args) == 1:
		return bench(ctx, args[0])
	default:
		return fmt.Errorf("usage: bench [FLAGS] PLUGIN, or bench profile FOLDER COMMAND")
	}
}
