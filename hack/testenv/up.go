// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"
)

// lockDescriptor is where up hands its lock on the folder to serve. So there is
// no moment at which a second up could come between.
const lockDescriptor = 3

func upCommand(ctx context.Context, args []string) error {
	options, err := parseUp("up", args)
	if err != nil {
		return err
	}
	lock, err := claimFolder(options.dir)
	if err != nil {
		return err
	}
	defer lock.Close()
	if _, err := prepare(ctx, options); err != nil {
		return err
	}
	logs := filepath.Join(options.dir, "logs")
	if err := os.MkdirAll(logs, 0o755); err != nil {
		return err
	}
	log, err := os.Create(filepath.Join(logs, "testenv.log"))
	if err != nil {
		return err
	}
	defer log.Close()
	self, err := os.Executable()
	if err != nil {
		return err
	}
	serve := exec.Command(self, append([]string{"serve"}, options.args()...)...)
	serve.Stdout, serve.Stderr = log, log
	serve.ExtraFiles = []*os.File{lock}
	serve.SysProcAttr = &syscall.SysProcAttr{Setsid: true} // it outlives this process and its terminal
	if err := serve.Start(); err != nil {
		return err
	}
	if err := waitServing(ctx, serve, options.dir); err != nil {
		if errors.Is(err, context.Canceled) {
			return errors.Join(err, os.RemoveAll(options.dir))
		}
		return fmt.Errorf("the cluster did not start (logs: %s)\n%s", logs, tail(log.Name(), 8192))
	}
	state, err := readState(statePath(options.dir))
	if err != nil {
		return err
	}
	fmt.Println(state.Kubeconfig)
	return nil
}

// waitServing waits for state.json or the end of the background process.
func waitServing(ctx context.Context, serve *exec.Cmd, dir string) error {
	ended := make(chan error, 1)
	go func() { ended <- serve.Wait() }()
	for {
		if _, err := os.Stat(statePath(dir)); err == nil {
			return nil
		}
		select {
		case err := <-ended:
			return fmt.Errorf("the background process ended: %w", errors.Join(err, ctx.Err()))
		case <-ctx.Done():
			if err := serve.Process.Signal(syscall.SIGTERM); err == nil {
				<-ended
			}
			return ctx.Err()
		case <-time.After(100 * time.Millisecond):
		}
	}
}

func serveCommand(ctx context.Context, args []string) error {
	options, err := parseUp("serve", args)
	if err != nil {
		return err
	}
	syscall.CloseOnExec(lockDescriptor)
	lock := os.NewFile(lockDescriptor, markerName)
	defer lock.Close()
	if err := recordOwner(lock); err != nil {
		return fmt.Errorf("serve is started by testenv up only: %w", err)
	}
	parts, err := prepare(ctx, options)
	if err != nil {
		return err
	}
	c, err := startCluster(ctx, parts, options)
	if err != nil {
		return err
	}
	defer c.stop()
	<-ctx.Done()
	return nil
}

func parseUp(name string, args []string) (clusterOptions, error) {
	var options clusterOptions
	flags := newFlags(name)
	options.addFlags(flags)
	if err := parse(flags, args); err != nil {
		return options, err
	}
	if err := noArguments(flags); err != nil {
		return options, err
	}
	if options.dir == "" {
		return options, usagef("%s needs --dir", name)
	}
	dir, err := filepath.Abs(options.dir)
	options.dir = dir
	return options, err
}
