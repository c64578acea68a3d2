// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"sync"
	"syscall"
	"time"
)

// bench is one comparison.
type bench struct {
	plugin, prometheus, epoch, history string
	rounds                             int

	mu    sync.Mutex
	asked []question
}

// question is a request as the plugin made it.
type question struct {
	method, uri string
	header      http.Header
	body        []byte
}

// run has the plugin ask through a proxy that keeps the questions, and then measures the
// same questions bare, and the plugin without the proxy.
func (b *bench) run(ctx context.Context) error {
	proxy, err := b.recorder()
	if err != nil {
		return err
	}
	_, err = b.sizing(ctx, proxy.URL)
	proxy.Close()
	if err != nil {
		return err
	}
	fmt.Printf("%d queries over %s\n", len(b.asked), b.history)
	var bare, whole time.Duration
	var memory int64
	var read int64
	for range b.rounds {
		took, bytes, err := b.bare(ctx)
		if err != nil {
			return err
		}
		read = bytes
		bare = faster(bare, took)
		fmt.Printf("bare queries: %.1f s, %d MB\n", took.Seconds(), read>>20)
		used, err := b.sizing(ctx, b.prometheus)
		if err != nil {
			return err
		}
		whole, memory = faster(whole, used.took), max(memory, used.memory)
		fmt.Printf("sizing -A: %.1f s, of which %.1f s of its own CPU; %d MB at the most\n", used.took.Seconds(), used.cpu.Seconds(), used.memory>>20)
	}
	fmt.Printf("sizing -A takes %.2f times as long as the bare queries (aim: 1.30), and %d MB (aim: 300)\n", whole.Seconds()/bare.Seconds(), memory>>20)
	return nil
}

func faster(best, took time.Duration) time.Duration {
	if best == 0 {
		return took
	}
	return min(best, took)
}

// recorder hands questions on to the Prometheus, and keeps them.
func (b *bench) recorder() (*httptest.Server, error) {
	target, err := url.Parse(b.prometheus)
	if err != nil {
		return nil, err
	}
	proxy := httputil.NewSingleHostReverseProxy(target)
	return httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		b.mu.Lock()
		b.asked = append(b.asked, question{r.Method, r.RequestURI, r.Header.Clone(), body})
		b.mu.Unlock()
		r.Body = io.NopCloser(bytes.NewReader(body))
		proxy.ServeHTTP(w, r)
	})), nil
}

// bare asks the questions one after the other and drops the answers, as they come over
// the wire.
func (b *bench) bare(ctx context.Context) (took time.Duration, read int64, err error) {
	start := time.Now()
	for _, q := range b.asked {
		request, err := http.NewRequestWithContext(ctx, q.method, b.prometheus+q.uri, bytes.NewReader(q.body))
		if err != nil {
			return 0, 0, err
		}
		request.Header = q.header.Clone()
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			return 0, 0, err
		}
		n, err := io.Copy(io.Discard, response.Body)
		response.Body.Close()
		if err != nil {
			return 0, 0, err
		}
		read += n
	}
	return time.Since(start), read, nil
}

// used is what a run of the plugin took.
type used struct {
	took, cpu time.Duration
	memory    int64
}

// sizing runs the plugin.
func (b *bench) sizing(ctx context.Context, prometheus string) (used, error) {
	cmd := exec.CommandContext(ctx, b.plugin, "sizing", "-A", "--prometheus-url", prometheus, "--history", b.history)
	cmd.Env = append(os.Environ(), "SOURCE_DATE_EPOCH="+b.epoch)
	var out, failed bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &failed
	start := time.Now()
	if err := cmd.Run(); err != nil {
		return used{}, fmt.Errorf("sizing -A: %w\n%s", err, &failed)
	}
	u := used{took: time.Since(start), cpu: cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()}
	if usage, is := cmd.ProcessState.SysUsage().(*syscall.Rusage); is {
		u.memory = usage.Maxrss << 10 // Linux counts in KiB
	}
	fmt.Printf("%s%s", firstLine(out.Bytes()), failed.Bytes())
	return u, nil
}

func firstLine(text []byte) []byte {
	first, _, _ := bytes.Cut(text, []byte("\n"))
	return append(first, '\n')
}
