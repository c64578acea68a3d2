// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package usage

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/dapr"
)

// Selection is whose usage is asked for.
type Selection struct {
	// Namespaces are those of the Pods; none means all.
	Namespaces []string
	// Containers are the names of the containers, such as daprd.
	Containers []string
	// Beside asks, instead, for the other containers of Pods that have one of these:
	// the apps themselves.
	Beside bool
	// Labels narrow a store that holds more than one cluster, such as
	// cluster="production".
	Labels map[string]string
}

// naming is how a store calls what a sample is of.
type naming struct{ namespace, pod, container string }

var (
	usual = naming{"namespace", "pod", "container"}
	// older is that of kubelets before 1.16.
	older = naming{"namespace", "pod_name", "container_name"}
	// exported is that of kube-state-metrics, where the scrape keeps its own labels.
	exported = naming{"exported_namespace", "exported_pod", "exported_container"}
	// annotated is that of the usual scrape by annotation, before its labels changed.
	annotated = naming{"kubernetes_namespace", "kubernetes_pod_name", ""}

	kubelet = []naming{usual, older}
	states  = []naming{usual, exported}
)

// by is the list of labels that an aggregation keeps.
func (n naming) by() string {
	if n.container == "" {
		return "by (" + n.namespace + ", " + n.pod + ")"
	}
	return "by (" + n.namespace + ", " + n.pod + ", " + n.container + ")"
}

// matchers select the containers under a naming. A series that has both namings
// counts under the usual one alone.
func (s Selection) matchers(n naming, more ...string) string {
	var all []string
	if n.container != "" {
		all = append(all, matcher(n.container, s.Containers, false))
	}
	if n == older || n.container == "" {
		all = append(all, `container=""`)
	}
	return s.join(n, append(all, more...))
}

// others select the other containers, without the one that holds a Pod's network.
func (s Selection) others(n naming) string {
	all := []string{matcher(n.container, append(slices.Clone(s.Containers), "POD", ""), true)}
	if n == older {
		all = append(all, `container=""`)
	}
	return s.join(n, all)
}

func (s Selection) join(n naming, all []string) string {
	if len(s.Namespaces) > 0 {
		all = append(all, matcher(n.namespace, s.Namespaces, false))
	}
	names := make([]string, 0, len(s.Labels))
	for name := range s.Labels {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		all = append(all, matcher(name, []string{s.Labels[name]}, false))
	}
	return "{" + strings.Join(all, ", ") + "}"
}

// matcher matches a label that has one of the values, or none of them.
func matcher(label string, values []string, not bool) string {
	quoted := make([]string, len(values))
	for i, v := range values {
		quoted[i] = regexp.QuoteMeta(v)
	}
	switch {
	case not:
		return label + "!~" + strconv.Quote(strings.Join(quoted, "|"))
	case len(values) == 1:
		return label + "=" + strconv.Quote(values[0])
	}
	return label + "=~" + strconv.Quote(strings.Join(quoted, "|"))
}

// union is one query under several namings.
func union(namings []naming, query func(naming) string) string {
	all := make([]string, len(namings))
	for i, n := range namings {
		all[i] = query(n)
	}
	return strings.Join(all, " or ")
}

const (
	cpuSeconds   = "container_cpu_usage_seconds_total"
	workingSet   = "container_memory_working_set_bytes"
	cfsPeriods   = "container_cpu_cfs_periods_total"
	cfsThrottled = "container_cpu_cfs_throttled_periods_total"
	oomEvents    = "container_oom_events_total"
	lastEnd      = "kube_pod_container_status_last_terminated_reason"
	lastEndInit  = "kube_pod_init_container_status_last_terminated_reason"
	restarts     = "kube_pod_container_status_restarts_total"
	restartsInit = "kube_pod_init_container_status_restarts_total"
	heapInUse    = "go_memstats_heap_inuse_bytes"
	// daprLoaded is of every sidecar: by it, its Go metrics are told from those of
	// other programs where no label names the container.
	daprLoaded = "dapr_runtime_component_loaded"
)

// query is the PromQL of a metric. What several replicas of a Prometheus, or
// several jobs, say of one container counts once: the highest. A rate knows
// counters that begin again; the highest in the window finds peaks between two
// steps.
func (s Selection) query(m Metric, window time.Duration) string {
	w := "[" + strconv.Itoa(int(window.Seconds())) + "s]"
	if s.Beside {
		return s.besideQuery(m, w)
	}
	switch m {
	case CPU:
		return union(kubelet, func(n naming) string {
			return "max " + n.by() + " (sum without (cpu) (rate(" + cpuSeconds + s.matchers(n) + w + ")))"
		})
	case Memory:
		return union(kubelet, func(n naming) string {
			return "max " + n.by() + " (max_over_time(" + workingSet + s.matchers(n) + w + "))"
		})
	case Throttling:
		return union(kubelet, func(n naming) string {
			return fmt.Sprintf("max %[1]s (rate(%[2]s%[4]s%[5]s)) / max %[1]s (rate(%[3]s%[4]s%[5]s))",
				n.by(), cfsThrottled, cfsPeriods, s.matchers(n), w)
		})
	case OOMKills:
		return union(kubelet, func(n naming) string {
			return "max " + n.by() + " (increase(" + oomEvents + s.matchers(n) + w + ")) > 0"
		}) + " or " + union(states, func(n naming) string {
			return "max " + n.by() + " (max_over_time(" + s.matchers(n, either(lastEnd, lastEndInit), `reason="OOMKilled"`) + w + ")) > 0"
		})
	case Restarts:
		return union(states, func(n naming) string {
			return "max " + n.by() + " (max_over_time(" + s.matchers(n, either(restarts, restartsInit)) + w + ")) > 0"
		})
	default:
		return s.heapQuery(w)
	}
}

// either matches series of one of two names.
func either(a, b string) string { return `__name__=~"` + a + "|" + b + `"` }

// heapQuery finds the heap by the container's name and, where a scrape by
// annotation gives none, by what else the same target says.
func (s Selection) heapQuery(w string) string {
	query := "max " + usual.by() + " (max_over_time(" + heapInUse + s.matchers(usual) + w + "))"
	if !slices.Contains(s.Containers, dapr.SidecarContainer) {
		return query
	}
	for _, n := range []naming{{usual.namespace, usual.pod, ""}, annotated} {
		query += " or max " + n.by() + " (max_over_time(" + heapInUse + s.matchers(n, n.pod+`!=""`) + w + ") and on (job, instance) " + daprLoaded + ")"
	}
	return query
}

// besideQuery is of the containers beside those that are selected.
func (s Selection) besideQuery(m Metric, w string) string {
	return union(kubelet, func(n naming) string {
		of := "max_over_time(" + workingSet + s.others(n) + w + ")"
		if m == CPU {
			of = "sum without (cpu) (rate(" + cpuSeconds + s.others(n) + w + "))"
		}
		return fmt.Sprintf("(max %s (%s) and on (%s, %s) %s)", n.by(), of, n.namespace, n.pod, workingSet+s.matchers(n))
	})
}

// probe counts the series that there are now, a metric and a cluster at a time.
func (s Selection) probe() string {
	named := func(names ...string) string { return `__name__=~"` + strings.Join(names, "|") + `"` }
	count := func(n naming, names ...string) string {
		return "count by (__name__, cluster) (" + s.matchers(n, named(names...)) + ")"
	}
	return strings.Join([]string{
		count(usual, cpuSeconds, workingSet, cfsPeriods, oomEvents, restarts, restartsInit, heapInUse),
		count(older, cpuSeconds, workingSet, cfsPeriods, oomEvents),
		count(exported, restarts, restartsInit),
		"count by (__name__, cluster) (" + daprLoaded + ")",
	}, " or ")
}
