// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

//go:build cluster

package fix_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/report"
	"github.com/dapr-prod/kubectl-dapr-prod/test/cluster/kube"
)

// faults are what goes wrong with one request, from some time on.
var faults = map[string]func(http.ResponseWriter){
	"reset in the middle of a page": func(w http.ResponseWriter) { reset(w, true) },
	"reset before any answer":       func(w http.ResponseWriter) { reset(w, false) },
	"a body that ends too early": func(w http.ResponseWriter) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(`{"kind":"List","apiVersion":"v1","metadata":{"resourceVersion":"1"},"items":[{"metadata":{"na`))
	},
	"no JSON": func(w http.ResponseWriter) { _, _ = w.Write([]byte("<html>It works!</html>")) },
	"500": func(w http.ResponseWriter) {
		kube.Status(w, http.StatusInternalServerError, "InternalError", "etcdserver: no leader")
	},
	"504": func(w http.ResponseWriter) {
		kube.Status(w, http.StatusGatewayTimeout, "Timeout", "request did not complete within the allotted timeout")
	},
	"a gateway without words": func(w http.ResponseWriter) { w.WriteHeader(http.StatusBadGateway) },
	"unauthorized":            func(w http.ResponseWriter) { kube.Status(w, http.StatusUnauthorized, "Unauthorized", "Unauthorized") },
}

// reset closes a connection so that the other side is told that it was reset.
func reset(w http.ResponseWriter, begun bool) {
	if begun {
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Content-Length", "100000")
		_, _ = w.Write([]byte(`{"kind":"List","items":[{"metadata":`))
		_ = http.NewResponseController(w).Flush()
	}
	connection, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(err)
	}
	if tcp, is := connection.(*net.TCPConn); is {
		_ = tcp.SetLinger(0)
	}
	connection.Close()
}

// ask is a request by what it asks for, and which one of those it is.
func ask(seen map[string]int, r *http.Request) string {
	query := r.URL.Query()
	key := r.Method + " " + r.URL.Path
	for _, name := range []string{"labelSelector", "dryRun", "force", "watch"} {
		if value := query.Get(name); value != "" {
			key += " " + value
		}
	}
	seen[key]++
	return fmt.Sprintf("%s #%d", key, seen[key])
}

// asks are the requests of a run, in their order.
func asks(front *kube.Front, run func()) []string {
	var mutex sync.Mutex
	var all []string
	seen := map[string]int{}
	front.With(func(_ http.ResponseWriter, r *http.Request) bool {
		mutex.Lock()
		defer mutex.Unlock()
		all = append(all, ask(seen, r))
		return false
	})
	run()
	front.With(nothing)
	return all
}

// failing lets one request fail, and all that ask the same after it.
func failing(front *kube.Front, which string, fault func(http.ResponseWriter)) {
	var mutex sync.Mutex
	seen, begun := map[string]int{}, false
	key, _, _ := strings.Cut(which, " #")
	front.With(func(w http.ResponseWriter, r *http.Request) bool {
		mutex.Lock()
		now := ask(seen, r)
		begun = begun || now == which
		fails := begun && strings.HasPrefix(now, key+" #")
		mutex.Unlock()
		if fails {
			fault(w)
		}
		return fails
	})
}

// someFaults is every how manieth request of a run gets a fault; DAPR_PROD_FAULTS=1 gives
// one to each.
func someFaults(t testing.TB) int {
	t.Helper()
	every, err := strconv.Atoi(cmp.Or(os.Getenv("DAPR_PROD_FAULTS"), "12"))
	if err != nil || every < 1 {
		t.Fatalf("DAPR_PROD_FAULTS: %v", err)
	}
	return every
}

// eachFault calls a function for requests of a run, faults taking turns. Those that
// store something get every one; of those that ask the same again, as when all is judged
// again, the first and the second count.
func eachFault(t testing.TB, all []string, do func(which, name string, fault func(http.ResponseWriter))) {
	t.Helper()
	names := slices.Sorted(maps.Keys(faults))
	every, asked := someFaults(t), 0
	for _, which := range slices.Sorted(slices.Values(all)) { // the same ones each time, in whatever order they came
		if strings.HasPrefix(which, "PATCH ") && !strings.Contains(which, " "+metav1.DryRunAll) {
			for _, name := range names {
				do(which, name, faults[name])
			}
			continue
		}
		if !strings.HasSuffix(which, " #1") && !strings.HasSuffix(which, " #2") {
			continue
		}
		if asked++; asked%every == 0 {
			name := names[asked/every%len(names)]
			do(which, name, faults[name])
		}
	}
}

// sentenceAlone holds a failure against what is to be said of it: one sentence, and no
// verdict.
func sentenceAlone(t testing.TB, what string, o kube.Outcome) {
	t.Helper()
	if o.Stdout != "" || strings.Count(o.Stderr, "error: ") != 1 || !strings.HasPrefix(o.Stderr, "error: ") || strings.Count(o.Stderr, "\n") != 1 {
		t.Errorf("%s: exit code 2, and not one clear sentence\n%s%s", what, o.Stdout, o.Stderr)
	}
}

// takenAt is the time of a report, another one each time.
var takenAt = regexp.MustCompile(`"takenAt": "[^"]*"`)

// TestFaultsOfCheck: whatever goes wrong with any request, what is said is what is said
// without that, but for what could not be read, which is unknown; or one sentence.
func TestFaultsOfCheck(t *testing.T) {
	t.Parallel()
	ns, front := cluster.Namespace(t), cluster.Front(t)
	apply(t, ns, flawed("orders"), deployment("payments", 1, on("payments", "api-token-secret", "a-token")), claiming("stock", 1, on("stock")))
	ns.Ready(t)
	ns.Services(t, "payments", "stock")
	args := []string{"check", "-n", ns.Name, "-o", "json", "--kubeconfig", front.Kubeconfig}
	run := func() kube.Outcome {
		o := kube.Run(t, args...)
		o.Stdout = takenAt.ReplaceAllString(o.Stdout, `"takenAt": "2000-01-01T00:00:00Z"`)
		return o
	}
	var well kube.Outcome
	all := asks(front, func() { well = run() })
	judged, _ := outcomes(t, well)
	eachFault(t, all, func(which, name string, fault func(http.ResponseWriter)) {
		failing(front, which, fault)
		o, what := run(), name+" at "+which
		switch {
		case o == well:
		case o.Code == 2:
			sentenceAlone(t, what, o)
		case o.Code > 2:
			t.Errorf("%s: exit code %d", what, o.Code)
		default:
			weaker(t, what, judged, o)
		}
	})
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

// TestFaultsOfTheDryRun: nothing is written, whatever goes wrong.
func TestFaultsOfTheDryRun(t *testing.T) {
	t.Parallel()
	ns, front := cluster.Namespace(t), cluster.Front(t)
	apply(t, ns, flawed("orders"), flawed("payments"))
	ns.Ready(t)
	args := both("-n", ns.Name, "--dry-run=server", "--kubeconfig", front.Kubeconfig)
	var well kube.Outcome
	all := asks(front, func() { well = kube.Run(t, args...) })
	ends(t, well, 1, "2 changes to write")
	eachFault(t, all, func(which, name string, fault func(http.ResponseWriter)) {
		failing(front, which, fault)
		o := kube.Run(t, args...)
		switch what := name + " at " + which; o.Code {
		case 1:
		case 2:
			sentenceAlone(t, what, o)
		default:
			t.Errorf("%s: exit code %d\n%s%s", what, o.Code, o.Stdout, o.Stderr)
		}
	})
	untouched(t, ns, "orders")
	untouched(t, ns, "payments")
}

// TestFaultsOfFix: an object is written as a whole or not at all, what is said to be
// done is done, and all of it can be taken back.
func TestFaultsOfFix(t *testing.T) {
	t.Parallel()
	ns, front := cluster.Namespace(t), cluster.Front(t)
	apply(t, ns, deployment("orders", 1, flawed("orders").Spec.Template.Annotations), flawed("payments"))
	ns.Ready(t)
	was := templates(t, ns)
	run, folder := 0, t.TempDir()
	fix := func(kubeconfig, patience string) (kube.Outcome, string) {
		run++
		journal := filepath.Join(folder, strconv.Itoa(run))
		return kube.Run(t, both("-n", ns.Name, "--yes", "--timeout="+patience, "--journal", journal, "--kubeconfig", kubeconfig)...), journal
	}
	back := func(what, journal string, o kube.Outcome) {
		t.Helper()
		if !strings.Contains(o.Stderr, "Journal: ") {
			return
		}
		if r := kube.Run(t, "fix", "--revert", journal, "--yes"); r.Code != 0 {
			t.Fatalf("%s: it cannot be taken back: exit code %d\n%s%s", what, r.Code, r.Stdout, r.Stderr)
		}
	}
	all := asks(front, func() {
		o, journal := fix(front.Kubeconfig, "5m")
		ends(t, o, 0, "2 of 2 changes written")
		back("without a fault", journal, o)
	})
	eachFault(t, all, func(which, name string, fault func(http.ResponseWriter)) {
		what := name + " at " + which
		failing(front, which, fault)
		o, journal := fix(front.Kubeconfig, "2s")
		wrote := 0
		for app, set := range templates(t, ns) {
			_, one := set[seccomp]
			if other := set[env] == soft; one != other {
				t.Errorf("%s: %s is half written: %v", what, app, set)
			}
			if one {
				wrote++
			}
		}
		if o.Code == 0 && wrote != 2 || o.Code > 2 || o.Code == 2 && strings.Count(o.Stderr, "error: ") == 0 {
			t.Errorf("%s: exit code %d with %d of 2 written\n%s%s", what, o.Code, wrote, o.Stdout, o.Stderr)
		}
		back(what, journal, o)
		for app, set := range templates(t, ns) {
			if fmt.Sprint(set) != fmt.Sprint(was[app]) {
				t.Fatalf("%s: %s was %v, and is %v", what, app, was[app], set)
			}
		}
	})
}
