// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"

	"k8s.io/klog/v2"
)

const usage = `testenv runs a real Kubernetes and Dapr control plane as local processes.

Usage:
  testenv build [--bin DIR]                             build what is missing
  testenv run [--dir DIR] [--keep] [OPTIONS] -- COMMAND run COMMAND with a cluster of its own
  testenv up --dir DIR [OPTIONS]                        start a cluster in the background
  testenv down --dir DIR                                stop it and remove DIR
  testenv injector --state FILE [--env NAME=VALUE]...   one more Dapr injector, until stdin closes
  testenv prometheus --history FILE [--data DIR] [--state FILE [--detach]]
                                                        a Prometheus with this history, until stdin closes
  testenv daprd                                         print the path of Dapr's sidecar, and build it if it is missing

Options of run and up:
  --chart VERSION        the chart of this release of Dapr, not of the newest
  --helm-values FILE     values for Dapr's chart, as helm's --values
  --helm-set KEY=VALUE   a value for Dapr's chart, as helm's --set (repeatable)
  --limit-critical       admit Pods of the critical priority classes only where a ResourceQuota is about them
  --watchdog             let Dapr's operator delete Pods that lack their sidecar

COMMAND gets KUBECONFIG and DAPR_PROD_TESTENV (the path of state.json).
`

// exitError carries the exit code of the command that run started. It is no
// failure of testenv, so nothing is printed for it.
type exitError int

func (e exitError) Error() string { return fmt.Sprintf("command exited with code %d", int(e)) }

// usageError is a mistake in what was typed; it ends with code 2 as usual.
type usageError struct{ error }

func usagef(format string, args ...any) error {
	return usageError{fmt.Errorf(format+"; see testenv help", args...)}
}

// execute runs the command line and returns the exit code.
func execute(ctx context.Context, args []string) int {
	// The client library writes about requests that end with the cluster.
	klog.LogToStderr(false)
	klog.SetOutput(io.Discard)
	err := dispatch(ctx, args)
	var exit exitError
	var typed usageError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &exit):
		return int(exit)
	case errors.Is(err, flag.ErrHelp):
		return 0
	case errors.As(err, &typed):
		fmt.Fprintf(os.Stderr, "testenv: %v\n", err)
		return 2
	case errors.Is(err, context.Canceled):
		fmt.Fprintln(os.Stderr, "testenv: stopped by a signal")
		return 130
	default:
		fmt.Fprintf(os.Stderr, "testenv: %v\n", err)
		return 1
	}
}

func dispatch(ctx context.Context, args []string) error {
	if len(args) == 0 {
		return usagef("a command is missing")
	}
	name, args := args[0], args[1:]
	switch name {
	case "build":
		return buildCommand(ctx, args)
	case "run":
		return runCommand(ctx, args)
	case "up":
		return upCommand(ctx, args)
	case "down":
		return downCommand(ctx, args)
	case "serve": // what up starts in the background; not for typing
		return serveCommand(ctx, args)
	case "injector":
		return injectorCommand(ctx, args)
	case "prometheus":
		return prometheusCommand(ctx, args)
	case "daprd":
		return daprdCommand(ctx, args)
	case "help", "-h", "--help":
		fmt.Print(usage)
		return nil
	}
	return usagef("unknown command %q", name)
}

// clusterOptions are the choices that run and up share.
type clusterOptions struct {
	dir           string
	chart         string
	helmValues    string
	helmSet       []string
	limitCritical bool
	watchdog      bool
}

func (o *clusterOptions) addFlags(flags *flag.FlagSet) {
	flags.StringVar(&o.dir, "dir", o.dir, "folder of the cluster")
	flags.StringVar(&o.chart, "chart", o.chart, "release of Dapr whose chart is installed")
	flags.BoolVar(&o.limitCritical, "limit-critical", o.limitCritical, "admit critical Pods only with a ResourceQuota")
	flags.BoolVar(&o.watchdog, "watchdog", o.watchdog, "let Dapr's operator delete Pods that lack their sidecar")
	flags.StringVar(&o.helmValues, "helm-values", o.helmValues, "file with values for Dapr's chart")
	flags.Func("helm-set", "a value for Dapr's chart", func(value string) error {
		o.helmSet = append(o.helmSet, value)
		return nil
	})
}

// args gives the options back as typed, for the background process of up.
func (o *clusterOptions) args() []string {
	args := []string{"--dir", o.dir}
	if o.chart != "" {
		args = append(args, "--chart", o.chart)
	}
	if o.limitCritical {
		args = append(args, "--limit-critical")
	}
	if o.watchdog {
		args = append(args, "--watchdog")
	}
	if o.helmValues != "" {
		args = append(args, "--helm-values", o.helmValues)
	}
	for _, set := range o.helmSet {
		args = append(args, "--helm-set", set)
	}
	return args
}

func newFlags(name string) *flag.FlagSet {
	flags := flag.NewFlagSet(name, flag.ContinueOnError)
	flags.Usage = func() { fmt.Fprint(os.Stderr, usage) }
	return flags
}

func parse(flags *flag.FlagSet, args []string) error {
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return err
		}
		return usageError{err}
	}
	return nil
}

// noArguments refuses words that a command would otherwise silently ignore.
func noArguments(flags *flag.FlagSet) error {
	if flags.NArg() > 0 {
		return usagef("%s takes no arguments, got %q", flags.Name(), strings.Join(flags.Args(), " "))
	}
	return nil
}

func note(format string, args ...any) {
	fmt.Fprintf(os.Stderr, "testenv: "+format+"\n", args...)
}
