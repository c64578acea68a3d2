// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/json"
	"fmt"
	"hash/fnv"
	"io"
	"iter"
	"math"
	"math/rand/v2"
	"strconv"
	"time"
)

// container is one of a Pod that runs, or ran, from a time to another.
type container struct {
	namespace, pod, name string
	from, to             time.Time
	shape                shape
	// native: it is among the init containers. sidecar: it is Dapr's.
	native, sidecar bool
}

// counters are what a kubelet and kube-state-metrics count of a container.
type counters struct{ cpu, periods, throttled, kills float64 }

// metrics are the series of a container; without when, of each. The heap is of Dapr's
// own metrics.
var metrics = []struct {
	name string
	when func(container) bool
	of   func(counters, load) float64
}{
	{name: "container_cpu_usage_seconds_total", of: func(c counters, _ load) float64 { return c.cpu }},
	{name: "container_memory_working_set_bytes", of: func(_ counters, l load) float64 { return pages(l.memory) }},
	{name: "container_cpu_cfs_periods_total", of: func(c counters, _ load) float64 { return c.periods }},
	{name: "container_cpu_cfs_throttled_periods_total", of: func(c counters, _ load) float64 { return c.throttled }},
	{name: "container_oom_events_total", of: func(c counters, _ load) float64 { return c.kills }},
	{name: "kube_pod_container_status_restarts_total", when: func(c container) bool { return !c.native }, of: func(c counters, _ load) float64 { return c.kills }},
	{name: "kube_pod_init_container_status_restarts_total", when: func(c container) bool { return c.native }, of: func(c counters, _ load) float64 { return c.kills }},
	{name: "go_memstats_heap_inuse_bytes", when: func(c container) bool { return c.sidecar }, of: func(_ counters, l load) float64 { return pages(l.memory / 2) }},
}

// pages are bytes in whole pages.
func pages(bytes float64) float64 { return float64(int64(bytes) / 4096 * 4096) }

// writeAll writes the series of containers, one a line.
func writeAll(out io.Writer, all iter.Seq[container]) error {
	for c := range all {
		if err := c.write(out); err != nil {
			return err
		}
	}
	return nil
}

func (c container) write(out io.Writer) error {
	values := c.values()
	for i, m := range metrics {
		if len(values[i]) == 0 {
			continue
		}
		labels := map[string]string{"__name__": m.name, "namespace": c.namespace, "pod": c.pod, "container": c.name}
		named, err := json.Marshal(labels)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(out, `{"labels":%s,"start":%d,"step":%d,"values":[%s]}`+"\n", named, c.from.Unix(), int(scrape.Seconds()), values[i])
		if err != nil {
			return err
		}
	}
	return nil
}

// values are the samples of each metric, with commas between them; the samples of one
// scrape belong to one load.
func (c container) values() [][]byte {
	seed := fnv.New64a()
	_, _ = io.WriteString(seed, c.namespace+"/"+c.pod+"/"+c.name)
	random := rand.New(rand.NewPCG(seed.Sum64(), 0))
	values := make([][]byte, len(metrics))
	var counted counters
	born := c.from
	for at := c.from; !at.After(c.to); at = at.Add(scrape) {
		l := c.shape(at, at.Sub(born), random)
		counted.cpu += l.cpu * scrape.Seconds()
		counted.periods += scrape.Seconds() * 10
		counted.throttled += math.Floor(l.throttled * scrape.Seconds() * 10)
		if l.killed {
			counted.kills++
			born = at.Add(scrape)
		}
		for i, m := range metrics {
			if m.when != nil && !m.when(c) {
				continue
			}
			if len(values[i]) > 0 {
				values[i] = append(values[i], ',')
			}
			values[i] = strconv.AppendFloat(values[i], math.Round(m.of(counted, l)*1000)/1000, 'f', -1, 64)
		}
	}
	return values
}
