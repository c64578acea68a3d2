// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package kube

import (
	"encoding/json"
	"io"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"

	"k8s.io/client-go/rest"
)

// Answers are what goes wrong with one request.
var Answers = map[string]func(http.ResponseWriter){
	"reset in the middle of a page": func(w http.ResponseWriter) { reset(w, true) },
	"reset before any answer":       func(w http.ResponseWriter) { reset(w, false) },
	"a body that ends too early": func(w http.ResponseWriter) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(`{"kind":"List","apiVersion":"v1","metadata":{"resourceVersion":"1"},"items":[{"metadata":{"na`))
	},
	"no JSON": func(w http.ResponseWriter) { _, _ = w.Write([]byte("<html>It works!</html>")) },
	"500": func(w http.ResponseWriter) {
		Status(w, http.StatusInternalServerError, "InternalError", "etcdserver: no leader")
	},
	"504": func(w http.ResponseWriter) {
		Status(w, http.StatusGatewayTimeout, "Timeout", "request did not complete within the allotted timeout")
	},
	"a gateway without words": func(w http.ResponseWriter) { w.WriteHeader(http.StatusBadGateway) },
	"unauthorized":            func(w http.ResponseWriter) { Status(w, http.StatusUnauthorized, "Unauthorized", "Unauthorized") },
	"429 for ever":            func(w http.ResponseWriter) { busy(w) },
}

// busy asks a client to come back, at once so that no test waits for it.
func busy(w http.ResponseWriter) bool {
	w.Header().Set("Retry-After", "0")
	return Status(w, http.StatusTooManyRequests, "TooManyRequests", "the server has received too many requests")
}

// reset closes a connection so that the other side is told that it was reset.
func reset(w http.ResponseWriter, begun bool) {
	if begun {
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Content-Length", "100000")
		_, _ = w.Write([]byte(`{"kind":"List","items":[{"metadata":`))
		_ = http.NewResponseController(w).Flush()
	}
	breakOff(w)
}

// breakOff resets the connection of an answer.
func breakOff(w http.ResponseWriter) {
	connection, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(err)
	}
	if tcp, is := connection.(*net.TCPConn); is {
		_ = tcp.SetLinger(0)
	}
	connection.Close()
}

// Lost does what a request asks for, and loses the answer: in the middle of it, or before
// a word of it.
func (f *Front) Lost(begun bool) func(http.ResponseWriter, *http.Request) {
	return func(w http.ResponseWriter, r *http.Request) {
		answer := httptest.NewRecorder()
		f.pass.ServeHTTP(answer, r)
		if body := answer.Body.Bytes(); begun {
			maps.Copy(w.Header(), answer.Header())
			w.Header().Set("Content-Length", strconv.Itoa(len(body)))
			w.WriteHeader(answer.Code)
			_, _ = w.Write(body[:len(body)/2])
			_ = http.NewResponseController(w).Flush()
		}
		breakOff(w)
	}
}

// Does does what a request asks for, and says nothing of it.
func (f *Front) Does(r *http.Request) { f.pass.ServeHTTP(httptest.NewRecorder(), r) }

// Busy refuses each request once, with Retry-After.
func Busy() Fault {
	var mutex sync.Mutex
	seen := map[string]int{}
	return func(w http.ResponseWriter, r *http.Request) bool {
		mutex.Lock()
		first := strings.HasSuffix(Ask(seen, r), " #1")
		mutex.Unlock()
		return first && busy(w)
	}
}

// Expiring has pages of one object, and knows no continue token.
func Expiring(w http.ResponseWriter, r *http.Request) bool {
	query := r.URL.Query()
	if query.Get("continue") != "" {
		return Status(w, http.StatusGone, "Expired", "The provided continue parameter is too old")
	}
	if query.Get("limit") != "" {
		query.Set("limit", "1")
		r.URL.RawQuery = query.Encode()
	}
	return false
}

// Closing ends every watch as soon as it has begun.
func Closing(w http.ResponseWriter, r *http.Request) bool {
	if !Watches(r) {
		return false
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusOK)
	return true
}

// Torn ends every watch in the middle of its first event.
func Torn(w http.ResponseWriter, r *http.Request) bool {
	if !Watches(r) {
		return false
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write([]byte(`{"type":"MODIFIED","object":{"kind":"Deployment","api`))
	return true
}

// Hanging answers none of the requests that fit, for as long as somebody waits.
func Hanging(fits func(*http.Request) bool) Fault {
	return func(_ http.ResponseWriter, r *http.Request) bool {
		if !fits(r) {
			return false
		}
		_, _ = io.Copy(io.Discard, r.Body) // before that nobody looks whether the other side has gone
		<-r.Context().Done()
		return true
	}
}

// aggregated is an API that a server of its own serves.
const aggregated = "metrics.k8s.io"

// WithoutAggregated is a server behind which that of an aggregated API is down: the API
// itself, and what it says of its resources. Discovery says so in one document where that
// is whole; otherwise as older servers do, one group after the other.
func (c *Cluster) WithoutAggregated(t testing.TB, whole bool) Fault {
	t.Helper()
	transport, err := rest.TransportFor(c.Config)
	if err != nil {
		t.Fatal(err)
	}
	return func(w http.ResponseWriter, r *http.Request) bool {
		switch {
		case strings.HasPrefix(r.URL.Path, "/apis/"+aggregated):
			return Status(w, http.StatusServiceUnavailable, "ServiceUnavailable", "error trying to reach service: dial tcp: connection refused")
		case r.URL.Path != "/apis" && r.URL.Path != "/api":
			return false
		case !whole:
			r.Header.Set("Accept", "application/json")
			return false
		case r.URL.Path == "/apis" && strings.Contains(r.Header.Get("Accept"), "as=APIGroupDiscoveryList"):
			return stale(t, w, r, c.Config.Host, transport)
		}
		return false
	}
}

// stale is what discovery says of an aggregated API of which it has heard nothing.
func stale(t testing.TB, w http.ResponseWriter, r *http.Request, host string, transport http.RoundTripper) bool {
	asked, err := http.NewRequestWithContext(r.Context(), http.MethodGet, host+r.URL.RequestURI(), nil)
	if err != nil {
		t.Error(err)
		return false
	}
	// Not as protobuf, and not packed.
	asked.Header.Set("Accept", "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList")
	response, err := transport.RoundTrip(asked)
	if err != nil {
		t.Error(err)
		return false
	}
	defer response.Body.Close()
	var document map[string]any
	if err := json.NewDecoder(response.Body).Decode(&document); err != nil {
		t.Error(err)
		return false
	}
	groups, _ := document["items"].([]any)
	for _, one := range groups {
		group, _ := one.(map[string]any)
		if metadata, _ := group["metadata"].(map[string]any); metadata["name"] == aggregated {
			group["versions"] = []any{map[string]any{"version": "v1beta1", "freshness": "Stale"}}
		}
	}
	w.Header().Set("Content-Type", response.Header.Get("Content-Type"))
	if err := json.NewEncoder(w).Encode(document); err != nil {
		t.Error(err)
	}
	return true
}
