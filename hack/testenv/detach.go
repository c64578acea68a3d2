// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"
)

// detachPrometheus starts a Prometheus in the background, and returns when it serves.
// It ends with the cluster.
func detachPrometheus(ctx context.Context, args []string) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	serve := exec.Command(self, append([]string{"prometheus", "--follow"}, without(args, "detach")...)...)
	serve.SysProcAttr = &syscall.SysProcAttr{Setsid: true} // it outlives this process and its terminal
	log, err := os.CreateTemp("", "testenv-prometheus-log-")
	if err != nil {
		return err
	}
	defer os.Remove(log.Name())
	defer log.Close()
	serve.Stderr = log
	out, err := serve.StdoutPipe()
	if err != nil {
		return err
	}
	if err := serve.Start(); err != nil {
		return err
	}
	stop := context.AfterFunc(ctx, func() { _ = serve.Process.Signal(syscall.SIGTERM) })
	defer stop()
	url, err := bufio.NewReader(out).ReadString('\n')
	if errors.Is(err, io.EOF) {
		return fmt.Errorf("prometheus did not start: %w\n%s", errors.Join(serve.Wait(), ctx.Err()), tail(log.Name(), 8192))
	}
	fmt.Print(url)
	return err
}

// without are arguments but for a flag that has no value.
func without(args []string, flag string) []string {
	var rest []string
	for _, arg := range args {
		if strings.TrimLeft(arg, "-") != flag {
			rest = append(rest, arg)
		}
	}
	return rest
}

// waitClusterEnd waits until the cluster of a state.json is gone, however it ended.
func waitClusterEnd(ctx context.Context, statePath string) {
	for {
		state, err := readState(statePath)
		if err != nil || syscall.Kill(state.PIDs["testenv"], 0) != nil {
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(time.Second):
		}
	}
}
