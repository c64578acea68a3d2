// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package kube

import (
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"

	"k8s.io/client-go/rest"
)

// Fault answers a request and returns true, or lets it pass.
type Fault func(http.ResponseWriter, *http.Request) bool

// Front is a server before the API server that does what a test tells it.
type Front struct {
	// Kubeconfig leads to it, with the rights of an administrator.
	Kubeconfig string
	fault      atomic.Pointer[Fault]
	record     atomic.Pointer[Record]
	// pass asks the API server itself.
	pass http.Handler
}

// Front starts a server that lets everything pass. It ends with the test.
func (c *Cluster) Front(t testing.TB) *Front {
	t.Helper()
	transport, err := rest.TransportFor(c.Config)
	if err != nil {
		t.Fatal(err)
	}
	target, err := url.Parse(c.Config.Host)
	if err != nil {
		t.Fatal(err)
	}
	quiet := log.New(io.Discard, "", 0) // requests that are given up are part of the tests
	proxy := &httputil.ReverseProxy{Transport: transport, ErrorLog: quiet, Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(target) }}
	f := &Front{pass: proxy}
	proxy.ModifyResponse = func(response *http.Response) error {
		if record := f.record.Load(); record != nil {
			record.keep(response)
		}
		return nil
	}
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if fault := f.fault.Load(); fault != nil && *fault != nil && (*fault)(w, r) {
			return
		}
		proxy.ServeHTTP(w, r)
	}))
	server.Config.ErrorLog = quiet
	server.Start()
	t.Cleanup(server.Close)
	f.Kubeconfig = filepath.Join(t.TempDir(), "kubeconfig")
	content := fmt.Sprintf(`apiVersion: v1
kind: Config
current-context: front
clusters: [{name: front, cluster: {server: %q}}]
contexts: [{name: front, context: {cluster: front, user: nobody}}]
users: [{name: nobody, user: {}}]
`, server.URL)
	if err := os.WriteFile(f.Kubeconfig, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return f
}

// With sets what the server does from now on; nil lets everything pass.
func (f *Front) With(fault Fault) { f.fault.Store(&fault) }

// Status answers as the API server does where something is wrong.
func Status(w http.ResponseWriter, code int, reason, message string) bool {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	fmt.Fprintf(w, `{"kind":"Status","apiVersion":"v1","status":"Failure","message":%q,"reason":%q,"code":%d}`, message, reason, code)
	return true
}
