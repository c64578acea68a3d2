// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// markerName is a file in every cluster's folder with the process id of the
// testenv that owns it, which holds a lock on it for as long as it lives. A
// folder without it is never emptied or removed.
const markerName = "testenv.pid"

// claimFolder makes an empty folder for a cluster and locks it. The leftovers
// of a cluster that was killed are cleared away.
func claimFolder(dir string) (*os.File, error) {
	marker := filepath.Join(dir, markerName)
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	if _, err := os.Stat(marker); err != nil && len(entries) > 0 {
		return nil, fmt.Errorf("folder %s is not empty and holds no cluster: choose another --dir", dir)
	}
	lock, err := tryLock(marker)
	if errors.Is(err, errLocked) {
		return nil, fmt.Errorf("a cluster already runs in %s: stop it with testenv down --dir %s", dir, dir)
	}
	if err != nil {
		return nil, err
	}
	for _, entry := range entries {
		if entry.Name() == markerName {
			continue
		}
		if err := os.RemoveAll(filepath.Join(dir, entry.Name())); err != nil {
			_ = lock.Close()
			return nil, err
		}
	}
	return lock, nil
}

// recordOwner writes this process into the marker.
func recordOwner(lock *os.File) error {
	if err := lock.Truncate(0); err != nil {
		return err
	}
	_, err := lock.WriteAt([]byte(strconv.Itoa(os.Getpid())+"\n"), 0)
	return err
}

// owner reads the marker.
func owner(dir string) (pid int, err error) {
	content, err := os.ReadFile(filepath.Join(dir, markerName))
	if err != nil {
		return 0, err
	}
	pid, err = strconv.Atoi(strings.TrimSpace(string(content)))
	if err != nil || pid <= 1 {
		return 0, fmt.Errorf("%s names no process", filepath.Join(dir, markerName))
	}
	return pid, nil
}

func downCommand(ctx context.Context, args []string) error {
	flags := newFlags("down")
	dir := flags.String("dir", "", "folder of the cluster")
	if err := parse(flags, args); err != nil {
		return err
	}
	if err := noArguments(flags); err != nil {
		return err
	}
	if *dir == "" {
		return usagef("down needs --dir")
	}
	marker := filepath.Join(*dir, markerName)
	if _, err := os.Stat(marker); errors.Is(err, os.ErrNotExist) {
		note("nothing runs in %s", *dir)
		return nil
	}
	stopped := false
	lock, err := tryLock(marker)
	for signal, deadline := syscall.SIGTERM, time.Now().Add(20*time.Second); errors.Is(err, errLocked); lock, err = tryLock(marker) {
		pid, ownerErr := owner(*dir)
		if ownerErr != nil {
			return ownerErr
		}
		if !stopped || time.Now().After(deadline) {
			if stopped {
				signal = syscall.SIGKILL
			}
			// A process that has just ended is what is wanted.
			if err := syscall.Kill(pid, signal); err != nil && !errors.Is(err, syscall.ESRCH) {
				return fmt.Errorf("process %d of the cluster in %s: %w", pid, *dir, err)
			}
			stopped = true
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(50 * time.Millisecond):
		}
	}
	if err != nil {
		return err
	}
	defer lock.Close()
	if stopped {
		note("stopped the cluster in %s", *dir)
	} else {
		note("nothing runs in %s; removing what was left", *dir)
	}
	return os.RemoveAll(*dir)
}
