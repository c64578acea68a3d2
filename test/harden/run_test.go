// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

//go:build cluster

package harden_test

import (
	"bytes"
	"context"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/dapr-prod/kubectl-dapr-prod/test/cluster/kube"
)

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

// end waits for its end, and keeps what it said. A process that was killed has the exit
// code -1.
func (p *process) end() kube.Outcome {
	p.t.Helper()
	_ = p.Wait() // the exit code says it
	kube.Note(p.Args, p.stdout.String(), p.stderr.String())
	return kube.Outcome{Code: p.ProcessState.ExitCode(), Stdout: p.stdout.String(), Stderr: p.stderr.String()}
}

// dapr runs the program to its end, where the client logs as much as it will.
func dapr(t testing.TB, args ...string) kube.Outcome {
	t.Helper()
	return start(t, "", append(args, "-v=9")...).end()
}

// ends holds a run against its exit code and against sentences on either output. Runs
// of blanks count as one, since sentences are wrapped.
func ends(t testing.TB, o kube.Outcome, code int, sentences ...string) {
	t.Helper()
	if o.Code != code {
		t.Errorf("exit code %d, want %d", o.Code, code)
	}
	text := strings.Join(strings.Fields(o.Stdout+"\n"+o.Stderr), " ")
	for _, s := range sentences {
		if !strings.Contains(text, s) {
			t.Errorf("it does not say %q", s)
		}
	}
	if strings.Contains(text, "goroutine") {
		t.Error("a stack trace")
	}
	if t.Failed() {
		t.Logf("%s%s", o.Stdout, withoutLog(o.Stderr))
	}
}

// withoutLog is a text without the lines of the client's log.
func withoutLog(text string) string {
	return strings.Join(slices.DeleteFunc(strings.Split(text, "\n"), func(line string) bool {
		return strings.HasPrefix(line, "I") && strings.Contains(line, "] ") || strings.TrimSpace(line) == ">" || strings.HasPrefix(line, "\t")
	}), "\n")
}

// before does something once, right before the server gets the first request that fits.
func before(t testing.TB, fits func(*http.Request) bool, do func(context.Context) error) *kube.Front {
	front := cluster.Front(t)
	var once sync.Once
	front.With(func(_ http.ResponseWriter, r *http.Request) bool {
		if fits(r) {
			once.Do(func() {
				if err := do(context.WithoutCancel(r.Context())); err != nil {
					t.Error(err)
				}
			})
		}
		return false
	})
	t.Cleanup(func() {
		missed := false
		once.Do(func() { missed = true })
		if missed {
			t.Error("the request never came")
		}
	})
	return front
}

// writes tells whether a request stores a change of a workload, makes whether one stores
// a Secret.
func writes(r *http.Request) bool {
	return r.Method == http.MethodPatch && !strings.Contains(r.URL.Path, "/secrets/") && r.URL.Query().Get("dryRun") == ""
}

func makes(r *http.Request) bool {
	return r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, "/secrets") && r.URL.Query().Get("dryRun") == ""
}
