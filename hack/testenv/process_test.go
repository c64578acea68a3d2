// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

func newTestSupervisor(t *testing.T) (*supervisor, chan *process) {
	t.Helper()
	exits := make(chan *process, 10)
	s, err := newSupervisor(t.TempDir(), func(p *process) { exits <- p })
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.stop)
	return s, exits
}

func TestSupervisorReportsDeath(t *testing.T) {
	s, exits := newTestSupervisor(t)
	if _, err := s.start(program{name: "victim", path: "/bin/sh", args: []string{"-c", "echo out of $THING; exit 3"}, env: []string{"THING=luck"}}); err != nil {
		t.Fatal(err)
	}
	report := (<-exits).exitReport().Error()
	for _, part := range []string{"victim", "exit status 3", "out of luck"} {
		if !strings.Contains(report, part) {
			t.Errorf("%q does not tell %q", report, part)
		}
	}
}

func TestSupervisorStopsAll(t *testing.T) {
	s, exits := newTestSupervisor(t)
	for _, name := range []string{"one", "two"} {
		if _, err := s.start(program{name: name, path: "/bin/sleep", args: []string{"1000"}}); err != nil {
			t.Fatal(err)
		}
	}
	if pids := s.pids(); len(pids) != 3 {
		t.Errorf("pids are %v", pids)
	}
	s.stop()
	if len(exits) > 0 {
		t.Error("a death that was asked for was reported")
	}
	if _, err := s.start(program{name: "late", path: "/bin/true"}); err == nil {
		t.Error("a process was started after the stop")
	}
}

func TestBoundEndsWithItsProcess(t *testing.T) {
	s, _ := newTestSupervisor(t)
	p, err := s.start(program{name: "short", path: "/bin/sh", args: []string{"-c", "exit 1"}})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := p.bound(t.Context())
	defer cancel()
	err = waitFor(ctx, "short", time.Minute, func(context.Context) error { return errors.New("no answer") })
	if err == nil || !strings.Contains(err.Error(), "short ended") {
		t.Errorf("got %v, want the process's end as the reason", err)
	}
}

func TestWaitForTellsTheLastAnswer(t *testing.T) {
	err := waitFor(t.Context(), "thing", 10*time.Millisecond, func(context.Context) error { return errors.New("still warming up") })
	if err == nil || !strings.Contains(err.Error(), "thing is not ready") || !strings.Contains(err.Error(), "still warming up") {
		t.Errorf("got %v", err)
	}
}

func TestTail(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log")
	if err := os.WriteFile(path, []byte("first line\nsecond\nthird\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	for limit, want := range map[int64]string{100: "first line\nsecond\nthird", 16: "second\nthird"} {
		if got := string(tail(path, limit)); got != want {
			t.Errorf("tail %d: got %q, want %q", limit, got, want)
		}
	}
}

func TestExitOf(t *testing.T) {
	for script, want := range map[string]error{"true": nil, "exit 7": exitError(7), "kill -9 $$": exitError(137)} {
		if got := exitOf(exec.Command("/bin/sh", "-c", script).Run()); !errors.Is(got, want) {
			t.Errorf("%s: got %v, want %v", script, got, want)
		}
	}
}

func TestClusterOptionsArgs(t *testing.T) {
	typed := []string{"--dir", "/cluster", "--limit-critical", "--watchdog", "--helm-values", "values.yaml", "--helm-set", "a=b", "--helm-set", "c=d,e=f"}
	options, err := parseUp("up", typed)
	if err != nil {
		t.Fatal(err)
	}
	if got := options.args(); !slices.Equal(got, typed) {
		t.Errorf("got %v, want %v", got, typed)
	}
	if _, err := parseUp("up", nil); err == nil {
		t.Error("up without --dir was accepted")
	}
}

func TestFreePortsDiffer(t *testing.T) {
	ports, err := freePorts(20)
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(ports)
	if len(slices.Compact(ports)) != 20 || ports[0] < firstPort || ports[19] >= lastPort {
		t.Errorf("ports are %v", ports)
	}
}
