// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

//go:build charts

package helm_test

import (
	"bytes"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/dapr-prod/kubectl-dapr-prod/test/cluster/kube"
)

// stores tells of requests of a method that change a resource.
func stores(method, resource string) func(*http.Request) bool {
	return func(r *http.Request) bool {
		return r.Method == method && kube.Stores(r) && strings.Contains(r.URL.Path+"/", "/"+resource+"/")
	}
}

// TestLeaves: a Ctrl-C ends an upgrade at a request that is never answered, be it done or
// not; and what was begun can be taken back.
func TestLeaves(t *testing.T) {
	b := newBench(t, "1.18.3", users)
	front, was := b.newFront(), b.stand()
	first := b.recordOf(was.revision)
	records := stores(http.MethodPost, "secrets")
	for _, test := range []struct {
		name string
		at   func(*http.Request) bool
		// done tells that what is asked for is done all the same, and dead that the server
		// answers nothing at all from then on.
		done, dead bool
		// says is said of the release, which is then left so.
		says, left string
	}{
		{"before anything is written", afterPlan("/version"), false, false, "Nothing is written.", "deployed"},
		{"at its record", records, false, false, "whether revision 2 of release dapr was begun is not known: ", "deployed"},
		{"at its record, which is made", records, true, false, "whether revision 2 of release dapr was begun is not known: ", "pending-upgrade"},
		{"at an object", stores(http.MethodPatch, "deployments"), false, false, "revision 2 of release dapr failed: ", "failed"},
		{"at an object, of a server that is gone", stores(http.MethodPatch, "deployments"), false, true, "revision 2 of release dapr failed: ", "pending-upgrade"},
		{"while it waits", func(r *http.Request) bool { return kube.Watches(r) && strings.HasSuffix(r.URL.Path, "/deployments") }, false, false, "revision 2 of release dapr failed: ", "failed"},
		{"at the record of what is done", stores(http.MethodPut, "secrets"), false, false, "revision 2 of release dapr failed: ", "pending-upgrade"},
	} {
		t.Run(test.name, func(t *testing.T) {
			b := b.with(t)
			command := []string{"fix", "--scope=control-plane", "injector-watchdog", "--helm-upgrade", "--chart", b.chart, "--yes", "--kubeconfig"}
			arrived := make(chan struct{})
			var once sync.Once
			at := test.at
			front.With(kube.Hanging(func(r *http.Request) bool {
				hangs := at(r)
				if hangs {
					if test.done {
						front.Does(r)
					}
					once.Do(func() { close(arrived) })
				}
				select {
				case <-arrived:
					return hangs || test.dead
				default:
					return false
				}
			}))
			o := b.leaves(arrived, append(slices.Clone(command), front.Kubeconfig)...)
			front.With(nil)
			is := b.stand()
			begun := strings.Contains(test.says, "revision")
			if o.Code != 2 || !oneSentence(o.Stderr) || !strings.HasSuffix(o.Stderr, "error: interrupted\n") || !strings.Contains(o.Stderr, test.says) ||
				begun != strings.Contains(o.Stderr, was.back()) {
				t.Errorf("exit code %d\n%s", o.Code, o.Stderr)
			}
			if is.status != test.left {
				t.Errorf("it is %s at revision %d", is.status, is.revision)
			}
			if is.revision == was.revision {
				if !is.same(was) {
					t.Errorf("something is written: %v", whole(was.contents, nil, is.contents))
				}
				return
			}
			s := &sweep{bench: b, front: front, command: append(command, b.kubeconfig), was: was, first: first}
			s.again(test.name, is)
			s.restore(test.name)
		})
	}
}

// afterPlan fits requests that end so, once the server was asked what it says to the last
// object of the upgrade.
func afterPlan(end string) func(*http.Request) bool {
	var planned atomic.Bool
	return func(r *http.Request) bool {
		if kube.Tries(r) && r.URL.Query().Get("force") == "false" && strings.HasSuffix(r.URL.Path, "/daprsystem") {
			planned.Store(true)
		}
		return planned.Load() && strings.HasSuffix(r.URL.Path, end)
	}
}

// patience is when a program counts as one that does not leave.
const patience = time.Minute

// leaves runs the program, and sends it a Ctrl-C once a request has arrived.
func (b *bench) leaves(arrived <-chan struct{}, args ...string) kube.Outcome {
	b.t.Helper()
	p, ended := b.program(args...)
	select {
	case <-arrived:
		if err := p.Process.Signal(os.Interrupt); err != nil {
			b.t.Error(err)
		}
	case <-ended:
		b.t.Error("it ended before that request")
	}
	select {
	case <-ended:
	case <-time.After(patience):
		b.t.Errorf("it is still there %s after a Ctrl-C", patience)
		_ = p.Process.Kill()
	}
	return b.outcome(p, ended)
}

// program starts the program as a process of its own, and tells when it has ended.
func (b *bench) program(args ...string) (*exec.Cmd, <-chan struct{}) {
	b.t.Helper()
	p := exec.CommandContext(b.t.Context(), os.Args[0], args...)
	p.Env = append(os.Environ(), asProgram+"=1")
	p.Stdout, p.Stderr = &bytes.Buffer{}, &bytes.Buffer{}
	if err := p.Start(); err != nil {
		b.t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		_ = p.Wait() // the exit code says it
		close(ended)
	}()
	return p, ended
}

// logs is how lines of the log begin that the client's libraries write.
var logs = regexp.MustCompile(`(?m)^[IWEF]\d{4} `)

// outcome waits for the end of a program. Beside what it says itself, nothing is said.
func (b *bench) outcome(p *exec.Cmd, ended <-chan struct{}) kube.Outcome {
	b.t.Helper()
	<-ended
	o := kube.Outcome{Code: p.ProcessState.ExitCode(), Stdout: fmt.Sprint(p.Stdout), Stderr: fmt.Sprint(p.Stderr)}
	kube.Note(p.Args, o.Stdout, o.Stderr)
	b.silent(o.Stdout + o.Stderr)
	if logs.MatchString(o.Stderr) {
		b.t.Errorf("beside what is said, the client's own log is written:\n%s", o.Stderr)
	}
	return o
}
