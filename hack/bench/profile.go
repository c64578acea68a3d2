// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

//go:build unix

package main

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"runtime/pprof"

	"k8s.io/cli-runtime/pkg/genericiooptions"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/cmd"
)

// profile runs a command of the plugin in this process, and leaves what it took in a
// folder: cpu.pprof, and allocs.pprof with all that was allocated.
func profile(folder string, args []string) error {
	runtime.MemProfileRate = 64 << 10
	out, err := os.Create(filepath.Join(folder, "cpu.pprof"))
	if err != nil {
		return err
	}
	defer out.Close()
	if err := pprof.StartCPUProfile(out); err != nil {
		return err
	}
	code := cmd.Run(append([]string{"kubectl-dapr_prod"}, args...), genericiooptions.IOStreams{In: os.Stdin, Out: os.Stdout, ErrOut: os.Stderr})
	pprof.StopCPUProfile()
	if code > 1 {
		return fmt.Errorf("it ended with %d", code)
	}
	allocs, err := os.Create(filepath.Join(folder, "allocs.pprof"))
	if err != nil {
		return err
	}
	defer allocs.Close()
	return pprof.Lookup("allocs").WriteTo(allocs, 0)
}
