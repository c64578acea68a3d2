// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

//go:build unix

// Command measure runs a command, and prints what it took:
//
//	measure COMMAND [ARGUMENT...]
//
// It is small because Linux counts, as memory of a process, what its parent held when it
// was started.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"syscall"
	"time"
)

// Figures are what a command took: times in nanoseconds, and the most memory that was
// resident, in bytes.
type Figures struct {
	Wall, CPU time.Duration
	Memory    int64
}

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
}

func run(command []string) error {
	if len(command) == 0 {
		return errors.New("usage: measure COMMAND [ARGUMENT...]")
	}
	c := exec.Command(command[0], command[1:]...)
	start := time.Now()
	out, err := c.CombinedOutput()
	wall := time.Since(start)
	var exit *exec.ExitError
	// That something falls short, or is to be done, is no failure.
	if err != nil && (!errors.As(err, &exit) || exit.ExitCode() != 1) {
		return fmt.Errorf("%q: %w\n%.2000s", command, err, out)
	}
	usage, ok := c.ProcessState.SysUsage().(*syscall.Rusage)
	if !ok {
		return errors.New("the system does not tell what a process used")
	}
	return json.NewEncoder(os.Stdout).Encode(Figures{
		Wall:   wall,
		CPU:    c.ProcessState.UserTime() + c.ProcessState.SystemTime(),
		Memory: usage.Maxrss * 1024,
	})
}
