// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package usage_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"k8s.io/client-go/rest"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/usage"
)

// metricsAPI is a metrics.k8s.io that says what a test tells it.
func metricsAPI(t *testing.T, version string, says func() said) *usage.MetricsAPI {
	t.Helper()
	m, err := usage.NewMetricsAPI(&rest.Config{Host: "http://api.example.com", QPS: -1, Transport: fake(func(r *http.Request) said {
		switch r.URL.Path {
		case "/apis/metrics.k8s.io":
			if version == "" {
				return status(404, "NotFound", "the server could not find the requested resource")
			}
			return said{body: `{"kind":"APIGroup","versions":[{"version":"v1beta1"},{"version":"` + version + `"}]}`}
		case "/apis/metrics.k8s.io/" + version + "/namespaces/shop/pods":
			return says()
		}
		return said{code: 500, body: r.URL.Path}
	})})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// status is an error of the API server.
func status(code int, reason, message string) said {
	return said{code: code, kind: "application/json", body: fmt.Sprintf(`{"kind":"Status","apiVersion":"v1","status":"Failure","code":%d,"reason":%q,"message":%q}`, code, reason, message)}
}

// measured is a list of one Pod's containers, measured at a time.
func measured(at time.Time, containers string) said {
	return said{kind: "application/json", body: fmt.Sprintf(`{"kind":"PodMetricsList","items":[
		{"metadata":{"namespace":"shop","name":"a"},"timestamp":%q,"window":"10s","containers":[%s]},
		{"metadata":{"namespace":"shop","name":"plain"},"timestamp":%q,"window":"10s","containers":[{"name":"app","usage":{"cpu":"7","memory":"7Gi"}}]}]}`,
		at.Format(time.RFC3339), containers, at.Format(time.RFC3339))}
}

const two = `{"name":"daprd","usage":{"cpu":"12345678n","memory":"40Mi"}},{"name":"app","usage":{"cpu":"1","memory":"1Gi"}}`

func inShop() usage.Selection {
	return usage.Selection{Namespaces: []string{"shop"}, Containers: []string{"daprd"}}
}

// TestMetricsRead: one reading, of the newest version that is served.
func TestMetricsRead(t *testing.T) {
	t.Parallel()
	for _, version := range []string{"v1", "v1beta1"} {
		m := metricsAPI(t, version, func() said { return measured(noon, two) })
		all, err := m.Read(t.Context(), inShop())
		if got := fmt.Sprint(all, err); got != "[{cpu shop a daprd [{2026-01-15 12:00:00 +0000 UTC 0.012345678}]} {memory shop a daprd [{2026-01-15 12:00:00 +0000 UTC 4.194304e+07}]}] <nil>" {
			t.Errorf("%s: %s", version, got)
		}
		beside := inShop()
		beside.Beside = true
		if all, err := m.Read(t.Context(), beside); err != nil || len(all) != 2 || all[0].Container != "app" || all[0].Pod != "a" {
			t.Errorf("beside: %v, %v", all, err)
		}
	}
}

// TestMetricsRefused: why there is no reading, in a sentence.
func TestMetricsRefused(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, version string
		says          said
		want          string
	}{
		{"nobody", "", said{}, "metrics.k8s.io is not served: no metrics-server runs in the cluster"},
		{"another version", "v7", said{}, "metrics.k8s.io cannot be read"},
		{"not ready", "v1", status(503, "ServiceUnavailable", "the server is currently unable to handle the request"), "metrics.k8s.io does not answer: its metrics-server is not ready"},
		{"forbidden", "v1", status(403, "Forbidden", "pods.metrics.k8s.io is forbidden"), "metrics.k8s.io may not be read: pods.metrics.k8s.io is forbidden"},
		{"truncated", "v1", said{body: `{"items":[{"metadata":`}, "metrics.k8s.io answers with something that is not a list of readings"},
		{"no quantity", "v1", measured(noon, `{"name":"daprd","usage":{"cpu":"much","memory":"1"}}`), `metrics.k8s.io of Pod shop/a: CPU "much": quantities must match the regular expression`},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			m := metricsAPI(t, test.version, func() said { return test.says })
			all, err := m.Read(t.Context(), inShop())
			if err == nil || !strings.HasPrefix(err.Error(), test.want) || len(all) > 0 {
				t.Errorf("%v, %v", all, err)
			}
		})
	}
}

// TestMetricsWatch: each measurement counts once, a reading that fails does not end
// the watch, and the watch ends when its time does.
func TestMetricsWatch(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		began, times := time.Now(), 0
		m := metricsAPI(t, "v1beta1", func() said {
			times++
			if times == 3 {
				return status(503, "ServiceUnavailable", "busy")
			}
			return measured(began.Add(time.Since(began).Truncate(30*time.Second)), two)
		})
		var seen []usage.Progress
		all, err := m.Watch(t.Context(), inShop(), 100*time.Second, func(p usage.Progress) { seen = append(seen, p) })
		if err != nil || len(all) != 2 || len(all[0].Samples) != 4 {
			t.Errorf("%v, %v", all, err)
		}
		last := seen[len(seen)-1]
		if len(seen) != 8 || seen[2].Err == nil || last != (usage.Progress{Elapsed: 100 * time.Second, Of: 100 * time.Second, Pods: 1, Samples: 4}) {
			t.Errorf("%d times, %+v", len(seen), last)
		}
	})
}

// TestMetricsWatchEnded: who ends it early gets what was read; who ends it before
// that, nothing.
func TestMetricsWatchEnded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		m := metricsAPI(t, "v1", func() said { return measured(began.Add(time.Since(began)), two) })
		ctx, cancel := context.WithTimeout(t.Context(), 40*time.Second)
		defer cancel()
		all, err := m.Watch(ctx, inShop(), 5*time.Minute, func(usage.Progress) {})
		if err != nil || len(all) != 2 || len(all[0].Samples) != 3 || time.Since(began) != 40*time.Second {
			t.Errorf("%v, %v after %s", all, err, time.Since(began))
		}
		cancel()
		if all, err := m.Watch(ctx, inShop(), time.Minute, func(usage.Progress) {}); !errors.Is(err, ctx.Err()) || len(all) > 0 {
			t.Errorf("%v, %v", all, err)
		}
	})
}

// TestMetricsWatchFails: where every reading fails, the last one says why; where
// nobody serves it, there is no waiting.
func TestMetricsWatchFails(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		m := metricsAPI(t, "v1", func() said { return status(503, "ServiceUnavailable", "busy") })
		if all, err := m.Watch(t.Context(), inShop(), time.Minute, func(usage.Progress) {}); err == nil || len(all) > 0 {
			t.Errorf("%v, %v", all, err)
		}
		began := time.Now()
		if _, err := metricsAPI(t, "", nil).Watch(t.Context(), inShop(), time.Minute, func(usage.Progress) {}); err == nil || time.Since(began) > 0 {
			t.Errorf("%v after %s", err, time.Since(began))
		}
	})
}
