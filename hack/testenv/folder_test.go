// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestClaimFolder(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "cluster")
	lock, err := claimFolder(dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := recordOwner(lock); err != nil {
		t.Fatal(err)
	}
	if pid, err := owner(dir); err != nil || pid != os.Getpid() {
		t.Errorf("owner is %d, %v", pid, err)
	}
	if _, err := claimFolder(dir); err == nil || !strings.Contains(err.Error(), "testenv down --dir") {
		t.Errorf("second claim: got %v, want an error that names the way out", err)
	}

	leftover := filepath.Join(dir, "etcd", "data")
	if err := os.MkdirAll(leftover, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := lock.Close(); err != nil { // as the kernel does for a killed process
		t.Fatal(err)
	}
	lock, err = claimFolder(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer lock.Close()
	if _, err := os.Stat(leftover); err == nil {
		t.Error("leftovers of a dead cluster are still there")
	}
}

func TestClaimFolderOfSomebodyElse(t *testing.T) {
	dir := writeFiles(t, map[string]string{"thesis.txt": "precious"})
	if _, err := claimFolder(dir); err == nil {
		t.Error("a folder with other content was claimed")
	}
	if err := downCommand(t.Context(), []string{"--dir", dir}); err != nil {
		t.Errorf("down where nothing runs: %v", err)
	}
	if _, err := os.Stat(filepath.Join(dir, "thesis.txt")); err != nil {
		t.Error(err)
	}
}

func TestStateRoundTrip(t *testing.T) {
	want := State{Dir: t.TempDir(), Kubeconfig: "k", Dapr: DaprState{Version: "1.18.3"}, PIDs: map[string]int{"etcd": 7}}
	if err := want.write(); err != nil {
		t.Fatal(err)
	}
	got, err := readState(statePath(want.Dir))
	if err != nil || got.Kubeconfig != "k" || got.Dapr.Version != "1.18.3" || got.PIDs["etcd"] != 7 {
		t.Errorf("got %+v, %v", got, err)
	}
}
