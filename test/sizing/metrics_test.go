// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

//go:build cluster

package sizing_test

import (
	"bytes"
	"context"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/dapr-prod/kubectl-dapr-prod/test/cluster/kube"
)

// measured waits until metrics-server knows of so many Pods.
func measured(t *testing.T, ns *kube.Namespace, pods int) {
	t.Helper()
	kube.Eventually(t, "the readings of metrics-server", func(context.Context) (bool, string, error) {
		n := 0
		for _, w := range sizing(t, "-n", ns.Name, "--source=metrics").Workloads {
			n += w.Usage.Pods
		}
		return n == pods, "", nil
	})
}

// uses are annotations by which the test cluster's kubelets tell how much memory daprd uses.
func uses(memory string, more ...string) []string {
	return append([]string{"kwok.x-k8s.io/usage-memory.daprd: " + memory}, more...)
}

// TestMetrics: one reading raises the guidelines' numbers, and lowers none.
func TestMetrics(t *testing.T) {
	t.Parallel()
	ns := cluster.Namespace(t)
	apply(t, ns, app("Deployment", "modest", 2, uses("60Mi", settings...)...), app("StatefulSet", "greedy", 1, uses("1200Mi", settings...)...))
	measured(t, ns, 3)
	d := sizing(t, "-n", ns.Name, "--source=metrics")
	equal(t, "source", d.Source, "Usage: one reading of metrics.k8s.io, which is little to go by.")
	modest, greedy := d.of(t, "modest"), d.of(t, "greedy")
	equal(t, "modest", modest.numbers(), "100m/300m 250Mi/1000Mi 900MiB")
	equal(t, "modest is worth a change", modest.Change, false)
	equal(t, "greedy", greedy.numbers(), "100m/300m 1400Mi/1500Mi 1350MiB")
	equal(t, "greedy is worth a change", greedy.Change, true)
	equal(t, "confidence", greedy.Confidence, "low")
	// The same where nobody asks for it: a Prometheus that other tests run knows nothing of this namespace.
	auto := sizing(t, "-n", ns.Name)
	equal(t, "source without asking", auto.Source, d.Source)
	if len(auto.Warnings) == 0 {
		t.Error("nobody says why it is not Prometheus")
	}
	none := sizing(t, "-n", ns.Name, "--source=guidelines")
	equal(t, "source", none.Source, "Usage: nothing was measured, these are the guidelines' numbers to start with.")
	equal(t, "greedy by the guidelines", none.of(t, "greedy").numbers(), "100m/300m 250Mi/1000Mi 900MiB")
}

// TestWatchEndedEarly: Ctrl-C leaves what was read until then.
func TestWatchEndedEarly(t *testing.T) {
	t.Parallel()
	ns := cluster.Namespace(t)
	apply(t, ns, app("Deployment", "orders", 1, uses("1200Mi", settings...)...))
	measured(t, ns, 1)
	front := cluster.Front(t)
	itself, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), itself, "sizing", "-n", ns.Name, "--sample", "1h", "-o", "json", "--kubeconfig", front.Kubeconfig)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	cmd.Env = append(os.Environ(), asProgram+"=1")
	var readings atomic.Int32
	front.With(func(_ http.ResponseWriter, r *http.Request) bool {
		if strings.HasPrefix(r.URL.Path, "/apis/metrics.k8s.io/") && strings.HasSuffix(r.URL.Path, "/pods") && readings.Add(1) == 2 {
			_ = cmd.Process.Signal(syscall.SIGINT)
		}
		return false
	})
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	err = cmd.Wait()
	kube.Note(cmd.Args, stdout.String(), stderr.String())
	if err != nil {
		t.Fatalf("%v\n%s", err, stderr.String())
	}
	equal(t, "what is said of its progress where nobody looks", stderr.String(), "")
	d := read(t, stdout.String())
	equal(t, "readings of orders", d.of(t, "orders").Usage.Memory.Readings > 0, true)
	equal(t, "orders", d.of(t, "orders").numbers(), "100m/300m 1400Mi/1500Mi 1350MiB")
}
