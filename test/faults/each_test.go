// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

//go:build cluster

package faults_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/report"
	"github.com/dapr-prod/kubectl-dapr-prod/test/cluster/kube"
)

// takenAt is the time of a report, another one each time.
var takenAt = regexp.MustCompile(`"takenAt": "[^"]*"`)

// TestReads: whatever goes wrong with any request, what is said is what is said without
// that, or less, and that it is less; or one sentence. Nothing is written.
func TestReads(t *testing.T) {
	t.Parallel()
	ns, front := shop(t, 1), cluster.Front(t)
	was := state(t, ns)
	for _, c := range reads(ns) {
		t.Run(c.name, func(t *testing.T) {
			run := func() kube.Outcome {
				o := c.by(t, front.Kubeconfig)
				o.Stdout = takenAt.ReplaceAllString(o.Stdout, `"takenAt": "2000-01-01T00:00:00Z"`)
				return o
			}
			var well kube.Outcome
			all := front.Asks(func() { well = run() })
			if well.Code != c.code || !strings.Contains(said(well), c.says) {
				t.Fatalf("without a fault: exit code %d\n%s%s", well.Code, well.Stdout, well.Stderr)
			}
			if i := slices.IndexFunc(all, func(a string) bool { return strings.HasPrefix(a, "stores: ") }); i >= 0 {
				t.Errorf("it writes: %s", all[i])
			}
			every := kube.Sparse
			if c.name == upgrade {
				every = 100 // it asks for each object of the release, several times
			}
			kube.EachFault(t, all, every, func(which, name string, answer func(http.ResponseWriter)) {
				front.Failing(which, answer)
				less(t, c, name+" at "+which, well, run())
			})
		})
	}
	back(t, "commands that only read", was, state(t, ns))
}

// less holds a run at a faulty server against one at a server that is well.
func less(t testing.TB, c command, what string, well, o kube.Outcome) {
	t.Helper()
	switch {
	case o.Code == well.Code && o.Stdout == well.Stdout:
	case o.Code == 2 && c.name == upgrade:
		oneSentence(t, what, o) // below the values
	case o.Code == 2:
		sentenceAlone(t, what, o)
	case o.Code != well.Code:
		t.Errorf("%s: exit code %d, and %d without that\n%s%s", what, o.Code, well.Code, o.Stdout, o.Stderr)
	case c.name == "completion":
		if strings.HasPrefix(o.Stdout, "dapr") {
			t.Errorf("%s: it offers %s", what, o.Stdout)
		}
	case c.name == "check":
		judged, _ := outcomes(t, well)
		weaker(t, what, judged, o)
	case strings.HasPrefix(c.name, "sizing") && well.Code == 0:
		var now struct{ Warnings []string }
		if err := json.Unmarshal([]byte(o.Stdout), &now); err != nil || len(now.Warnings) == 0 {
			t.Errorf("%s: other numbers, and no warning: %v\n%s%s", what, err, o.Stdout, o.Stderr)
		}
	}
}

// worse are the outcomes, the worst last.
var worse = []guideline.Outcome{"", guideline.Skipped, guideline.Passed, guideline.Unjudged, guideline.Failed}

// outcomes are the worst that a report says, by guideline and object, and its gaps. Where a
// field is depends on whether a template was seen.
func outcomes(t testing.TB, o kube.Outcome) (all map[string]guideline.Outcome, gaps []string) {
	t.Helper()
	var r report.Report
	if err := json.Unmarshal([]byte(o.Stdout), &r); err != nil {
		t.Fatalf("%v: %s%s", err, o.Stdout, o.Stderr)
	}
	all = map[string]guideline.Outcome{}
	for _, result := range r.Results {
		key := fmt.Sprintf("%s on %s", result.Guideline, result.Object)
		if rank := slices.Index(worse, result.Outcome); rank >= slices.Index(worse, all[key]) {
			all[key] = result.Outcome
		}
	}
	return all, r.Cluster.Gaps
}

// weaker holds a report of a faulty server against the one of a server that is well:
// nothing is said for certain that is not so.
func weaker(t testing.TB, what string, well map[string]guideline.Outcome, o kube.Outcome) {
	t.Helper()
	now, gaps := outcomes(t, o)
	for key, outcome := range now {
		certain := outcome == guideline.Passed || outcome == guideline.Failed
		if certain && well[key] != outcome {
			t.Errorf("%s: %s: %s, and was %q", what, key, outcome, well[key])
		}
	}
	if len(gaps) == 0 {
		t.Errorf("%s: another report, and nothing is missing:\n%s", what, o.Stderr)
	}
}

// TestWrites: an object is written as a whole or not at all, what is said to be done is
// done, and all of it can be taken back, at a server at which anything goes wrong.
func TestWrites(t *testing.T) {
	t.Parallel()
	for _, which := range []int{0, 1, 2} {
		ns := shop(t, 1)
		w := writings(ns)[which]
		t.Run(w.name, func(t *testing.T) {
			t.Parallel()
			s := &sweep{writing: w, t: t, ns: ns, front: cluster.Front(t), folder: t.TempDir(), was: state(t, ns)}
			s.writes()
			s.reverts()
		})
	}
}

// sweep lets each request of a command fail that writes, and of the one that takes it back.
type sweep struct {
	writing
	t         *testing.T
	ns        *kube.Namespace
	front     *kube.Front
	folder    string
	runs      int
	was, will map[string]string
}

// impatient does not wait for long for Pods of which nothing can be seen.
const impatient = "--timeout=2s"

// journal is the file of one more run.
func (s *sweep) journal() string {
	s.runs++
	return filepath.Join(s.folder, strconv.Itoa(s.runs))
}

// well writes without a fault.
func (s *sweep) well() (journal string) {
	s.t.Helper()
	journal = s.journal()
	if o := s.to(s.t, s.front.Kubeconfig, journal); o.Code != 0 {
		s.t.Fatalf("without a fault: exit code %d\n%s%s", o.Code, o.Stdout, o.Stderr)
	}
	return journal
}

// taken takes a journal back without a fault.
func (s *sweep) taken(what, journal string) {
	s.t.Helper()
	s.front.With(nil)
	if o := s.undo(s.t, s.front.Kubeconfig, journal); o.Code != 0 {
		s.t.Fatalf("%s: it cannot be taken back: exit code %d\n%s%s", what, o.Code, o.Stdout, o.Stderr)
	}
	back(s.t, what, s.was, state(s.t, s.ns))
}

func (s *sweep) writes() {
	var journal string
	all := s.front.Asks(func() { journal = s.well() })
	s.will = state(s.t, s.ns)
	s.taken("without a fault", journal)
	kube.EachFault(s.t, all, kube.Sparse, func(which, name string, answer func(http.ResponseWriter)) {
		what, journal := name+" at "+which, s.journal()
		s.front.Failing(which, answer)
		o := s.to(s.t, s.front.Kubeconfig, journal, impatient)
		wrote := whole(s.t, what, s.was, s.will, state(s.t, s.ns))
		if o.Code == 0 && wrote != changes(s.was, s.will) || o.Code > 2 || o.Code == 2 && !strings.Contains(o.Stderr, "error: ") {
			s.t.Errorf("%s: exit code %d with %d of %d written\n%s%s", what, o.Code, wrote, changes(s.was, s.will), o.Stdout, o.Stderr)
		}
		if strings.Contains(o.Stderr, "Journal: ") {
			s.taken(what, journal)
		}
		back(s.t, what, s.was, state(s.t, s.ns))
	})
}

func (s *sweep) reverts() {
	journal := s.well()
	all := s.front.Asks(func() { s.taken("without a fault", journal) })
	kube.EachFault(s.t, all, kube.Sparse, func(which, name string, answer func(http.ResponseWriter)) {
		what, journal := "taken back: "+name+" at "+which, s.well()
		s.front.Failing(which, answer)
		o := s.undo(s.t, s.front.Kubeconfig, journal, impatient)
		is := state(s.t, s.ns)
		if done := maps.Equal(s.was, is); o.Code == 0 && !done || o.Code > 2 || o.Code == 2 && !strings.Contains(o.Stderr, "error: ") {
			s.t.Errorf("%s: exit code %d, all taken back: %t\n%s%s", what, o.Code, done, o.Stdout, o.Stderr)
		}
		for object, now := range is {
			if now != s.was[object] && now != s.will[object] {
				s.t.Errorf("%s: %s is half taken back:\n%s", what, object, now)
			}
		}
		s.taken(what, journal)
	})
}
