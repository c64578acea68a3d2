// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

//go:build cluster

package faults_test

import (
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dapr-prod/kubectl-dapr-prod/test/cluster/kube"
)

// aggregatedDown is what is said where metrics.k8s.io is needed.
const aggregatedDown = "metrics.k8s.io does not answer: its metrics-server is not ready"

// conditions are what a server may be like for the whole of a run.
func conditions(t *testing.T) map[string]func() kube.Fault {
	same := func(fault kube.Fault) func() kube.Fault { return func() kube.Fault { return fault } }
	return map[string]func() kube.Fault{
		"429 with Retry-After":                           kube.Busy,
		"410 on every continue token":                    same(kube.Expiring),
		"an aggregated API is down":                      same(cluster.WithoutAggregated(t, true)),
		"an aggregated API is down, and discovery older": same(cluster.WithoutAggregated(t, false)),
	}
}

// TestConditions: what can be had all the same is had, and is the right answer.
func TestConditions(t *testing.T) {
	t.Parallel()
	ns, front := shop(t, 1), cluster.Front(t)
	for name, begin := range conditions(t) {
		for _, c := range reads(ns) {
			t.Run(c.name+", "+name, func(t *testing.T) {
				front.With(begin())
				o := c.by(t, front.Kubeconfig)
				code, says := c.code, c.says
				switch down := strings.HasPrefix(name, "an aggregated"); {
				case down && c.name == "sizing":
					says = aggregatedDown // and the numbers are others
				case down && c.name == "sizing --source=metrics":
					code, says = 2, "error: "+aggregatedDown
				case strings.HasPrefix(name, "410") && c.name == "completion":
					says = "" // kubectl's, which offers nothing then
				}
				if o.Code != code || !strings.Contains(said(o), says) {
					t.Errorf("exit code %d, want %d with %q\n%s%s", o.Code, code, says, o.Stdout, o.Stderr)
				}
				for _, passing := range []string{"too many requests", "continue parameter"} {
					if strings.Contains(said(o), passing) {
						t.Errorf("it gave up at %q\n%s%s", passing, o.Stdout, o.Stderr)
					}
				}
			})
		}
	}
}

// TestNoAnswerInTime: an answer that takes for ever ends when the user says so.
func TestNoAnswerInTime(t *testing.T) {
	t.Parallel()
	ns, front := shop(t, 0), cluster.Front(t)
	front.With(kube.Hanging(func(r *http.Request) bool {
		return strings.HasSuffix(r.URL.Path, "/deployments") || strings.HasSuffix(r.URL.Path, "/namespaces")
	}))
	for _, c := range reads(ns) {
		t.Run(c.name, func(t *testing.T) {
			o := c.by(t, front.Kubeconfig, "--request-timeout=1s")
			if c.name == "completion" {
				if o.Code != 0 || strings.Contains(o.Stdout, c.says) {
					t.Errorf("exit code %d\n%s%s", o.Code, o.Stdout, o.Stderr)
				}
				return
			}
			sentenceAlone(t, c.name, o)
			if o.Code != 2 || !strings.Contains(o.Stderr, "did not answer in time: see --request-timeout") {
				t.Errorf("exit code %d\n%s%s", o.Code, o.Stdout, o.Stderr)
			}
		})
	}
}

// TestWritesAllTheSame: what is written is written, and taken back, through a server that
// is busy, forgets its pages, closes its watches, or lacks an API.
func TestWritesAllTheSame(t *testing.T) {
	t.Parallel()
	ns, front := shop(t, 1), cluster.Front(t)
	all := conditions(t)
	all["a watch that closes"] = func() kube.Fault { return kube.Closing }
	all["a watch that is torn"] = func() kube.Fault { return kube.Torn }
	was, folder := state(t, ns), t.TempDir()
	for name, begin := range all {
		for _, w := range writings(ns) {
			t.Run(w.name+", "+name, func(t *testing.T) {
				journal := filepath.Join(folder, strings.ReplaceAll(t.Name(), "/", "-"))
				front.With(begin())
				if o := w.to(t, front.Kubeconfig, journal); o.Code != 0 || !strings.Contains(o.Stdout, "written and seen to hold") {
					t.Errorf("exit code %d\n%s%s", o.Code, o.Stdout, o.Stderr)
				}
				front.With(begin())
				if o := w.undo(t, front.Kubeconfig, journal); o.Code != 0 {
					t.Errorf("taken back: exit code %d\n%s%s", o.Code, o.Stdout, o.Stderr)
				}
				back(t, name, was, state(t, ns))
			})
		}
	}
}

// TestNeverAnswered: of a write without an answer nobody knows whether it was made. That
// is said, and either way it can be taken back.
func TestNeverAnswered(t *testing.T) {
	t.Parallel()
	ns, front := shop(t, 0), cluster.Front(t)
	was := state(t, ns)
	for _, w := range writings(ns) {
		t.Run(w.name, func(t *testing.T) {
			journal := filepath.Join(t.TempDir(), "journal")
			front.With(kube.Hanging(func(r *http.Request) bool { return kube.Stores(r) && r.Method == http.MethodPatch }))
			o := w.to(t, front.Kubeconfig, journal, "--request-timeout=3s")
			if o.Code != 2 || !strings.Contains(said(o), "whether it was written is not known") {
				t.Errorf("exit code %d\n%s%s", o.Code, o.Stdout, o.Stderr)
			}
			front.With(nil)
			if o := w.undo(t, front.Kubeconfig, journal); o.Code != 0 {
				t.Errorf("taken back: exit code %d\n%s%s", o.Code, o.Stdout, o.Stderr)
			}
			back(t, w.name, was, state(t, ns))
		})
	}
}
