// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

//go:build (faults || cluster) && unix

package apply

import (
	"os"
	"strconv"
	"strings"
	"sync"
	"syscall"
)

// faultVariable names the point at which the process kills itself, as
// "applied" or, for the second time that it comes there, "applied:2".
const faultVariable = "DAPR_PROD_FAULT"

var (
	faultMutex sync.Mutex
	faultCount = map[string]int{}
)

// fault kills the process, as kill -9 does, where the environment names this point:
// journaled, applied, written and restored, in the order in which they are passed.
func fault(point string) {
	faultMutex.Lock()
	defer faultMutex.Unlock()
	faultCount[point]++
	name, count, counted := strings.Cut(os.Getenv(faultVariable), ":")
	if name != point || counted && count != strconv.Itoa(faultCount[point]) {
		return
	}
	_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
	select {} // until the signal arrives
}
