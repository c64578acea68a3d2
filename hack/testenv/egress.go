// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// egress is the cluster network: a proxy for HTTP CONNECT that knows which
// local port serves which cluster address. The API server sends webhook calls
// through it, and Dapr's programs reach Sentry by its cluster name. So the
// objects in the cluster stay exactly as the chart makes them.
type egress struct {
	mu     sync.RWMutex
	routes map[string]string // HOST:PORT in the cluster to HOST:PORT here
	dir    string            // of the cluster, where other processes leave routes
}

func newEgress(dir string) *egress { return &egress{routes: map[string]string{}, dir: dir} }

// routeFile is where another process says which local address a cluster address
// leads to.
func routeFile(dir, cluster string) string {
	return filepath.Join(dir, "routes", url.PathEscape(cluster))
}

// route makes the cluster address reach a local one.
func (e *egress) route(cluster, local string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.routes[cluster] = local
}

// unroute makes a cluster address unreachable again.
func (e *egress) unroute(cluster string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	delete(e.routes, cluster)
}

func (e *egress) lookup(cluster string) (local string, found bool) {
	e.mu.RLock()
	defer e.mu.RUnlock()
	if local, found = e.routes[cluster]; found {
		return local, true
	}
	content, err := os.ReadFile(routeFile(e.dir, cluster))
	return string(content), err == nil
}

// serve answers on the listener until it is closed.
func (e *egress) serve(listener net.Listener) {
	for {
		conn, err := listener.Accept()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil {
			time.Sleep(50 * time.Millisecond) // out of files: let some go
			continue
		}
		go e.handle(conn)
	}
}

func (e *egress) handle(client net.Conn) {
	defer client.Close()
	reader := bufio.NewReader(client)
	request, err := http.ReadRequest(reader)
	if err != nil {
		return
	}
	if request.Method != http.MethodConnect {
		refuse(client, "405 Method Not Allowed")
		return
	}
	local, found := e.lookup(request.Host)
	if !found {
		refuse(client, "502 Bad Gateway")
		return
	}
	dialer := net.Dialer{Timeout: 5 * time.Second}
	server, err := dialer.DialContext(context.Background(), "tcp", local)
	if err != nil {
		refuse(client, "502 Bad Gateway")
		return
	}
	defer server.Close()
	if _, err := io.WriteString(client, "HTTP/1.1 200 Connection Established\r\n\r\n"); err != nil {
		return
	}
	tunnel(client, reader, server)
}

// tunnel copies both ways and hands an end of stream on to the other side.
func tunnel(client net.Conn, fromClient io.Reader, server net.Conn) {
	finished := make(chan struct{})
	go func() {
		_, _ = io.Copy(server, fromClient)
		closeWrite(server)
		close(finished)
	}()
	_, _ = io.Copy(client, server)
	closeWrite(client)
	<-finished
}

func closeWrite(conn net.Conn) {
	if half, ok := conn.(interface{ CloseWrite() error }); ok {
		_ = half.CloseWrite()
	}
}

func refuse(conn net.Conn, status string) {
	_, _ = io.WriteString(conn, "HTTP/1.1 "+status+"\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
}
