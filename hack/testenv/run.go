// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// stopPatience is how long a command may take to end after a signal.
const stopPatience = 10 * time.Second

func runCommand(ctx context.Context, args []string) (err error) {
	var options clusterOptions
	flags := newFlags("run")
	options.addFlags(flags)
	keep := flags.Bool("keep", false, "keep the folder afterwards")
	if err := parse(flags, args); err != nil {
		return err
	}
	command := flags.Args()
	if len(command) == 0 {
		return usagef("run needs a command after --")
	}
	if _, err := exec.LookPath(command[0]); err != nil {
		return usagef("%w", err)
	}
	parts, err := prepare(ctx, options)
	if err != nil {
		return err
	}
	lock, err := runFolder(&options)
	if err != nil {
		return err
	}
	defer lock.Close()
	defer func() {
		var exit exitError
		started := err == nil || errors.As(err, &exit) || errors.Is(err, context.Canceled)
		if *keep || !started {
			note("the folder with the logs is kept: %s", options.dir)
			return
		}
		err = errors.Join(err, os.RemoveAll(options.dir))
	}()
	start := time.Now()
	c, err := startCluster(ctx, parts, options)
	if err != nil {
		return err
	}
	defer c.stop()
	note("cluster ready in %s", time.Since(start).Round(100*time.Millisecond))
	return runUser(ctx, command, "KUBECONFIG="+c.kubeconfig, "DAPR_PROD_TESTENV="+statePath(c.dir))
}

// runFolder claims the folder that was asked for, or a temporary one.
func runFolder(options *clusterOptions) (*os.File, error) {
	var err error
	if options.dir == "" {
		options.dir, err = os.MkdirTemp("", "testenv-")
	} else {
		options.dir, err = filepath.Abs(options.dir)
	}
	if err != nil {
		return nil, err
	}
	lock, err := claimFolder(options.dir)
	if err != nil {
		return nil, err
	}
	return lock, recordOwner(lock)
}

// runUser runs the user's command until it ends, or until a signal to testenv
// ends it, together with all that it started.
func runUser(ctx context.Context, command []string, env ...string) error {
	cmd := exec.Command(command[0], command[1:]...)
	cmd.Env = append(os.Environ(), env...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	cmd.SysProcAttr = childAttributes()
	defer giveTerminal(cmd.SysProcAttr)()
	if err := startOnLastingThread(cmd); err != nil {
		return fmt.Errorf("%s cannot be started: %w", command[0], err)
	}
	pid := cmd.Process.Pid
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	defer killGroup(pid, syscall.SIGKILL) // what the command left in the background
	select {
	case err := <-ended:
		return exitOf(err)
	case <-ctx.Done():
	}
	killGroup(pid, syscall.SIGTERM)
	select {
	case <-ended:
	case <-time.After(stopPatience):
		killGroup(pid, syscall.SIGKILL)
		<-ended
	}
	return ctx.Err()
}

// exitOf turns the end of a command into testenv's own, as shells do.
func exitOf(err error) error {
	var exit *exec.ExitError
	if !errors.As(err, &exit) {
		return err
	}
	if status, ok := exit.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		return exitError(128 + int(status.Signal()))
	}
	return exitError(exit.ExitCode())
}

// giveTerminal lets the command have the terminal if testenv has it, so that a
// shell can be the command and Ctrl-C goes to the command. The returned
// function takes the terminal back.
func giveTerminal(attributes *syscall.SysProcAttr) (takeBack func()) {
	terminal := int(os.Stdin.Fd())
	foreground, err := unix.IoctlGetInt(terminal, unix.TIOCGPGRP)
	if err != nil || foreground != unix.Getpgrp() {
		return func() {}
	}
	attributes.Foreground, attributes.Ctty = true, terminal
	return func() {
		signal.Ignore(syscall.SIGTTOU) // which a process in the background gets for asking
		_ = unix.IoctlSetPointerInt(terminal, unix.TIOCSPGRP, unix.Getpgrp())
	}
}
