// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

//go:build cluster

// Package cluster_test holds the program against a real cluster: the real API
// server, Dapr's own injector, and what they make of real Pods.
//
// DAPR_PROD_REVIEWS sets how many Pods are made up to hold the simulated
// injector against the real one, and DAPR_PROD_SEED makes up the same ones
// again. With -update the golden files are written anew.
package cluster_test

import (
	"flag"
	"log/slog"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"k8s.io/klog/v2"

	"github.com/dapr-prod/kubectl-dapr-prod/test/cluster/kube"
)

// cluster is the one that the tests share.
var cluster *kube.Cluster

var update = flag.Bool("update", false, "write the golden files anew")

// began is the time of all reports.
var began = time.Now()

// logged is what the client wrote past the streams of the command, where its
// log for developers goes. A test must not wait for nothing to come here: the
// other tests have clients, too.
var logged lockedText

// lockedText is a text that many may write to.
type lockedText struct {
	mutex sync.Mutex
	text  strings.Builder
}

func (l *lockedText) Write(p []byte) (int, error) {
	kube.Note([]string{"the client's log"}, string(p))
	l.mutex.Lock()
	defer l.mutex.Unlock()
	return l.text.Write(p)
}

func (l *lockedText) String() string {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	return l.text.String()
}

func TestMain(m *testing.M) {
	// Equal clusters give equal reports. Any other time than now would be wrong for
	// the cluster's certificates.
	os.Setenv("SOURCE_DATE_EPOCH", strconv.FormatInt(began.Unix(), 10))
	klog.SetSlogLogger(slog.New(slog.NewTextHandler(&logged, &slog.HandlerOptions{Level: slog.LevelError})))
	os.Exit(kube.Main(m, &cluster, true))
}
