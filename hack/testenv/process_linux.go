// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import "syscall"

// childAttributes put a child into its own process group, so that a signal to
// testenv's group does not reach it first, and let the kernel kill it when
// testenv is killed without a chance to clean up.
func childAttributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}
