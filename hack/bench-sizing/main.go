// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

// Command bench-sizing measures sizing -A beside the bare queries that it asks, for
// hack/bench-sizing.sh.
//
//	bench-sizing manifests --workloads 2000 --pods 3             the fleet of hack/history, for kubectl create
//	bench-sizing run --plugin PATH --prometheus URL --time EPOCH  both, one after the other
package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Args[1:])
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	if len(args) == 0 {
		return errors.New("manifests or run is missing")
	}
	flags := flag.NewFlagSet(args[0], flag.ContinueOnError)
	workloads := flags.Int("workloads", 2000, "how many workloads the fleet has")
	pods := flags.Int("pods", 3, "how many Pods each of them has")
	var b bench
	flags.StringVar(&b.plugin, "plugin", "", "the plugin that is measured")
	flags.StringVar(&b.prometheus, "prometheus", "", "the URL of the Prometheus")
	flags.StringVar(&b.epoch, "time", "", "the end of the history, in seconds since 1970")
	flags.StringVar(&b.history, "history", "14d", "how long a time is read")
	flags.IntVar(&b.rounds, "rounds", 2, "how often each is measured; the faster one counts")
	if err := flags.Parse(args[1:]); err != nil {
		return err
	}
	switch args[0] {
	case "manifests":
		out := bufio.NewWriter(os.Stdout)
		manifests(out, *workloads, *pods)
		return out.Flush()
	case "run":
		return b.run(ctx)
	default:
		return fmt.Errorf("%q is neither manifests nor run", args[0])
	}
}

const namespaceManifest = `apiVersion: v1
kind: Namespace
metadata: {name: fleet-%d}
---
`

const workloadManifest = `apiVersion: apps/v1
kind: StatefulSet
metadata: {name: app-%[2]d, namespace: fleet-%[1]d}
spec:
  replicas: %[3]d
  podManagementPolicy: Parallel
  serviceName: app-%[2]d
  selector: {matchLabels: {app: app-%[2]d}}
  template:
    metadata:
      labels: {app: app-%[2]d}
      annotations: {dapr.io/enabled: "true", dapr.io/app-id: app-%[2]d}
    spec:
      containers: [{name: app, image: registry.example.com/app:1}]
---
`

// manifests are those of a fleet, a hundred workloads a namespace.
func manifests(out io.Writer, workloads, pods int) {
	for w := range workloads {
		if w%100 == 0 {
			fmt.Fprintf(out, namespaceManifest, w/100)
		}
		fmt.Fprintf(out, workloadManifest, w/100, w, pods)
	}
}
