// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package kube

import (
	"bufio"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// Scraped is a series as a Prometheus has it: Values are Step seconds apart from
// Start on, in seconds since 1970. Where a scrape failed there is nil; "NaN" is a
// value, too.
type Scraped struct {
	Labels map[string]string `json:"labels"`
	Start  int64             `json:"start"`
	Step   int64             `json:"step"`
	Values []any             `json:"values"`
}

// Prometheus runs a real one with this history until the test ends, and returns its
// URL. The first one takes some minutes to build.
func Prometheus(t testing.TB, history []Scraped, args ...string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "history")
	writeHistory(t, file, history)
	testenv, err := (&Cluster{}).Testenv()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(testenv, append([]string{"prometheus", "--history", file}, args...)...)
	var log strings.Builder
	cmd.Stderr = &log
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	reader := bufio.NewReader(stdout)
	t.Cleanup(func() {
		_ = stdin.Close()
		_, _ = io.Copy(io.Discard, reader)
		if err := cmd.Wait(); err != nil {
			t.Errorf("testenv prometheus: %v\n%s", err, log.String())
		}
	})
	url, err := reader.ReadString('\n')
	if err != nil {
		t.Fatal("Prometheus did not start")
	}
	return strings.TrimSpace(url)
}

func writeHistory(t testing.TB, file string, history []Scraped) {
	t.Helper()
	out, err := os.Create(file)
	if err != nil {
		t.Fatal(err)
	}
	buffered := bufio.NewWriter(out)
	lines := json.NewEncoder(buffered)
	for _, s := range history {
		if err := lines.Encode(s); err != nil {
			t.Fatal(err)
		}
	}
	if err := buffered.Flush(); err != nil {
		t.Fatal(err)
	}
	if err := out.Close(); err != nil {
		t.Fatal(err)
	}
}

// PrometheusIn is Prometheus, which is in the cluster, too, as Service
// monitoring/prometheus-server. A cluster has one at a time: who comes second waits.
func (c *Cluster) PrometheusIn(t testing.TB, history []Scraped) string {
	t.Helper()
	return Prometheus(t, history, "--state", c.StateFile)
}
