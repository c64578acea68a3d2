// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

// Command history makes up what the containers of a cluster used, for testenv
// prometheus: a few shapes, told in shape.go, over 15 days. The same Pods at the
// same time give the same history.
//
//	kubectl get pods -A -o json | history demo > FILE    of the demo's Pods, and of some that are gone
//	history fleet --workloads 2000 --pods 3 > FILE       of workloads that are all alike but for their shapes
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"time"
)

const (
	// long is how long a history is: the two weeks that sizing asks for, and a day.
	long = 15 * 24 * time.Hour
	// scrape is the time between two samples: a rate over five minutes takes two.
	scrape = 150 * time.Second
)

func main() {
	out := bufio.NewWriterSize(os.Stdout, 1<<20)
	err := run(os.Args[1:], os.Stdin, out)
	if err := errors.Join(err, out.Flush()); err != nil {
		fmt.Fprintln(os.Stderr, "history:", err)
		os.Exit(1)
	}
}

func run(args []string, in io.Reader, out io.Writer) error {
	if len(args) == 0 {
		return errors.New("demo or fleet is missing")
	}
	flags := flag.NewFlagSet(args[0], flag.ContinueOnError)
	epoch := flags.Int64("end", time.Now().Unix(), "the end of the history, in seconds since 1970")
	ahead := flags.Duration("ahead", 0, "how long it goes on after the end, for one that scrapes nothing")
	workloads := flags.Int("workloads", 2000, "how many workloads a fleet has")
	pods := flags.Int("pods", 3, "how many Pods each of them has")
	if err := flags.Parse(args[1:]); err != nil {
		return err
	}
	end := time.Unix(*epoch, 0).Add(*ahead).UTC().Truncate(scrape)
	switch args[0] {
	case "demo":
		var list podList
		if err := json.NewDecoder(in).Decode(&list); err != nil {
			return fmt.Errorf("no list of Pods on standard input: %w", err)
		}
		return writeAll(out, demo(list, end))
	case "fleet":
		return writeAll(out, fleet(*workloads, *pods, end))
	default:
		return fmt.Errorf("%q is neither demo nor fleet", args[0])
	}
}
