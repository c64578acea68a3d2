// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

func TestWithout(t *testing.T) {
	for _, typed := range []string{"-detach", "--detach"} {
		got := without([]string{"--history", "f", typed, "--state", "s"}, "detach")
		if want := []string{"--history", "f", "--state", "s"}; !slices.Equal(got, want) {
			t.Errorf("%q", got)
		}
	}
}

// TestWaitClusterEnd: a cluster ends with its process, or with its folder.
func TestWaitClusterEnd(t *testing.T) {
	for name, end := range map[string]func(*testing.T, *exec.Cmd, string){
		"killed": func(_ *testing.T, lives *exec.Cmd, _ string) { _ = lives.Process.Kill(); _ = lives.Wait() },
		"removed": func(t *testing.T, _ *exec.Cmd, dir string) {
			if err := os.RemoveAll(dir); err != nil {
				t.Error(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "cluster")
			if err := os.Mkdir(dir, 0o755); err != nil {
				t.Fatal(err)
			}
			lives := exec.Command("/bin/sleep", "1000")
			if err := lives.Start(); err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = lives.Process.Kill(); _ = lives.Wait() })
			if err := (State{Dir: dir, PIDs: map[string]int{"testenv": lives.Process.Pid}}).write(); err != nil {
				t.Fatal(err)
			}
			ended := make(chan bool)
			go func() { waitClusterEnd(t.Context(), statePath(dir)); close(ended) }()
			select {
			case <-ended:
				t.Fatal("it did not wait")
			case <-time.After(100 * time.Millisecond):
			}
			end(t, lives, dir)
			<-ended
		})
	}
}

// TestKeepHistory: a folder is written once, and appears whole or not at all.
func TestKeepHistory(t *testing.T) {
	dir := t.TempDir()
	history, data := filepath.Join(dir, "history"), filepath.Join(dir, "data")
	if err := os.WriteFile(history, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := keepHistory(t.Context(), "/bin/false", history, data); err == nil {
		t.Error("no error")
	}
	if entries, _ := os.ReadDir(dir); len(entries) != 1 {
		t.Errorf("%v is left", entries)
	}
	if err := keepHistory(t.Context(), "/bin/true", history, data); err != nil {
		t.Fatal(err)
	}
	if err := keepHistory(t.Context(), "/bin/false", history, data); err != nil {
		t.Errorf("written again: %v", err)
	}
}
