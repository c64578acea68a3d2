// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

//go:build cluster

package sizing_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/dapr-prod/kubectl-dapr-prod/test/cluster/kube"
)

const (
	autoscaler = `---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: by-cpu}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: orders}
  minReplicas: 2
  maxReplicas: 5
  metrics:
    - type: Resource
      resource: {name: cpu, target: {type: Utilization, averageUtilization: 80}}
`
	lonely = `---
apiVersion: v1
kind: Pod
metadata:
  name: lonely
  annotations: {dapr.io/enabled: "true", dapr.io/app-id: lonely}
spec:
  containers: [{name: app, image: registry.example.com/lonely:1}]
`
)

// shop makes apps of all sorts, and what a Prometheus has of their past.
func shop(t *testing.T) (*kube.Namespace, *past) {
	t.Helper()
	ns := cluster.Namespace(t)
	apply(t, ns, app("Deployment", "orders", 2, settings...), autoscaler, app("StatefulSet", "stock", 1, settings...),
		app("Deployment", "idle", 0), app("Deployment", "fresh", 1), lonely)
	p := newPast(ns)
	const end = days * day
	// A Pod of a former rollout, and those that there are now.
	p.ran("orders-5d4f8c7b9-x7x2q", "daprd", 0, 4*day, 0.1, 200*mib)
	for _, pod := range ns.Pods(t) {
		if strings.HasPrefix(pod.Name, "orders-") {
			p.ran(pod.Name, "daprd", 4*day+2, end, 0.1, 200*mib)
			p.ran(pod.Name, "app", 4*day+2, end, 0.05, 60*mib)
		}
	}
	p.series("go_memstats_heap_inuse_bytes", "stock-0", "daprd", func(int) any { return 33.0 * mib })
	p.ran("stock-0", "daprd", 0, end, 0.1, 200*mib)
	p.series("kube_pod_container_status_restarts_total", "stock-0", "daprd", func(minute int) any { return float64(minute / (3 * day)) })
	p.series("kube_pod_container_status_last_terminated_reason", "stock-0", "daprd", func(minute int) any {
		if minute < 3*day {
			return nil
		}
		return 1.0
	}, "reason", "OOMKilled")
	p.ran("idle-6f5c8d9b4-q2w5r", "daprd", 0, 7*day, 0.1, 200*mib)
	p.ran("removed-6f5c8d9b4-q2w5r", "daprd", 0, day, 3, 900*mib)
	return ns, p
}

// expect holds the document against what the shop's past asks for.
func expect(t *testing.T, d *document) {
	t.Helper()
	orders := d.of(t, "orders")
	equal(t, "orders", orders.numbers(), "120m/300m 225Mi/375Mi 337MiB")
	equal(t, "confidence of orders", orders.Confidence, "high")
	equal(t, "Pods seen of orders", orders.Usage.Pods, 3)
	equal(t, "the highest CPU of orders", orders.Usage.CPU.Max, "100m")
	equal(t, "change of orders", fmt.Sprint(orders.Change, orders.Added), "true map[cpu:40m memory:-50Mi]")
	orders.says(t, "HorizontalPodAutoscaler by-cpu scales at 80 % of the Pod's CPU requests: 480m of 600m now, 496m of 620m then")
	orders.says(t, "container app requests 500m of CPU, and uses at most 50m in 95 % of the time; 512Mi of memory, and uses at most 90Mi")

	stock := d.of(t, "stock")
	equal(t, "stock", stock.numbers(), "120m/300m 225Mi/1000Mi 900MiB")
	equal(t, "confidence of stock", stock.Confidence, "medium")
	stock.says(t, "containers were killed for want of memory, 2 times, at a limit that is not known")
	stock.says(t, "memory limit: not lowered from 1000Mi, since the limit of that time is not known of all")
	stock.says(t, "Go's heap had up to 33Mi of the memory in use")
	idle := d.of(t, "idle")
	equal(t, "idle", idle.numbers(), "120m/300m 225Mi/250Mi 225MiB")
	equal(t, "Pods of idle", idle.Pods, 0)
	for _, name := range []string{"fresh", "lonely"} {
		w := d.of(t, name)
		equal(t, name, w.numbers(), "100m/300m 250Mi/1000Mi 900MiB")
		equal(t, "confidence of "+name, w.Confidence, "low")
	}
	d.of(t, "lonely").says(t, "a Pod of its own")
	d.warns(t, "Usage of Pods that are of none of these apps, as far as their names tell, did not count: there were 1")
}

// TestHistory: what a Prometheus outside of the cluster has.
func TestHistory(t *testing.T) {
	t.Parallel()
	ns, p := shop(t)
	url := kube.Prometheus(t, p.all)
	d := sizing(t, "-n", ns.Name, "--prometheus-url", url)
	if !strings.HasPrefix(d.Source, "Usage: Prometheus at "+url+", a reading every 5 minutes from ") || !strings.HasSuffix(d.Source, ": 8 days of the 14 days that were asked for.") {
		t.Error(d.Source)
	}
	expect(t, d)
	one := sizing(t, "-n", ns.Name, "--prometheus-url", url, "deployment/orders", "--history", "8d")
	equal(t, "apps", len(one.Workloads), 1)
	equal(t, "orders alone", one.of(t, "orders").numbers(), "120m/300m 225Mi/375Mi 337MiB")
	equal(t, "warnings", len(one.Warnings), 0)
	if !strings.Contains(one.Source, "a reading every 5 minutes for 8 days, until ") {
		t.Error(one.Source)
	}
	// Of another cluster there is nothing.
	other := sizing(t, "-n", ns.Name, "--prometheus-url", url, "--prometheus-label", "cluster=other")
	if !strings.Contains(other.Source, "which knows nothing of these containers in the last 14 days") {
		t.Error(other.Source)
	}
	equal(t, "orders elsewhere", other.of(t, "orders").numbers(), "100m/300m 250Mi/1000Mi 900MiB")
}

// TestInCluster: the same of one that is found in the cluster, through the API server.
func TestInCluster(t *testing.T) {
	t.Parallel()
	ns, p := shop(t)
	cluster.PrometheusIn(t, p.all)
	d := sizing(t, "-n", ns.Name)
	if !strings.HasPrefix(d.Source, "Usage: Prometheus, Service monitoring/prometheus-server:http, a reading every 5 minutes from ") {
		t.Error(d.Source, d.Warnings)
	}
	expect(t, d)
}

// TestSeveralClusters: a store that has more than one has to be told which.
func TestSeveralClusters(t *testing.T) {
	t.Parallel()
	ns := cluster.Namespace(t)
	apply(t, ns, app("Deployment", "orders", 1, settings...))
	p := newPast(ns)
	for i, name := range []string{"a", "b"} {
		p.ran("orders-5d4f8c7b9-x7x2q", "daprd", 0, days*day, 0.1*float64(i+1), 200*mib)
		for _, s := range p.all[2*i:] {
			s.Labels["cluster"] = name
		}
	}
	url := kube.Prometheus(t, p.all)
	o := kube.Run(t, "sizing", "-n", ns.Name, "--prometheus-url", url)
	want := `error: Prometheus at ` + url + ` holds the clusters "a", "b": which one is to be read must be told by its label cluster, as in --prometheus-label cluster="a"` + "\n"
	if o.Code != 2 || o.Stdout != "" || o.Stderr != want {
		t.Errorf("exit code %d\n%s%s", o.Code, o.Stdout, o.Stderr)
	}
	d := sizing(t, "-n", ns.Name, "--prometheus-url", url, "--prometheus-label", "cluster=b")
	equal(t, "orders in b", d.of(t, "orders").Usage.CPU.Max, "200m")
}
