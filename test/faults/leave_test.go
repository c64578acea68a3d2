// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

//go:build cluster

package faults_test

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/dapr-prod/kubectl-dapr-prod/test/cluster/kube"
)

// leaving is a command in a process of its own, at a request that is never answered.
type leaving struct {
	name string
	args []string
	at   func(*http.Request) bool
	// says is what it says of a write.
	says string
	// back takes back what its journal has, where it writes.
	back []string
}

// TestLeaves: whatever is waited for, a Ctrl-C ends it, be it an answer that never comes.
// Only the answer to a write is given a moment; what was written can be taken back.
func TestLeaves(t *testing.T) {
	t.Parallel()
	for _, l := range append(leavesReading(t), leavesWriting()...) {
		t.Run(l.name, func(t *testing.T) {
			ns := shop(t, 0)
			was, front, journal := state(t, ns), cluster.Front(t), filepath.Join(t.TempDir(), "journal")
			args := append(slices.Clone(l.args), "--kubeconfig", front.Kubeconfig)
			if !slices.Contains(args, "--scope=control-plane") {
				args = append(args, "-n", ns.Name)
			}
			if l.back != nil {
				args = append(args, "--yes", "--journal", journal)
			}
			arrived := hang(front, l.at)
			o := interrupted(t, arrived, args...)
			leaves(t, o, l.says)
			front.With(nil)
			if l.back != nil {
				if o := kube.Run(t, append(slices.Clone(l.back), "--revert", journal)...); o.Code != 0 {
					t.Errorf("taken back: exit code %d\n%s%s", o.Code, o.Stdout, o.Stderr)
				}
			}
			back(t, l.name, was, state(t, ns))
		})
	}
}

// TestLeavesARevert: a revert that is left goes on when it is run again.
func TestLeavesARevert(t *testing.T) {
	t.Parallel()
	ns, front := shop(t, 0), cluster.Front(t)
	was := state(t, ns)
	for _, w := range writings(ns) {
		journal := filepath.Join(t.TempDir(), "journal")
		if o := w.to(t, cluster.Kubeconfig, journal); o.Code != 0 {
			t.Fatalf("%s: exit code %d\n%s%s", w.name, o.Code, o.Stdout, o.Stderr)
		}
		for name, at := range map[string]func(*http.Request) bool{
			"at what is there": func(r *http.Request) bool {
				return r.Method == http.MethodGet && strings.Contains(r.URL.Path, "/deployments/")
			},
			"at the write": kube.Stores,
		} {
			t.Run(w.name+" --revert, "+name, func(t *testing.T) {
				arrived := hang(front, at)
				leaves(t, interrupted(t, arrived, slices.Concat(w.back, []string{"--revert", journal, "--kubeconfig", front.Kubeconfig})...), "")
			})
		}
		if o := w.undo(t, cluster.Kubeconfig, journal); o.Code != 0 {
			t.Errorf("%s: exit code %d\n%s%s", w.name, o.Code, o.Stdout, o.Stderr)
		}
		back(t, w.name, was, state(t, ns))
	}
}

// leavesReading are commands that write nothing.
func leavesReading(t *testing.T) []leaving {
	t.Helper()
	in := kube.At
	part := func(part string) func(*http.Request) bool {
		return func(r *http.Request) bool { return strings.Contains(r.URL.Path, part) }
	}
	fix := func(args ...string) []string { return append([]string{"fix", "--dry-run=server"}, args...) }
	helm := fix("--scope=control-plane", "--helm-upgrade", "--chart", filepath.Join(filepath.Dir(cluster.StateFile), "chart", "dapr"))
	prometheus := []string{"sizing", "--prometheus-url", silent(t)}
	return []leaving{
		{"check, at the first request", []string{"check"}, in("/version"), "", nil},
		{"check, at a list", []string{"check"}, in("/pods"), "", nil},
		{"check, at what is got by name", []string{"check"}, in("/mcpservers.dapr.io"), "", nil},
		{"a dry run, at a list", fix(), in("/statefulsets"), "", nil},
		{"a dry run, at its mapping", fix("deployment/orders", "--cache-dir", t.TempDir()), in("/apis"), "", nil},
		{"a dry run, at a patch", fix(), kube.Tries, "", nil},
		{"a dry run, at a Pod", fix(), func(r *http.Request) bool { return r.Method == http.MethodPost }, "", nil},
		{"values, at the release", []string{"fix", "--scope=control-plane"}, part("/secrets"), "", nil},
		{"--helm-upgrade, at the release", helm, part("/secrets"), "", nil},
		{"--helm-upgrade, at what the server serves", append(slices.Clone(helm), "--cache-dir", t.TempDir()), in("/apis"), "", nil},
		{"--helm-upgrade, at its rehearsal", helm, func(r *http.Request) bool { return kube.Tries(r) && r.Method == http.MethodPatch }, "", nil},
		{"harden, at what it looks at alone", []string{"harden", "service-account-token", "--dry-run=server"}, in("/rolebindings"), "", nil},
		{"sizing, at a list", []string{"sizing"}, in("/pods"), "", nil},
		{"sizing, where it looks for a Prometheus", []string{"sizing"}, in("/api/v1/services"), "", nil},
		{"sizing, at metrics-server", []string{"sizing", "--source=metrics"}, part("/apis/metrics.k8s.io"), "", nil},
		{"sizing, at Prometheus", prometheus, nil, "", nil},
	}
}

// leavesWriting are commands that write.
func leavesWriting() []leaving {
	const unknown = "the server had not answered yet; whether it was written is not known"
	fix, harden := []string{"fix", "sidecar-seccomp", "sidecar-soft-memory-limit"}, []string{"harden", "api-token", "app-token", "deployment/stock"}
	changes := func(r *http.Request) bool { return kube.Stores(r) && r.Method == http.MethodPatch }
	makes := func(r *http.Request) bool { return kube.Stores(r) && r.Method == http.MethodPost }
	return []leaving{
		{"fix, at the write", fix, changes, unknown, []string{"fix", "--yes"}},
		{"sizing --apply, at the write", []string{"sizing", "--apply", "--source=guidelines", "--allow-low-confidence"}, changes, unknown, []string{"fix", "--yes"}},
		{"harden, at the Secret", harden, makes, "whether", []string{"harden", "--yes"}},
		{"harden, between the Secrets and the template", harden, changes, unknown, []string{"harden", "--yes"}},
	}
}

// asked are told of the first request that hangs.
var asked = map[string]chan struct{}{}

// silent is a Prometheus that answers nothing.
func silent(t *testing.T) string {
	t.Helper()
	arrived := make(chan struct{})
	var once sync.Once
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		once.Do(func() { close(arrived) })
		<-r.Context().Done()
	}))
	t.Cleanup(server.Close)
	asked[server.URL] = arrived
	return server.URL
}

// hang lets the requests that fit wait for ever, and tells of the first of them.
func hang(front *kube.Front, at func(*http.Request) bool) <-chan struct{} {
	arrived := make(chan struct{})
	var once sync.Once
	front.With(kube.Hanging(func(r *http.Request) bool {
		if at == nil || !at(r) {
			return false
		}
		once.Do(func() { close(arrived) })
		return true
	}))
	return arrived
}

// patience is when a program counts as one that does not leave.
const patience = time.Minute

// interrupted runs the program, and sends it a Ctrl-C once that is told.
func interrupted(t *testing.T, arrived <-chan struct{}, args ...string) kube.Outcome {
	t.Helper()
	if i := slices.Index(args, "--prometheus-url"); i >= 0 {
		arrived = asked[args[i+1]]
	}
	itself, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	var stdout, stderr bytes.Buffer
	p := exec.CommandContext(t.Context(), itself, args...)
	p.Env = append(os.Environ(), asProgram+"=1")
	p.Stdout, p.Stderr = &stdout, &stderr
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		_ = p.Wait() // the exit code says it
		close(ended)
	}()
	select {
	case <-arrived:
		if err := p.Process.Signal(os.Interrupt); err != nil {
			t.Error(err)
		}
	case <-ended:
		t.Error("it ended before that request")
	}
	select {
	case <-ended:
	case <-time.After(patience):
		t.Errorf("it is still there %s after a Ctrl-C", patience)
		_ = p.Process.Kill()
		<-ended
	}
	kube.Note(p.Args, stdout.String(), stderr.String())
	return kube.Outcome{Code: p.ProcessState.ExitCode(), Stdout: stdout.String(), Stderr: stderr.String()}
}

// leaves holds a run that was interrupted against what is to be said of it.
func leaves(t *testing.T, o kube.Outcome, says string) {
	t.Helper()
	oneSentence(t, "Ctrl-C", o)
	if o.Code != 2 || !strings.HasSuffix(o.Stderr, "error: interrupted\n") || !strings.Contains(said(o), says) {
		t.Errorf("exit code %d, want 2 with %q\n%s%s", o.Code, says, o.Stdout, o.Stderr)
	}
}
