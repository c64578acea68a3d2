// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

//go:build cluster

package sizing_test

import (
	"fmt"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/dapr-prod/kubectl-dapr-prod/test/cluster/kube"
)

// app is a workload with a sidecar, whose app requests 500m and 512Mi; more are
// annotations of its Pods, a line each.
func app(kind, name string, replicas int, more ...string) string {
	service := ""
	if kind == "StatefulSet" {
		service = "serviceName: " + name
	}
	lines := ""
	for _, line := range more {
		lines += "\n        " + line
	}
	return fmt.Sprintf(`---
apiVersion: apps/v1
kind: %[1]s
metadata:
  name: %[2]s
  labels: {app: %[2]s}
spec:
  replicas: %[3]d
  %[4]s
  selector: {matchLabels: {app: %[2]s}}
  template:
    metadata:
      labels: {app: %[2]s}
      annotations:
        dapr.io/enabled: "true"
        dapr.io/app-id: %[2]s%[5]s
    spec:
      containers:
        - name: app
          image: registry.example.com/%[2]s:1
          resources: {requests: {cpu: 500m, memory: 512Mi}}
`, kind, name, replicas, service, lines)
}

// The settings that the guidelines start with.
var settings = []string{
	"dapr.io/sidecar-cpu-request: 100m", "dapr.io/sidecar-cpu-limit: 300m",
	"dapr.io/sidecar-memory-request: 250Mi", "dapr.io/sidecar-memory-limit: 1000Mi", "dapr.io/env: GOMEMLIMIT=900MiB",
}

// apply makes objects, and waits for their Pods.
func apply(t *testing.T, ns *kube.Namespace, manifests ...string) {
	t.Helper()
	ns.MustKubectl(t, strings.Join(manifests, "---\n"), "apply", "-f", "-")
	ns.Ready(t)
}

// The history is of the last days, a scrape a minute.
const (
	day    = 24 * 60 // minutes
	days   = 8
	scrape = 60
	mib    = 1 << 20
)

// past makes series of one namespace.
type past struct {
	namespace string
	start     int64
	all       []kube.Scraped
}

func newPast(ns *kube.Namespace) *past {
	return &past{namespace: ns.Name, start: time.Now().Truncate(5 * time.Minute).Add(-days * 24 * time.Hour).Unix()}
}

// series adds one of a Pod's container; value tells each sample, nil for none.
func (p *past) series(name, pod, container string, value func(minute int) any, more ...string) {
	s := kube.Scraped{
		Labels: map[string]string{"__name__": name, "namespace": p.namespace, "pod": pod, "container": container},
		Start:  p.start, Step: scrape,
	}
	for i := 0; i < len(more); i += 2 {
		maps.Copy(s.Labels, map[string]string{more[i]: more[i+1]})
	}
	for minute := range days*day + 1 {
		s.Values = append(s.Values, value(minute))
	}
	p.all = append(p.all, s)
}

// ran adds what a container used from a minute to another: the same all the time, but
// for five minutes of a whole core and half as much memory again where it starts.
func (p *past) ran(pod, container string, from, to int, cores, bytes float64) {
	p.series("container_cpu_usage_seconds_total", pod, container, func(minute int) any {
		if minute < from || minute > to {
			return nil
		}
		since := float64(minute - from)
		if from == 0 {
			return cores * scrape * since
		}
		return scrape * (min(since, 5) + cores*max(0, since-5))
	})
	p.series("container_memory_working_set_bytes", pod, container, func(minute int) any {
		switch {
		case minute < from || minute > to:
			return nil
		case from > 0 && minute < from+5:
			return 1.5 * bytes
		}
		return bytes
	})
}
