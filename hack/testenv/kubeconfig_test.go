// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"crypto/tls"
	"crypto/x509"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"testing"

	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
)

// TestKubeconfig lets a client that knows only the kubeconfig talk to a server
// that knows only the authority.
func TestKubeconfig(t *testing.T) {
	ca, err := newAuthority()
	if err != nil {
		t.Fatal(err)
	}
	serving, err := ca.server("server", "127.0.0.1")
	if err != nil {
		t.Fatal(err)
	}
	certificate, err := tls.X509KeyPair(serving.cert, serving.key)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(ca.cert)
	var user, group, token string
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		user, group, token = "", "", r.Header.Get("Authorization")
		if len(r.TLS.PeerCertificates) > 0 {
			subject := r.TLS.PeerCertificates[0].Subject
			user, group = subject.CommonName, subject.Organization[0]
		}
	}))
	server.TLS = &tls.Config{Certificates: []tls.Certificate{certificate}, ClientCAs: roots, ClientAuth: tls.VerifyClientCertIfGiven}
	server.StartTLS()
	defer server.Close()
	pair, err := ca.client("admin", "system:masters")
	if err != nil {
		t.Fatal(err)
	}

	tests := []struct {
		name               string
		as                 identity
		user, group, token string
	}{
		{name: "certificate", as: identity{user: "admin", pair: pair}, user: "admin", group: "system:masters"},
		{name: "token", as: identity{user: "dapr-injector", token: "secret"}, token: "Bearer secret"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "kubeconfig")
			if err := writeKubeconfig(path, endpoint{url: server.URL, ca: ca.pem}, test.as); err != nil {
				t.Fatal(err)
			}
			config, err := clientcmd.BuildConfigFromFlags("", path)
			if err != nil {
				t.Fatal(err)
			}
			client, err := rest.HTTPClientFor(config)
			if err != nil {
				t.Fatal(err)
			}
			response, err := client.Get(server.URL)
			if err != nil {
				t.Fatal(err)
			}
			_ = response.Body.Close()
			if user != test.user || group != test.group || token != test.token {
				t.Errorf("the server saw %q, %q, %q", user, group, token)
			}
		})
	}
}
