// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

//go:build cluster

package harden_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	corev1 "k8s.io/api/core/v1"

	"github.com/dapr-prod/kubectl-dapr-prod/test/cluster/kube"
)

// TestSidecarWithoutAccount: the page's own step, the token off alone, stops the real
// daprd. What harden writes in its place does not.
func TestSidecarWithoutAccount(t *testing.T) {
	t.Parallel()
	ns := cluster.Namespace(t)
	app := listen(t)
	apply(t, ns, open("orders", 1))
	ns.Sidecar(t, podOf(t, ns), app.port).Serves(t)

	d, off := open("orders", 1), false
	d.Spec.Template.Spec.AutomountServiceAccountToken = &off
	apply(t, ns, d)
	page := podOf(t, ns)
	if hasToken(page) {
		t.Fatal("the Pod has the token still")
	}
	code, log := ns.Sidecar(t, page, app.port).Ended(t)
	if code == 0 || !strings.Contains(log, "process component kubernetes error") || !strings.Contains(log, "INIT_COMPONENT_FAILURE") {
		t.Errorf("it ends with exit code %d:\n%s", code, log)
	}

	ends(t, dapr(t, hardenAccount(ns, "--assume-no-secret-api")...), 0, "1 of 1 changes written")
	ours := podOf(t, ns)
	if hasToken(ours) {
		t.Error("the Pod has the token again")
	}
	ns.Sidecar(t, ours, app.port).Serves(t)
}

// TestSidecarTokens: the real daprd takes the token that the app's containers have, no
// other and not none, and shows its own to the app.
func TestSidecarTokens(t *testing.T) {
	t.Parallel()
	ns := cluster.Namespace(t)
	apply(t, ns, open("orders", 1))
	ends(t, dapr(t, hardenBoth(ns)...), 0, "1 of 1 changes written")
	pod, app := podOf(t, ns), listen(t)
	daprd := ns.Sidecar(t, pod, app.port)
	daprd.Serves(t)
	for _, container := range []string{"app", "cache"} {
		sends, checks := variable(t, ns, pod, container, apiEnv), variable(t, ns, pod, container, appEnv)
		for what, test := range map[string]struct {
			token string
			http  int
			grpc  string
		}{
			"the token": {sends, http.StatusOK, "0"},
			"another":   {strings.ToUpper(sends), http.StatusUnauthorized, "16"},
			"the app's": {checks, http.StatusUnauthorized, "16"},
			"none":      {"", http.StatusUnauthorized, "16"},
		} {
			if got := overHTTP(t, daprd, test.token); got != test.http {
				t.Errorf("%s, %s over HTTP: %d, want %d", container, what, got, test.http)
			}
			if got := overGRPC(t, daprd, test.token); got != test.grpc {
				t.Errorf("%s, %s over gRPC: status %s, want %s", container, what, got, test.grpc)
			}
		}
		if seen := app.tokens(); len(seen) != 1 || seen[0] != checks {
			t.Errorf("the app was called with %d tokens, and not with the one that container %s checks", len(seen), container)
		}
	}
}

// TestSidecarSecrets: what moved into a Secret is what sidecars get from Dapr's operator:
// those that run, and those that start.
func TestSidecarSecrets(t *testing.T) {
	t.Parallel()
	ns := cluster.Namespace(t)
	const secret = plantedInObjects + "for the bank"
	bank := listen(t)
	apply(t, ns, open("orders", 1))
	ns.MustKubectl(t, fmt.Sprintf(`{apiVersion: dapr.io/v1alpha1, kind: Component, metadata: {name: bank}, spec: {type: bindings.http, version: v1, metadata: [
  {name: url, value: "%s"}, {name: securityTokenHeader, value: dapr-api-token}, {name: securityToken, value: %q}]}}`, bank.URL, secret), "apply", "-f-")
	pod, app := podOf(t, ns), listen(t)
	running := ns.Sidecar(t, pod, app.port)
	running.Serves(t)
	called(t, running, bank, secret)
	ends(t, silent(t, dapr(t, "harden", "component-secrets", "-n", ns.Name, "--yes")), 0, "1 of 1 object written")
	if is := stored(t, ns, "components.dapr.io/bank"); strings.Contains(is, plantedInObjects) {
		t.Fatalf("the secret is there still: %s", is)
	}
	kube.Eventually(t, "daprd to load the component again", func(context.Context) (bool, string, error) {
		return strings.Count(running.Log(), "Component loaded: bank (bindings.http/v1)") > 1, running.Log(), nil
	})
	called(t, running, bank, secret)
	starting := ns.Sidecar(t, pod, app.port)
	starting.Serves(t)
	called(t, starting, bank, secret)
}

// called calls the bank by its component, and holds what it was shown against the secret.
func called(t testing.TB, daprd *kube.Sidecar, bank *listener, secret string) {
	t.Helper()
	bank.forget()
	if got := ask(t, http.MethodPost, daprd.HTTP+"/v1.0/bindings/bank", "", `{"operation": "get"}`); got >= 300 {
		t.Errorf("status %d:\n%s", got, daprd.Log())
	}
	if seen := bank.tokens(); len(seen) != 1 || seen[0] != secret {
		t.Errorf("the bank was not shown the secret: %q", seen)
	}
}

func overHTTP(t testing.TB, daprd *kube.Sidecar, token string) int {
	t.Helper()
	return ask(t, http.MethodGet, daprd.HTTP+"/v1.0/metadata", token, "")
}

func ask(t testing.TB, method, url, token, body string) int {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if token != "" {
		request.Header.Set("dapr-api-token", token)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	return response.StatusCode
}

// overGRPC is the status of a call with an empty message, which is five bytes.
func overGRPC(t testing.TB, daprd *kube.Sidecar, token string) string {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, daprd.GRPC+"/dapr.proto.runtime.v1.Dapr/GetMetadata", bytes.NewReader(make([]byte, 5)))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/grpc")
	request.Header.Set("TE", "trailers")
	if token != "" {
		request.Header.Set("dapr-api-token", token)
	}
	plain := &http.Transport{Protocols: &http.Protocols{}}
	plain.Protocols.SetUnencryptedHTTP2(true)
	defer plain.CloseIdleConnections()
	response, err := plain.RoundTrip(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if _, err := io.Copy(io.Discard, response.Body); err != nil {
		t.Fatal(err)
	}
	return response.Header.Get("Grpc-Status") + response.Trailer.Get("Grpc-Status")
}

// variable is what a container of a Pod has in its environment.
func variable(t testing.TB, ns *kube.Namespace, pod *corev1.Pod, container, name string) string {
	t.Helper()
	for _, e := range containerOf(t, pod, container).Env {
		if e.Name == name {
			return ns.Variable(t, pod, e)
		}
	}
	t.Fatalf("container %s has no %s", container, name)
	return ""
}

// listener is an app, or whatever else a sidecar calls, that notes the tokens that it is
// shown.
type listener struct {
	*httptest.Server
	port  int
	mutex sync.Mutex
	shown []string
}

func listen(t testing.TB) *listener {
	t.Helper()
	l := &listener{}
	l.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		l.mutex.Lock()
		defer l.mutex.Unlock()
		if token := r.Header.Get("dapr-api-token"); !slices.Contains(l.shown, token) {
			l.shown = append(l.shown, token)
		}
		if r.URL.Path == "/dapr/config" || r.URL.Path == "/dapr/subscribe" {
			w.WriteHeader(http.StatusNotFound)
		}
	}))
	t.Cleanup(l.Close)
	l.port = l.Listener.Addr().(*net.TCPAddr).Port
	return l
}

// tokens are those that it was shown since it forgot, each once.
func (l *listener) tokens() []string {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	return slices.Clone(l.shown)
}

func (l *listener) forget() {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	l.shown = nil
}
