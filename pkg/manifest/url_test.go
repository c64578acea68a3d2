// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package manifest

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestPrintable(t *testing.T) {
	for name, want := range map[string]string{
		"-":                                "-",
		"a@b?c.yaml":                       "a@b?c.yaml",
		"https://host/a.yaml":              "https://host/a.yaml",
		"https://me@host/a%20b.yaml":       "https://host/a%20b.yaml",
		"https://me:PW@host/a.yaml?x=TTT":  "https://host/a.yaml?***",
		"https://host/a.yaml?TTT#TTT":      "https://host/a.yaml?***",
		"https://host/pkg@1.0/a.yaml":      "https://host/pkg@1.0/a.yaml",
		"https://me:P%W@host/a.yaml":       "https://***",
		"https://me:P/W@host/a.yaml":       "https://***",
		"https://host:x/a.yaml?token=TTT":  "https://***",
		"https://host:x/a.yaml":            "https://host:x/a.yaml",
		"postgres://me:PW@host/db?sslmode": "postgres://host/db?***",
	} {
		if got := Printable(name); got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
}

// TestNoSecretOfURL: neither objects nor errors name what a URL holds in private.
func TestNoSecretOfURL(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/a.yaml":
			_, _ = io.WriteString(w, configMap("a"))
		case "/moved.yaml":
			w.Header().Set("Location", "http://me:PW@host:TTT/?TTT")
			w.WriteHeader(http.StatusFound)
		}
	}))
	defer server.Close()
	with := func(path string) string {
		return strings.Replace(server.URL, "http://", "http://me:PW@", 1) + path + "?token=TTT"
	}
	got, errs := read(t, Input{Filenames: []string{with("/a.yaml")}})
	if want := "a " + server.URL + "/a.yaml?***"; got != want || errs != nil {
		t.Errorf("got %q and %q, want %q", got, errs, want)
	}
	_, errs = read(t, Input{Filenames: []string{with("/empty.yaml")}})
	if want := []string{"the input (" + server.URL + "/empty.yaml?***) holds no objects: name a file, folder or URL with Kubernetes manifests"}; !slices.Equal(errs, want) {
		t.Errorf("got %q, want %q", errs, want)
	}
	_, errs = read(t, Input{Filenames: []string{with("/moved.yaml"), "http://me:PW@127.0.0.1:1/?TTT"}})
	if text := strings.Join(errs, "; "); len(errs) != 2 || strings.Contains(text, "PW") || strings.Contains(text, "TTT") {
		t.Errorf("got %q", errs)
	}
}

// TestSlowURL: its error says itself what happened, and is not one of the network,
// which would be taken for the API server's.
func TestSlowURL(t *testing.T) {
	release := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/body" {
			_, _ = io.WriteString(w, "a")
			w.(http.Flusher).Flush()
		}
		<-release
	}))
	defer server.Close()
	defer close(release)
	client := http.Client{Timeout: 500 * time.Millisecond}
	none, silent := client.Get(server.URL)
	if silent == nil {
		none.Body.Close()
		t.Fatal("the server answered")
	}
	response, err := client.Get(server.URL + "/body")
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	_, stuck := io.ReadAll(&body{response.Body, longest})
	for name, err := range map[string]error{
		"silent":   unfetched(silent),
		"stuck":    unreadable(stuck),
		"deadline": unfetched(&url.Error{Op: "Get", URL: server.URL, Err: fmt.Errorf("x: %w", os.ErrDeadlineExceeded)}),
	} {
		if want := "did not answer within 30 s: try again, or download it first"; err.Error() != want {
			t.Errorf("%s: got %q, want %q", name, err, want)
		}
		var asURL *url.Error
		var asNet net.Error
		if wrapped := error(&Error{Err: err}); errors.As(wrapped, &asURL) || errors.As(wrapped, &asNet) {
			t.Errorf("%s: taken for an error of the network", name)
		}
	}
}

// TestURLLeadsAstray: a URL answers within bounds, and leads to no file.
func TestURLLeadsAstray(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/file.yaml":
			w.Header().Set("Location", "file:///etc/hostname")
			w.WriteHeader(http.StatusFound)
		case "/ring.yaml":
			http.Redirect(w, r, "/ring.yaml", http.StatusFound)
		case "/moved.yaml":
			http.Redirect(w, r, "/a.yaml", http.StatusFound)
		case "/a.yaml":
			_, _ = io.WriteString(w, configMap("a"))
		case "/long.yaml":
			for line := []byte(strings.Repeat("#", 1<<20) + "\n"); ; {
				if _, err := w.Write(line); err != nil {
					return
				}
			}
		}
	}))
	defer server.Close()
	if got, errs := read(t, Input{Filenames: []string{server.URL + "/moved.yaml"}}); got != "a "+server.URL+"/moved.yaml" || errs != nil {
		t.Errorf("got %q and %q", got, errs)
	}
	for path, want := range map[string]string{
		"/file.yaml": `cannot be fetched: unsupported protocol scheme "file"`,
		"/ring.yaml": "cannot be fetched: stopped after 10 redirects",
		"/long.yaml": "is longer than 64 MiB: download it first",
		"/none.yaml": "",
	} {
		got, errs := read(t, Input{Filenames: []string{server.URL + path}})
		if want == "" {
			want = "the input (" + server.URL + path + ") holds no objects: name a file, folder or URL with Kubernetes manifests"
		} else {
			want = server.URL + path + ": " + want
		}
		if got != "" || !slices.Equal(errs, []string{want}) {
			t.Errorf("%s: got %q and %q, want %q", path, got, errs, want)
		}
	}
}

// TestMade: what a program has made is named by what it comes from, without a line.
func TestMade(t *testing.T) {
	in := Input{Made: []Made{{Name: "base/a.yaml", Data: []byte(configMap("a"))}, {Name: "https://me:PW@host/b.yaml", Data: []byte("\n\nkind: X\n")}}}
	got, errs := read(t, in)
	want := []string{"https://host/b.yaml: X: not a Kubernetes object: kind X without an apiVersion: add one, or take it out of the input"}
	if got != "a base/a.yaml" || !slices.Equal(errs, want) {
		t.Errorf("got %q and %q, want %q", got, errs, want)
	}
	_ = in.Read(t.Context(), func(d *Document) error {
		if d.Line() != 0 || d.Lines(Fields{"kind": nil}) != nil {
			t.Errorf("line %d", d.Line())
		}
		return nil
	})
}
