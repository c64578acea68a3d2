// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
)

// TestBare: what was asked through the recorder is asked again, word for word.
func TestBare(t *testing.T) {
	t.Parallel()
	var asked []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		asked = append(asked, r.Method+" "+r.URL.Path+" "+string(body)+" "+r.Header.Get("Content-Type"))
		_, _ = io.WriteString(w, "answer")
	}))
	defer server.Close()
	b := &bench{prometheus: server.URL}
	proxy, err := b.recorder()
	if err != nil {
		t.Fatal(err)
	}
	defer proxy.Close()
	response, err := http.Post(proxy.URL+"/api/v1/query_range", "application/x-www-form-urlencoded", strings.NewReader("query=up"))
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	_, read, err := b.bare(t.Context())
	if err != nil || read != int64(len("answer")) {
		t.Errorf("%d bytes, %v", read, err)
	}
	if want := "POST /api/v1/query_range query=up application/x-www-form-urlencoded"; !slices.Equal(asked, []string{want, want}) {
		t.Errorf("%q", asked)
	}
}

func TestManifests(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	manifests(&b, 101, 3)
	if text := b.String(); strings.Count(text, "kind: Namespace") != 2 || strings.Count(text, "kind: StatefulSet") != 101 ||
		!strings.Contains(text, "metadata: {name: app-100, namespace: fleet-1}") || !strings.Contains(text, "replicas: 3\n") {
		t.Error(text)
	}
}
