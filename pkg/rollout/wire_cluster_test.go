// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

//go:build cluster

package rollout_test

import (
	"io"
	"net"
	"net/url"
	"sync"
	"testing"

	"k8s.io/client-go/rest"
)

// wire is a connection to the API server that can be cut.
type wire struct {
	server, address string

	mutex    sync.Mutex
	listener net.Listener
	open     []net.Conn
}

func newWire(t *testing.T, config *rest.Config) *wire {
	t.Helper()
	u, err := url.Parse(config.Host)
	if err != nil {
		t.Fatal(err)
	}
	w := &wire{server: u.Host, address: "127.0.0.1:0"}
	w.mend(t)
	t.Cleanup(func() { w.cut(t) })
	return w
}

// config is that of a client at the other end.
func (w *wire) config(config *rest.Config) *rest.Config {
	c := rest.CopyConfig(config)
	u, _ := url.Parse(config.Host)
	c.Host = "https://" + w.address
	c.ServerName = u.Hostname()
	return c
}

// mend lets connections through.
func (w *wire) mend(t *testing.T) {
	t.Helper()
	w.mutex.Lock()
	defer w.mutex.Unlock()
	l, err := net.Listen("tcp", w.address)
	if err != nil {
		t.Error(err)
		return
	}
	w.listener, w.address = l, l.Addr().String()
	go func() {
		for {
			near, err := l.Accept()
			if err != nil {
				return
			}
			far, err := net.Dial("tcp", w.server)
			if err != nil {
				near.Close()
				continue
			}
			w.mutex.Lock()
			w.open = append(w.open, near, far)
			w.mutex.Unlock()
			go func() { _, _ = io.Copy(near, far) }()
			go func() { _, _ = io.Copy(far, near) }()
		}
	}()
}

// cut ends all connections; new ones are refused.
func (w *wire) cut(t *testing.T) {
	t.Helper()
	w.mutex.Lock()
	defer w.mutex.Unlock()
	w.listener.Close()
	for _, c := range w.open {
		c.Close()
	}
	w.open = nil
}
