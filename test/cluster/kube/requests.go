// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package kube

import (
	"cmp"
	"fmt"
	"maps"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// Watches tells whether a request is a watch.
func Watches(r *http.Request) bool { return r.URL.Query().Get("watch") != "" }

// Stores tells whether a request changes anything.
func Stores(r *http.Request) bool {
	return r.Method != http.MethodGet && r.URL.Query().Get("dryRun") == ""
}

// Tries tells whether a request is the dry run of a change.
func Tries(r *http.Request) bool {
	return r.Method != http.MethodGet && r.URL.Query().Get("dryRun") != ""
}

// At tells whether the path of a request ends so.
func At(end string) func(*http.Request) bool {
	return func(r *http.Request) bool { return strings.HasSuffix(r.URL.Path, end) }
}

// Ask is a request by what it asks for, and which one of those it is.
func Ask(seen map[string]int, r *http.Request) string {
	query := r.URL.Query()
	key := r.Method + " " + r.URL.Path
	if Stores(r) {
		key = "stores: " + key
	}
	for _, name := range []string{"labelSelector", "dryRun", "force", "watch"} {
		if value := query.Get(name); value != "" {
			key += " " + value
		}
	}
	seen[key]++
	return fmt.Sprintf("%s #%d", key, seen[key])
}

// Asks are the requests of a run, in their order.
func (f *Front) Asks(run func()) []string {
	var mutex sync.Mutex
	var all []string
	seen := map[string]int{}
	f.With(func(_ http.ResponseWriter, r *http.Request) bool {
		mutex.Lock()
		defer mutex.Unlock()
		all = append(all, Ask(seen, r))
		return false
	})
	run()
	f.With(nil)
	return all
}

// Failing lets one request fail, and all that ask the same after it.
func (f *Front) Failing(which string, answer func(http.ResponseWriter)) {
	f.Breaking(which, func(w http.ResponseWriter, _ *http.Request) { answer(w) })
}

// Breaking is Failing with an answer that depends on the request.
func (f *Front) Breaking(which string, answer func(http.ResponseWriter, *http.Request)) {
	var mutex sync.Mutex
	seen, begun := map[string]int{}, false
	key, _, _ := strings.Cut(which, " #")
	f.With(func(w http.ResponseWriter, r *http.Request) bool {
		mutex.Lock()
		now := Ask(seen, r)
		begun = begun || now == which
		fails := begun && strings.HasPrefix(now, key+" #")
		mutex.Unlock()
		if fails {
			answer(w, r)
		}
		return fails
	})
}

// Sparse is every how manieth request of a run gets a fault, where that run does not take long.
const Sparse = 12

// EachFault calls a function for every so manieth request of a run, the Answers taking
// turns. Of requests that ask the same again, as when all is judged again, the first and
// the second count. Those that store something get three faults each.
//
// DAPR_PROD_FAULTS is another number in place of every: 1 gives a fault to each request,
// and all of them to those that store something.
func EachFault(t testing.TB, all []string, every int, do func(which, name string, answer func(http.ResponseWriter))) {
	t.Helper()
	every, err := strconv.Atoi(cmp.Or(os.Getenv("DAPR_PROD_FAULTS"), strconv.Itoa(every)))
	if err != nil || every < 1 {
		t.Fatalf("DAPR_PROD_FAULTS: %v", err)
	}
	names := slices.Sorted(maps.Keys(Answers))
	asked, stored := 0, 0
	next := func(count *int) string { *count++; return names[*count%len(names)] }
	for _, which := range slices.Sorted(slices.Values(all)) { // the same ones each time, in whatever order they came
		switch {
		case strings.HasPrefix(which, "stores: "):
			for range min(len(names), max(1, 3*Sparse/every)) {
				name := next(&stored)
				do(which, name, Answers[name])
			}
		case strings.HasSuffix(which, " #1") || strings.HasSuffix(which, " #2"):
			if asked++; asked%every == 0 {
				name := names[asked/every%len(names)]
				do(which, name, Answers[name])
			}
		}
	}
}
