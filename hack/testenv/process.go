// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// process is a running child whose output goes to a log file.
type process struct {
	name string
	cmd  *exec.Cmd
	log  string
	done chan struct{}
	err  error // why it ended; valid once done is closed

	unwanted atomic.Bool // its end was asked for
}

// program is what is needed to start a process.
type program struct {
	name string
	path string
	args []string
	env  []string // on top of cleanEnvironment
}

// supervisor starts the cluster's processes and ends them all together.
type supervisor struct {
	logs   string
	onExit func(*process) // told about an exit that nobody asked for

	mu       sync.Mutex
	running  []*process
	stopping bool
}

func newSupervisor(logs string, onExit func(*process)) (*supervisor, error) {
	if err := os.MkdirAll(logs, 0o755); err != nil {
		return nil, err
	}
	return &supervisor{logs: logs, onExit: onExit}, nil
}

func (s *supervisor) start(p program) (*process, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stopping {
		return nil, fmt.Errorf("%s is not started: testenv is stopping", p.name)
	}
	log, err := os.OpenFile(filepath.Join(s.logs, p.name+".log"), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o644)
	if err != nil {
		return nil, err
	}
	defer log.Close() // the child has its own copy
	cmd := exec.Command(p.path, p.args...)
	cmd.Env = append(cleanEnvironment(), p.env...)
	cmd.Stdout, cmd.Stderr = log, log
	cmd.SysProcAttr = childAttributes()
	if err := startOnLastingThread(cmd); err != nil {
		return nil, fmt.Errorf("%s cannot be started: %w", p.name, err)
	}
	child := &process{name: p.name, cmd: cmd, log: log.Name(), done: make(chan struct{})}
	s.running = append(s.running, child)
	go func() {
		child.err = cmd.Wait()
		close(child.done)
		if !child.unwanted.Load() {
			s.onExit(child)
		}
	}()
	return child, nil
}

// end kills one process and waits for it. Nothing of the cluster outlives it,
// so there is nothing to shut down gently.
func (s *supervisor) end(p *process) {
	p.kill()
	<-p.done
	s.mu.Lock()
	defer s.mu.Unlock()
	s.running = slices.DeleteFunc(s.running, func(other *process) bool { return other == p })
}

func (p *process) kill() {
	p.unwanted.Store(true)
	select {
	case <-p.done: // its number may belong to somebody else by now
	default:
		killGroup(p.cmd.Process.Pid, syscall.SIGKILL)
	}
}

// bound returns a context that also ends, with the reason, when the process
// does: nobody needs to wait for the answer of a program that died.
func (p *process) bound(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancelCause(ctx)
	go func() {
		select {
		case <-p.done:
			cancel(p.exitReport())
		case <-ctx.Done():
		}
	}()
	return ctx, func() { cancel(nil) }
}

// stop kills every process, waits until none is left, and starts no more.
func (s *supervisor) stop() {
	s.mu.Lock()
	s.stopping = true
	running := slices.Clone(s.running)
	s.mu.Unlock()
	for _, p := range running {
		p.kill()
	}
	for _, p := range running {
		<-p.done
	}
}

func (s *supervisor) pids() map[string]int {
	s.mu.Lock()
	defer s.mu.Unlock()
	pids := map[string]int{"testenv": os.Getpid()}
	for _, p := range s.running {
		pids[p.name] = p.cmd.Process.Pid
	}
	return pids
}

// exitReport says why a process ended, with the end of what it wrote.
func (p *process) exitReport() error {
	reason := "it returned 0"
	if p.err != nil {
		reason = p.err.Error()
	}
	return fmt.Errorf("%s ended (%s); the end of %s:\n%s", p.name, reason, p.log, tail(p.log, 4096))
}

// tail returns the last whole lines of a file, at most limit bytes.
func tail(path string, limit int64) []byte {
	file, err := os.Open(path)
	if err != nil {
		return []byte(err.Error())
	}
	defer file.Close()
	cut := false
	if info, err := file.Stat(); err == nil && info.Size() > limit {
		_, err = file.Seek(-limit, io.SeekEnd)
		cut = err == nil
	}
	content, err := io.ReadAll(file)
	if err != nil {
		return []byte(err.Error())
	}
	if _, rest, found := bytes.Cut(content, []byte("\n")); cut && found {
		content = rest
	}
	return bytes.TrimRight(content, "\n")
}

// killGroup signals a child and all its own children; it may be gone already.
func killGroup(pid int, signal syscall.Signal) {
	if err := syscall.Kill(-pid, signal); err != nil && !errors.Is(err, syscall.ESRCH) {
		note("process group %d cannot be signalled: %v", pid, err)
	}
}

// cleanEnvironment keeps what programs need to run and drops what would point
// them at somebody's real cluster.
func cleanEnvironment() []string {
	env := []string{}
	for _, name := range []string{"PATH", "HOME", "TMPDIR", "USER", "SSL_CERT_FILE", "SSL_CERT_DIR"} {
		if value, set := os.LookupEnv(name); set {
			env = append(env, name+"="+value)
		}
	}
	return env
}

var starts = sync.OnceValue(func() chan<- func() {
	queue := make(chan func())
	go func() {
		runtime.LockOSThread()
		for start := range queue {
			start()
		}
	}()
	return queue
})

// startOnLastingThread starts a child from one thread that lives as long as
// testenv: the kernel sends the parent-death signal when the starting *thread*
// ends, and Go ends idle threads at will.
func startOnLastingThread(cmd *exec.Cmd) error {
	result := make(chan error)
	starts() <- func() { result <- cmd.Start() }
	return <-result
}

// waitFor polls until ready returns nil. The error it ends with names what was
// waited for and the last answer.
func waitFor(ctx context.Context, what string, limit time.Duration, ready func(context.Context) error) error {
	limited, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	for {
		err := ready(limited)
		if err == nil {
			return nil
		}
		select {
		case <-time.After(100 * time.Millisecond):
		case <-limited.Done():
			if cause := context.Cause(ctx); cause != nil {
				return cause
			}
			return fmt.Errorf("%s is not ready after %s: %w", what, limit, err)
		}
	}
}

// repeat calls work until the context ends. A failure is told once, until the
// work succeeds again or fails for another reason.
func repeat(ctx context.Context, interval time.Duration, work func(context.Context) error) {
	told := ""
	for {
		err := work(ctx)
		if err == nil {
			told = ""
		} else if err.Error() != told && ctx.Err() == nil {
			told = err.Error()
			note("%v", err)
		}
		select {
		case <-time.After(interval):
		case <-ctx.Done():
			return
		}
	}
}
