// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

//go:build cluster

package usage_test

import (
	"maps"
	"math"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"k8s.io/client-go/rest"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/usage"
	"github.com/dapr-prod/kubectl-dapr-prod/test/cluster/kube"
)

const (
	// scrape is the time between two samples that a Prometheus has, in seconds.
	scrape = 30
	hours  = 6
	points = hours * 3600 / scrape
	mib    = 1 << 20
)

// scraped is a series of the six hours before noon; value tells each sample.
func scraped(name string, labels map[string]string, value func(i int) any) kube.Scraped {
	s := kube.Scraped{Labels: map[string]string{"__name__": name}, Start: noon.Unix() - hours*3600, Step: scrape}
	maps.Copy(s.Labels, labels)
	for i := range points + 1 {
		s.Values = append(s.Values, value(i))
	}
	return s
}

// of are the labels of a Pod's sidecar, and more.
func of(pod string, more ...string) map[string]string {
	labels := map[string]string{"namespace": "shop", "pod": pod, "container": "daprd"}
	for i := 0; i < len(more); i += 2 {
		labels[more[i]] = more[i+1]
	}
	return labels
}

// steady is a counter of so many cores.
func steady(cores float64) func(int) any {
	return func(i int) any { return cores * scrape * float64(i) }
}

// always is a gauge.
func always(value float64) func(int) any { return func(int) any { return value } }

// during has a value in a part of the six hours alone.
func during(from, to float64, value func(int) any) func(int) any {
	return func(i int) any {
		if hour := float64(i) * scrape / 3600; hour < from || hour >= to {
			return nil
		}
		return value(i)
	}
}

const (
	cpu    = "container_cpu_usage_seconds_total"
	memory = "container_memory_working_set_bytes"
)

// shop is a history with all that happens to Pods.
func shop() []kube.Scraped {
	old := map[string]string{"namespace": "shop", "pod_name": "old", "container_name": "daprd"}
	app := of("steady", "container", "app")
	target := map[string]string{"namespace": "shop", "pod": "scraped", "job": "pods", "instance": "10.0.0.1:9090"}
	other := map[string]string{"namespace": "shop", "pod": "alien", "job": "pods", "instance": "10.0.0.2:8080"}
	return []kube.Scraped{
		// Two replicas of a Prometheus, a dead container's cgroup, and both namings.
		scraped(cpu, of("steady", "id", "/a", "cpu", "total", "replica", "a"), steady(0.2)),
		scraped(cpu, of("steady", "id", "/a", "cpu", "total", "replica", "b"), steady(0.2)),
		scraped(cpu, of("both", "id", "/a", "pod_name", "both", "container_name", "daprd"), steady(0.1)),
		scraped(cpu, of("percpu", "cpu", "cpu00"), steady(0.1)),
		scraped(cpu, of("percpu", "cpu", "cpu01"), steady(0.3)),
		scraped(cpu, old, steady(0.4)),
		scraped(cpu, app, steady(0.05)),
		scraped(cpu, of("steady", "container", "POD"), steady(0.01)),
		scraped(cpu, map[string]string{"namespace": "shop", "pod": "steady"}, steady(0.3)),
		scraped(cpu, of("nodapr", "container", "app"), steady(0.7)),
		scraped(cpu, map[string]string{"namespace": "elsewhere", "pod": "x", "container": "daprd"}, steady(0.9)),
		// A counter that begins again each hour.
		scraped(cpu, of("resets"), func(i int) any { return 0.2 * scrape * float64(i%120) }),
		scraped(cpu, of("gaps"), func(i int) any {
			if i >= 240 && i < 300 {
				return nil
			}
			return 0.2 * scrape * float64(i)
		}),
		scraped(cpu, of("web-5d4f8c7b9-x7x2q"), during(0, 2, steady(0.1))),
		scraped(cpu, of("web-6f5c8d9b4-q2w5r"), during(2, 7, steady(0.1))),

		scraped(memory, of("steady"), func(i int) any {
			if i == 101 {
				return 300.0 * mib // a peak between two steps
			}
			return 100.0 * mib
		}),
		scraped(memory, of("nan"), func(i int) any {
			if i%2 == 0 {
				return "NaN"
			}
			return 50.0 * mib
		}),
		scraped(memory, of("onlynan"), func(int) any { return "NaN" }),
		scraped(memory, app, always(64*mib)),
		scraped(memory, old, always(70*mib)),

		scraped("container_cpu_cfs_periods_total", of("steady"), func(i int) any { return float64(i) * 300 }),
		scraped("container_cpu_cfs_throttled_periods_total", of("steady"), func(i int) any { return float64(i) * 75 }),
		scraped("container_cpu_cfs_periods_total", of("idle"), always(0)),
		scraped("container_cpu_cfs_throttled_periods_total", of("idle"), always(0)),

		scraped("container_oom_events_total", of("steady"), always(0)),
		scraped("container_oom_events_total", of("killed"), func(i int) any { return float64(i / 400) }),
		scraped("kube_pod_container_status_last_terminated_reason", of("native", "reason", "OOMKilled"), during(5, 7, always(1))),
		scraped("kube_pod_container_status_last_terminated_reason", of("ended", "reason", "Error"), always(1)),
		scraped("kube_pod_container_status_restarts_total", of("steady"), always(0)),
		scraped("kube_pod_init_container_status_restarts_total", of("native"), func(i int) any { return float64(i / 240) }),
		scraped("kube_pod_container_status_restarts_total", map[string]string{
			"exported_namespace": "shop", "exported_pod": "relabelled", "exported_container": "daprd",
			"namespace": "monitoring", "pod": "kube-state-metrics-0", "container": "kube-state-metrics",
		}, always(3)),

		scraped("go_memstats_heap_inuse_bytes", of("steady"), always(20*mib)),
		scraped("go_memstats_heap_inuse_bytes", target, always(30*mib)),
		scraped("dapr_runtime_component_loaded", target, always(2)),
		scraped("go_memstats_heap_inuse_bytes", other, always(40*mib)),
	}
}

// sidecars asks for the six hours before noon.
func sidecars() usage.Request {
	return usage.Request{
		Selection: usage.Selection{Containers: []string{"daprd"}, Namespaces: []string{"shop"}},
		Metrics:   usage.Metrics(),
		From:      noon.Add(-hours * time.Hour), To: noon, Step: 5 * time.Minute,
	}
}

func dial(t *testing.T, url string) *usage.Prometheus {
	t.Helper()
	p, err := usage.Access{Headers: http.Header{"X-Scope-Orgid": {"shop"}}}.Dial(url)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// TestRealPrometheus: what a real one makes of the queries.
func TestRealPrometheus(t *testing.T) {
	t.Parallel()
	g := gather(t.Context(), dial(t, kube.Prometheus(t, shop())), sidecars())
	if g.failed() != "" {
		t.Fatal(g.failed())
	}
	for _, a := range g.answers {
		if !a.Exposed || len(a.Warnings) > 0 || a.Queries != 1 {
			t.Errorf("%+v", a)
		}
	}
	keys := slices.Sorted(maps.Keys(g.samples))
	want := []string{
		"cpu shop/both/daprd", "cpu shop/gaps/daprd", "cpu shop/old/daprd", "cpu shop/percpu/daprd", "cpu shop/resets/daprd", "cpu shop/steady/daprd",
		"cpu shop/web-5d4f8c7b9-x7x2q/daprd", "cpu shop/web-6f5c8d9b4-q2w5r/daprd",
		"heap shop/scraped/daprd", "heap shop/steady/daprd",
		"memory shop/nan/daprd", "memory shop/old/daprd", "memory shop/steady/daprd",
		"oom kills shop/killed/daprd", "oom kills shop/native/daprd",
		"restarts shop/native/daprd", "restarts shop/relabelled/daprd",
		"throttling shop/steady/daprd",
	}
	if !slices.Equal(keys, want) {
		t.Errorf("series\n%s", strings.Join(keys, "\n"))
	}
	for key, all := range map[string]float64{
		"cpu shop/steady/daprd": 0.2, "cpu shop/both/daprd": 0.1, "cpu shop/percpu/daprd": 0.4, "cpu shop/old/daprd": 0.4,
		"cpu shop/resets/daprd": 0.2, "cpu shop/gaps/daprd": 0.2, "memory shop/nan/daprd": 50 * mib, "memory shop/old/daprd": 70 * mib,
		"throttling shop/steady/daprd": 0.25, "oom kills shop/killed/daprd": 1, "oom kills shop/native/daprd": 1, "restarts shop/relabelled/daprd": 3,
		"heap shop/scraped/daprd": 30 * mib, "heap shop/steady/daprd": 20 * mib,
	} {
		for _, s := range g.samples[key] {
			// A counter that begins again has lost what came after the last scrape: one of the ten in five minutes.
			if math.Abs(s.Value-all) > all*1e-9 && (key != "cpu shop/resets/daprd" || s.Value > all || s.Value < all*0.85) {
				t.Errorf("%s: %v at %s, want %v", key, s.Value, s.At, all)
				break
			}
		}
	}
	steady := g.samples["memory shop/steady/daprd"]
	if len(steady) != hours*12+1 || slices.MaxFunc(steady, func(a, b usage.Sample) int { return int(a.Value - b.Value) }).Value != 300*mib {
		t.Errorf("%d samples of memory, or the peak is not among them", len(steady))
	}
	if n := len(g.samples["cpu shop/gaps/daprd"]); n >= hours*12 || n < hours*12-6 {
		t.Errorf("%d samples beside the gap", n)
	}
	if last := g.samples["restarts shop/native/daprd"]; last[len(last)-1].Value != 3 {
		t.Errorf("restarts %v", last)
	}
	if first := g.samples["oom kills shop/native/daprd"][0]; first.At.Before(noon.Add(-time.Hour)) {
		t.Errorf("killed at %s", first.At)
	}
}

// TestRealBeside: the apps' own containers, of Pods with a sidecar alone.
func TestRealBeside(t *testing.T) {
	t.Parallel()
	r := sidecars()
	r.Beside, r.Step = true, time.Hour
	g := gather(t.Context(), dial(t, kube.Prometheus(t, shop())), r)
	keys := slices.Sorted(maps.Keys(g.samples))
	if g.failed() != "" || !slices.Equal(keys, []string{"cpu shop/steady/app", "memory shop/steady/app"}) {
		t.Errorf("%s, series %q", g.failed(), keys)
	}
}

// TestRealLimit: a real one that refuses so many samples is asked in parts, and the
// parts are the whole.
func TestRealLimit(t *testing.T) {
	t.Parallel()
	whole := gather(t.Context(), dial(t, kube.Prometheus(t, shop())), sidecars())
	parts := gather(t.Context(), dial(t, kube.Prometheus(t, shop(), "--max-samples", "300")), sidecars())
	if whole.failed() != "" || parts.failed() != "" {
		t.Fatal(whole.failed(), parts.failed())
	}
	if parts.answers[0].Queries < 4 {
		t.Errorf("%d queries", parts.answers[0].Queries)
	}
	if !maps.EqualFunc(whole.samples, parts.samples, slices.Equal[[]usage.Sample]) {
		t.Error("the parts are not the whole")
	}
	never := gather(t.Context(), dial(t, kube.Prometheus(t, shop(), "--max-samples", "30")), sidecars())
	if !strings.HasSuffix(never.failed(), "answers with an error (422): query processing would load too many samples into memory in query execution") {
		t.Error(never.failed())
	}
}

// TestRealServiceProxy: a Prometheus in the cluster is found by its Service, and
// says the same through the API server's proxy.
func TestRealServiceProxy(t *testing.T) {
	t.Parallel()
	cluster, err := kube.Open()
	if err != nil {
		t.Fatal(err)
	}
	direct := gather(t.Context(), dial(t, cluster.PrometheusIn(t, shop())), sidecars())
	found, tried, err := usage.NewCluster(cluster.Config).Find(t.Context(), sidecars().Selection, noon)
	if err != nil || len(tried) > 0 {
		t.Fatal(tried, err)
	}
	if found.Name != "Prometheus, Service monitoring/prometheus-server:http" {
		t.Errorf("found %s", found.Name)
	}
	through := gather(t.Context(), found, sidecars())
	if through.failed() != "" || len(through.samples) == 0 || !maps.EqualFunc(direct.samples, through.samples, slices.Equal[[]usage.Sample]) {
		t.Errorf("%s, %d series", through.failed(), len(through.samples))
	}
	stranger := rest.CopyConfig(cluster.Config)
	stranger.Impersonate = rest.ImpersonationConfig{UserName: "stranger"}
	nobody, err := usage.NewCluster(stranger).Services(t.Context())
	if err == nil || len(nobody) > 0 || !strings.HasPrefix(err.Error(), "no Prometheus can be looked for in the cluster: services is forbidden") {
		t.Errorf("%v, %v", nobody, err)
	}
}
