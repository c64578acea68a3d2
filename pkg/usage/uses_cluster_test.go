// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

//go:build cluster

package usage_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/usage"
	"github.com/dapr-prod/kubectl-dapr-prod/test/cluster/kube"
)

// TestUses: who used which component, and who was watched since when, as a real
// Prometheus has it, of the selected namespaces alone.
func TestUses(t *testing.T) {
	t.Parallel()
	count := func(app, component, namespace string) map[string]string {
		return map[string]string{"namespace": namespace, "app_id": app, "component": component, "operation": "get", "success": "true", "pod": app + "-1"}
	}
	loaded := func(app, namespace string) map[string]string {
		return map[string]string{"namespace": namespace, "app_id": app, "pod": app + "-1"}
	}
	url := kube.Prometheus(t, []kube.Scraped{
		scraped("dapr_runtime_component_loaded", loaded("orders", "shop"), always(2)),
		scraped("dapr_runtime_component_loaded", loaded("payments", "shop"), during(4, 7, always(2))),
		scraped("dapr_component_state_count", count("orders", "store", "shop"), during(0, 1, always(3))),
		scraped("dapr_component_pubsub_ingress_count", count("payments", "queue", "shop"), always(1)),
		scraped("dapr_component_pubsub_ingress_latencies_sum", count("payments", "store", "shop"), always(1)),
		scraped("dapr_component_state_count", count("payments", "never", "shop"), always(0)),
		scraped("dapr_component_state_count", count("", "store", "shop"), always(1)),
		scraped("dapr_runtime_component_loaded", loaded("billing", "bank"), always(2)),
		scraped("dapr_component_state_count", count("billing", "store", "bank"), always(1)),
		scraped("some_component_state_count", count("alien", "store", "shop"), always(1)),
	})
	store, err := usage.Access{}.Dial(url)
	if err != nil {
		t.Fatal(err)
	}
	uses, err := store.Uses(t.Context(), usage.Selection{Namespaces: []string{"shop"}}, 24*time.Hour, noon)
	if err != nil {
		t.Fatal(err)
	}
	if want := "the 24h before " + noon.UTC().Format(time.RFC3339); uses.Period != want {
		t.Errorf("asked for %q, want %q", uses.Period, want)
	}
	var got []string
	for _, u := range uses.Used {
		got = append(got, u.Namespace+" "+u.App+" "+u.Component)
	}
	slices.Sort(got)
	if want := []string{"shop orders store", "shop payments queue"}; !slices.Equal(got, want) {
		t.Errorf("used: %q, want %q", got, want)
	}
	got = nil
	for _, w := range uses.Watched {
		got = append(got, fmt.Sprintf("%s %s %s", w.Namespace, w.App, noon.Sub(w.Since).Round(time.Hour)))
	}
	slices.Sort(got)
	if want := []string{"shop orders 6h0m0s", "shop payments 2h0m0s"}; !slices.Equal(got, want) {
		t.Errorf("watched: %q, want %q", got, want)
	}
}
