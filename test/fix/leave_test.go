// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

//go:build cluster

package fix_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"

	"github.com/dapr-prod/kubectl-dapr-prod/test/cluster/kube"
)

// TestNoWayIn: where there is no server, or none that lets one in, every command says so
// in one sentence, and gives no verdict.
func TestNoWayIn(t *testing.T) {
	t.Parallel()
	ns := cluster.Namespace(t)
	apply(t, ns, flawed("orders"))
	ns.Ready(t)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	listener.Close()
	refused := []string{"--server", "https://" + listener.Addr().String()}
	const expired = `{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"expired"}}`
	for name, test := range map[string]struct {
		args     []string
		sentence string
	}{
		"connection refused":    {refused, "cannot reach the server at https://" + listener.Addr().String() + ", connection refused"},
		"TLS to another name":   {[]string{"--tls-server-name", "elsewhere.example.com"}, "not elsewhere.example.com"},
		"an expired token":      {login(t, "echo '"+expired+"'"), "the server does not accept these credentials, which may have expired"},
		"a login that failed":   {login(t, "exit 3"), "the program that the kubeconfig names to log in gives no credentials"},
		"a login without sense": {login(t, "echo hello"), "the program that the kubeconfig names to log in gives no credentials"},
	} {
		t.Run(name, func(t *testing.T) {
			for _, command := range [][]string{
				{"check", "-n", ns.Name},
				{"check", "-A", "-o", "json"},
				both("-n", ns.Name, "--dry-run=server"),
				both("-n", ns.Name, "--yes"),
				both("-n", ns.Name, "--yes", "deployment/orders", "--cache-dir", t.TempDir()),
				{"fix", "--scope=control-plane"},
			} {
				o := kube.Run(t, slices.Concat(command, test.args)...)
				if o.Code != 2 || !strings.Contains(o.Stderr, test.sentence) {
					t.Errorf("%q: exit code %d, want %q\n%s%s", command, o.Code, test.sentence, o.Stdout, o.Stderr)
				}
				sentenceAlone(t, strings.Join(command, " "), o)
			}
		})
	}
	untouched(t, ns, "orders")
}

// login leads to the cluster with the credentials that a shell command prints.
func login(t *testing.T, script string) []string {
	t.Helper()
	config, err := clientcmd.LoadFromFile(cluster.Kubeconfig)
	if err != nil {
		t.Fatal(err)
	}
	user := config.Contexts[config.CurrentContext].AuthInfo
	config.AuthInfos[user] = &clientcmdapi.AuthInfo{Exec: &clientcmdapi.ExecConfig{
		APIVersion: "client.authentication.k8s.io/v1", Command: "sh", Args: []string{"-c", script}, InteractiveMode: clientcmdapi.NeverExecInteractiveMode,
	}}
	file := filepath.Join(t.TempDir(), "kubeconfig")
	if err := clientcmd.WriteToFile(*config, file); err != nil {
		t.Fatal(err)
	}
	return []string{"--kubeconfig", file}
}

// TestLeaves: whatever is waited for, a Ctrl-C ends it, be it an answer that never comes.
// Only the answer to a write is given a moment.
func TestLeaves(t *testing.T) {
	t.Parallel()
	ns := cluster.Namespace(t)
	apply(t, ns, flawed("orders"), flawed("payments"))
	ns.Ready(t)
	path := func(end string) func(*http.Request) bool {
		return func(r *http.Request) bool { return strings.HasSuffix(r.URL.Path, end) }
	}
	check := []string{"check", "-n", ns.Name}
	yes, tried := both("-n", ns.Name, "--yes"), both("-n", ns.Name, "--dry-run=server")
	named := append(slices.Clone(yes), "deployment/orders", "--cache-dir", t.TempDir())
	for name, test := range map[string]struct {
		args []string
		at   func(*http.Request) bool
		says string
	}{
		"check, at the first request":    {check, path("/version"), ""},
		"check, at a list":               {check, path("/pods"), ""},
		"check, at what is got by name":  {check, path("/mcpservers.dapr.io"), ""},
		"fix, at what the server serves": {named, path("/apis"), ""},
		"a dry run, at a list":           {tried, path("/statefulsets"), ""},
		"a dry run, at its mapping":      {tried, path("/apis"), ""},
		"a dry run, at a patch":          {tried, tries, ""},
		"a dry run, at a Pod":            {tried, func(r *http.Request) bool { return r.Method == http.MethodPost }, ""},
		"fix, at the write":              {yes, writes, "the server had not answered yet; whether it was written is not known"},
	} {
		t.Run(name, func(t *testing.T) {
			front, arrived := cluster.Front(t), make(chan struct{})
			var once sync.Once
			front.With(func(_ http.ResponseWriter, r *http.Request) bool {
				if test.at(r) {
					_, _ = io.Copy(io.Discard, r.Body) // before that nobody looks whether it has gone
					once.Do(func() { close(arrived) })
					<-r.Context().Done() // when the other side has gone
					return true
				}
				return false
			})
			p := start(t, "", slices.Concat(test.args, []string{"--kubeconfig", front.Kubeconfig})...)
			kube.Eventually(t, "the request", func(context.Context) (bool, string, error) {
				select {
				case <-arrived:
					return true, "", nil
				default:
					return false, "", nil
				}
			})
			interrupt(t, p)
			o := p.end()
			ends(t, o, 2, "error: interrupted", test.says)
			if n := strings.Count(o.Stderr, "error: "); n != 1 {
				t.Errorf("%d errors: %s", n, o.Stderr)
			}
		})
	}
	untouched(t, ns, "orders")
	untouched(t, ns, "payments")
}
