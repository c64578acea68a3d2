// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package usage_test

import (
	"encoding/pem"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/usage"
)

const hidden = "s3cr3t-MARKER-9f2c"

// file is a file with this content.
func file(t *testing.T, content string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

// TestAccess: who is told a login uses it, over TLS with authorities of its own, and
// says nothing of it when the server repeats it.
func TestAccess(t *testing.T) {
	t.Parallel()
	var got *http.Request
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got = r
		w.WriteHeader(http.StatusInternalServerError)
		_, _ = w.Write([]byte(`{"status":"error","error":"no ` + r.Header.Get("Authorization") + ` ` + hidden + `, tenant ` + r.Header.Get("X-Scope-OrgID") + `"}`))
	}))
	server.Config.ErrorLog = log.New(io.Discard, "", 0) // who does not trust it is part of the test
	server.StartTLS()
	defer server.Close()
	authority := file(t, string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})))
	const pair = "Basic dXNlcjpzM2NyM3QtTUFSS0VSLTlmMmM="
	for _, test := range []struct {
		name   string
		access usage.Access
		user   string // in the URL
		want   string
	}{
		{"token", usage.Access{BearerToken: hidden}, "", "Bearer " + hidden},
		{"token in a file", usage.Access{BearerTokenFile: file(t, hidden+"\n")}, "", "Bearer " + hidden},
		{"user and password", usage.Access{BasicAuthFile: file(t, "user:"+hidden+"\n")}, "", pair},
		{"in the URL", usage.Access{}, "user:" + hidden + "@", pair},
	} {
		t.Run(test.name, func(t *testing.T) {
			test.access.CAFile = authority
			test.access.Headers = http.Header{"X-Scope-Orgid": {"shop"}}
			p, err := test.access.Dial(strings.Replace(server.URL, "://", "://"+test.user, 1) + "/prometheus?token=" + hidden)
			if err != nil {
				t.Fatal(err)
			}
			_, err = p.Probe(t.Context(), request().Selection, noon)
			if h := got.Header; h.Get("Authorization") != test.want || h.Get("X-Scope-OrgID") != "shop" || got.URL.Path != "/prometheus/api/v1/query" {
				t.Errorf("asked %s with %v", got.URL, h)
			}
			if err == nil || strings.Contains(err.Error(), hidden) || strings.Contains(err.Error(), "dXNlc") || !strings.HasSuffix(err.Error(), "***, tenant shop") {
				t.Errorf("got %v", err)
			}
		})
	}
	t.Run("a header that logs in", func(t *testing.T) {
		p, err := usage.Access{CAFile: authority, Headers: http.Header{"Authorization": {"Bearer " + hidden}, "X-Scope-Orgid": {"shop"}}}.Dial(server.URL)
		if err != nil {
			t.Fatal(err)
		}
		if _, err = p.Probe(t.Context(), request().Selection, noon); err == nil || strings.Contains(err.Error(), hidden) {
			t.Errorf("got %v", err)
		}
	})
	t.Run("without its authority", func(t *testing.T) {
		p, err := usage.Access{BearerToken: hidden}.Dial(server.URL)
		if err != nil {
			t.Fatal(err)
		}
		_, err = p.Probe(t.Context(), request().Selection, noon)
		if err == nil || !strings.Contains(err.Error(), " cannot be reached: tls: failed to verify certificate") {
			t.Errorf("got %v", err)
		}
	})
}

// TestAccessCut: of a secret that a long answer repeats no part is left where it is cut.
func TestAccessCut(t *testing.T) {
	t.Parallel()
	for lead := 270; lead < 305; lead++ {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusInternalServerError)
			_, _ = w.Write([]byte(`{"status":"error","error":"` + strings.Repeat("x", lead) + hidden + `"}`))
		}))
		p, err := usage.Access{BearerToken: hidden}.Dial(server.URL)
		if err != nil {
			t.Fatal(err)
		}
		_, err = p.Probe(t.Context(), request().Selection, noon)
		server.Close()
		if err == nil || strings.Contains(err.Error(), "xs3") {
			t.Errorf("after %d: %v", lead, err)
		}
	}
}

// TestAccessRefused: what cannot be is told before anything is asked, and without
// the values.
func TestAccessRefused(t *testing.T) {
	t.Parallel()
	const url = "https://prometheus.example.com"
	for _, test := range []struct {
		name, url string
		access    usage.Access
		want      string
	}{
		{"no URL", "user:" + hidden + "@:9090", usage.Access{}, "the URL of Prometheus is not one such as https://prometheus.example.com"},
		{"another scheme", "ftp://" + hidden, usage.Access{}, "the URL of Prometheus is not one such as https://prometheus.example.com"},
		{"two logins", url, usage.Access{BearerToken: hidden, BasicAuthFile: file(t, "a:"+hidden)}, "Prometheus can be told one login: a bearer token, a file with user and password, or both in the URL"},
		{"no password", url, usage.Access{BasicAuthFile: file(t, hidden)}, " has no line USER:PASSWORD"},
		{"two lines", url, usage.Access{BearerTokenFile: file(t, hidden+"\n"+hidden)}, " must hold one line"},
		{"no file", url, usage.Access{BearerTokenFile: "/nowhere"}, "the bearer token for Prometheus: open /nowhere: no such file or directory"},
		{"a token with a line", url, usage.Access{BearerToken: hidden + "\n"}, "the bearer token for Prometheus has characters that no token has"},
		{"a header with a line", url, usage.Access{Headers: http.Header{"X-Tenant": {hidden + "\r\nX: y"}}}, `the header "X-Tenant" for Prometheus, or its value, is not one that HTTP knows`},
		{"no authorities", url, usage.Access{CAFile: file(t, hidden)}, " holds no certificate in PEM"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			_, err := test.access.Dial(test.url)
			if err == nil || !strings.HasSuffix(err.Error(), test.want) || strings.Contains(err.Error(), hidden) {
				t.Errorf("got %v", err)
			}
		})
	}
}
