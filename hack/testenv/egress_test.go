// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"path/filepath"
	"testing"
)

// startEcho serves one line a connection: what it read, with "echo: " in front.
func startEcho(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			content, _ := io.ReadAll(conn) // until the client's end of stream
			fmt.Fprintf(conn, "echo: %s", content)
			_ = conn.Close()
		}
	}()
	return listener.Addr().String()
}

func TestEgress(t *testing.T) {
	e := newEgress(t.TempDir())
	e.route("10.96.0.7:443", startEcho(t))
	e.route("10.96.0.8:443", "127.0.0.1:1") // nobody listens
	e.route("10.96.0.9:443", startEcho(t))
	e.unroute("10.96.0.9:443")
	listener, err := net.Listen("unix", filepath.Join(t.TempDir(), "s"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	go e.serve(listener)

	tests := []struct {
		name    string
		request string
		status  int
		body    string
	}{
		{name: "known address", request: "CONNECT 10.96.0.7:443 HTTP/1.1\r\nHost: 10.96.0.7:443\r\n\r\n", status: 200, body: "echo: hello"},
		{name: "other port", request: "CONNECT 10.96.0.7:80 HTTP/1.1\r\nHost: 10.96.0.7:80\r\n\r\n", status: 502},
		{name: "nobody behind", request: "CONNECT 10.96.0.8:443 HTTP/1.1\r\nHost: 10.96.0.8:443\r\n\r\n", status: 502},
		{name: "taken away", request: "CONNECT 10.96.0.9:443 HTTP/1.1\r\nHost: 10.96.0.9:443\r\n\r\n", status: 502},
		{name: "no CONNECT", request: "GET / HTTP/1.1\r\nHost: 10.96.0.7:443\r\n\r\n", status: 405},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			conn, err := net.Dial("unix", listener.Addr().String())
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			// The payload comes in the same packet as the request: nothing of it
			// may be lost in a buffer.
			if _, err := io.WriteString(conn, test.request+"hello"); err != nil {
				t.Fatal(err)
			}
			closeWrite(conn)
			reader := bufio.NewReader(conn)
			response, err := http.ReadResponse(reader, &http.Request{Method: http.MethodConnect})
			if err != nil {
				t.Fatal(err)
			}
			defer response.Body.Close()
			body, err := io.ReadAll(reader)
			if err != nil {
				t.Fatal(err)
			}
			if response.StatusCode != test.status || string(body) != test.body {
				t.Errorf("got %d %q, want %d %q", response.StatusCode, body, test.status, test.body)
			}
		})
	}
}
