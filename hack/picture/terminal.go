// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

//go:build linux

package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
	"k8s.io/cli-runtime/pkg/genericiooptions"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/cmd"
)

// record runs the plugin on a terminal and returns what it prints, colours included.
// An exit code of 1 says that something falls short, which is what the picture shows.
func record(args []string) (string, error) {
	terminal, program, err := openTerminal()
	if err != nil {
		return "", err
	}
	defer terminal.Close()
	// Who calls may not want colours, or have no terminal at all.
	if err := errors.Join(os.Unsetenv("NO_COLOR"), os.Setenv("TERM", "xterm")); err != nil {
		return "", err
	}
	ended := make(chan int, 1)
	go func() {
		ended <- cmd.Run(append([]string{"kubectl-dapr_prod"}, args...), genericiooptions.IOStreams{In: strings.NewReader(""), Out: program, ErrOut: program})
		program.Close()
	}()
	text, err := io.ReadAll(terminal)
	if err != nil && !errors.Is(err, syscall.EIO) { // the answer of Linux once nobody writes any more
		return "", err
	}
	if code := <-ended; code > 1 {
		return "", fmt.Errorf("it ended with %d: %s", code, text)
	}
	return strings.ReplaceAll(string(text), "\r\n", "\n"), nil
}

// openTerminal makes a terminal, and returns both its ends.
func openTerminal() (terminal, program *os.File, err error) {
	if terminal, err = os.OpenFile("/dev/ptmx", os.O_RDWR, 0); err != nil {
		return nil, nil, err
	}
	defer func() {
		if err != nil {
			terminal.Close()
		}
	}()
	fd := int(terminal.Fd())
	if err = unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0); err != nil {
		return nil, nil, err
	}
	number, err := unix.IoctlGetInt(fd, unix.TIOCGPTN)
	if err != nil {
		return nil, nil, err
	}
	if err = unix.IoctlSetWinsize(fd, unix.TIOCSWINSZ, &unix.Winsize{Col: columns, Row: 50}); err != nil {
		return nil, nil, err
	}
	program, err = os.OpenFile("/dev/pts/"+strconv.Itoa(number), os.O_RDWR|syscall.O_NOCTTY, 0)
	return terminal, program, err
}
