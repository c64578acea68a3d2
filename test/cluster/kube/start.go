// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package kube

import (
	"bufio"
	"io"
	"os/exec"
	"strings"
	"testing"
)

// Start runs a cluster of its own until the test ends, with the arguments of testenv
// run, and returns its kubeconfig. What its Secrets hold is a secret of the tests.
func Start(t testing.TB, args ...string) string {
	t.Helper()
	testenv, err := (&Cluster{}).Testenv()
	if err != nil {
		t.Fatal(err)
	}
	// The cluster lasts as long as cat, and cat as long as this process: it reads
	// from a pipe that closes with the test, however that ends.
	cmd := exec.Command(testenv, append(append([]string{"run"}, args...), "--", "sh", "-c", `echo "$KUBECONFIG"; exec cat`)...)
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
			t.Errorf("testenv %s: %v\n%s", strings.Join(args, " "), err, log.String())
		}
	})
	kubeconfig, err := reader.ReadString('\n')
	if err != nil {
		t.Fatal("the cluster did not start")
	}
	kubeconfig = strings.TrimSpace(kubeconfig)
	watchSecrets(t, kubeconfig)
	return kubeconfig
}
