// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

//go:build cluster

package fix_test

import (
	"bytes"
	"os"
	"os/exec"
	"testing"

	"k8s.io/cli-runtime/pkg/genericiooptions"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/cmd"
	"github.com/dapr-prod/kubectl-dapr-prod/test/cluster/kube"
)

// asProgram is set for processes of this binary that are the program. Test builds have
// the points at which it can be made to die.
const asProgram = "DAPR_PROD_TEST_PROGRAM"

func program() int {
	args := append([]string{"kubectl-dapr_prod"}, os.Args[1:]...)
	return cmd.Run(args, genericiooptions.IOStreams{In: os.Stdin, Out: os.Stdout, ErrOut: os.Stderr})
}

// process is the program, running on its own.
type process struct {
	*exec.Cmd
	t              testing.TB
	stdout, stderr bytes.Buffer
}

// start starts the program. fault is the point at which it dies, or empty.
func start(t testing.TB, fault string, args ...string) *process {
	t.Helper()
	itself, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	p := &process{Cmd: exec.CommandContext(t.Context(), itself, args...), t: t}
	p.Stdout, p.Stderr = &p.stdout, &p.stderr
	p.Env = append(os.Environ(), asProgram+"=1", "DAPR_PROD_FAULT="+fault)
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	return p
}

// end waits for its end. A process that was killed has the exit code -1.
func (p *process) end() kube.Outcome {
	p.t.Helper()
	_ = p.Wait() // the exit code says it
	kube.Note(p.Args, p.stdout.String(), p.stderr.String())
	return kube.Outcome{Code: p.ProcessState.ExitCode(), Stdout: p.stdout.String(), Stderr: p.stderr.String()}
}
