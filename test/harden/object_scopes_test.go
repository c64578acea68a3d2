// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

//go:build cluster

package harden_test

import (
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/dapr-prod/kubectl-dapr-prod/test/cluster/kube"
)

// running is an app with one Pod.
func running(id string) string {
	return strings.NewReplacer("replicas: 0", "replicas: 1", "orders", id).Replace(orders)
}

// component is one without secrets.
func component(name, kind, metadata string) string {
	return fmt.Sprintf("{apiVersion: dapr.io/v1alpha1, kind: Component, metadata: {name: %s}, spec: {type: %s, version: v1, metadata: [%s]}}", name, kind, metadata)
}

// count lets sidecars say what they count, by the app that their Pod is of: what a
// Pod of kwok cannot. An app that is not in it says nothing.
func count(front *kube.Front, ns *kube.Namespace, counts map[string]string) {
	front.With(func(w http.ResponseWriter, r *http.Request) bool {
		_, path, of := strings.Cut(r.URL.Path, "/namespaces/"+ns.Name+"/pods/")
		if !of || !strings.HasSuffix(path, ":9090/proxy/metrics") {
			return false
		}
		for app, text := range counts {
			if strings.HasPrefix(path, "http:"+app+"-") {
				_, _ = fmt.Fprintf(w, "dapr_runtime_component_loaded{app_id=%q} 2\n%s\n", app, text)
				return true
			}
		}
		return kube.Status(w, http.StatusServiceUnavailable, "ServiceUnavailable", "no answer")
	})
}

func used(app, component string) string {
	return fmt.Sprintf(`dapr_component_state_count{app_id=%q,component=%q,namespace="shop",operation="get",success="true"} 3`, app, component)
}

func scopesOf(t testing.TB, ns *kube.Namespace, name string) string {
	t.Helper()
	return ns.MustKubectl(t, "", "get", "components.dapr.io/"+name, "-o", "jsonpath={.scopes}")
}

// TestObjectScopes: from metrics and from a list, shown with who loses, written and taken
// back.
func TestObjectScopes(t *testing.T) {
	t.Parallel()
	ns := cluster.Namespace(t)
	ns.MustKubectl(t, strings.Join([]string{
		running("orders"), running("payments"),
		component("store", "state.redis", ""), component("queue", "pubsub.redis", ""), component("actors", "state.redis", `{name: actorStateStore, value: "true"}`),
		component("lock", "lock.redis", ""), component("unused", "state.redis", ""),
	}, "\n---\n"), "create", "-f-")
	ns.Ready(t)
	front, ofOrders := cluster.Front(t), used("orders", "store")+"\n"+strings.ReplaceAll(used("orders", "unused"), "} 3", "} 0")
	count(front, ns, map[string]string{"orders": ofOrders, "payments": ""})
	journal := filepath.Join(t.TempDir(), "journal")
	run := []string{"harden", "component-scopes", "-n", ns.Name, "--from-metrics", "--kubeconfig", front.Kubeconfig}
	ends(t, dapr(t, append(run, "--dry-run=server")...), 1,
		"1 object to write", ns.Name+"/orders was watched since "+time.Now().UTC().Format("2006-"), "by the Pods themselves",
		"scopes orders, instead of every app of the namespace", "lose it payments",
		"it keeps the state of actors and workflows", "sidecars do not count the use of components of its type", "no app was seen using it; name the apps that use it with --apps")
	ends(t, dapr(t, append(run, "--dry-run=server", "-o", "yaml")...), 1, "/orders was watched since ", "will lose it: at once from Dapr 1.18 on")
	ends(t, dapr(t, append(run, "--yes", "--journal", journal)...), 1, "1 of 1 object written")
	if got := scopesOf(t, ns, "store"); got != `["orders"]` {
		t.Errorf("scopes are %s", got)
	}
	for _, other := range []string{"actors", "lock", "queue", "unused"} {
		if got := scopesOf(t, ns, other); got != "" {
			t.Errorf("scopes of %s are %s", other, got)
		}
	}
	kube.Check(t, "-n", ns.Name).Expect(t, "component-scopes", "Component/store", "pass", "")
	ends(t, dapr(t, "harden", "--revert", journal, "--yes"), 0, "scopes restored")
	if got := scopesOf(t, ns, "store"); got != "" {
		t.Errorf("scopes are %s", got)
	}

	count(front, ns, map[string]string{"orders": ofOrders})
	ends(t, dapr(t, append(run, "--yes")...), 1, "Nothing to write", "nothing is known of what was not watched: payments", "its metrics were not read", ", so the Pods were asked")
	count(front, ns, map[string]string{"orders": "", "payments": ""})
	ends(t, dapr(t, append(run, "--yes")...), 1, "Nothing to write", "/payments was watched since ", "none of them used a component", "no app was seen using it")
	count(front, ns, nil)
	ends(t, dapr(t, append(run, "--yes")...), 1, "Nothing to write", "seen no app, by the Pods themselves, asked for the time since each sidecar started")

	named := []string{"harden", "component-scopes", "component/queue", "-n", ns.Name, "--yes", "--apps"}
	ends(t, dapr(t, append(named, "payments,orders")...), 0, "scopes orders, payments")
	if got := scopesOf(t, ns, "queue"); got != `["orders","payments"]` {
		t.Errorf("scopes are %s", got)
	}
	refused := dapr(t, append(named, "shipping,payment")...)
	ends(t, refused, 1, "no app of the namespace has the ID payment (did you mean payments?), shipping: it has orders, payments")
	if strings.Contains(refused.Stdout, "lose it") {
		t.Errorf("it says who loses what is not changed:\n%s", refused.Stdout)
	}
	ends(t, dapr(t, append(named, "payments")...), 0, "scopes payments, instead of orders, payments", "lose it orders")
}

// TestObjectScopesFromPrometheus: a Prometheus that is named has the apps of several
// clusters, of which one label tells this one.
func TestObjectScopesFromPrometheus(t *testing.T) {
	t.Parallel()
	ns := cluster.Namespace(t)
	ns.MustKubectl(t, strings.Join([]string{running("orders"), running("payments"), component("store", "state.redis", "")}, "\n---\n"), "create", "-f-")
	const step = 60
	now := time.Now().Unix()
	series := func(name, of, app string, more ...string) kube.Scraped {
		s := kube.Scraped{Start: now - 60*step, Step: step, Labels: map[string]string{"__name__": name, "cluster": of, "namespace": ns.Name, "app_id": app, "pod": app + "-1"}}
		for i := 0; i < len(more); i += 2 {
			s.Labels[more[i]] = more[i+1]
		}
		for range 61 {
			s.Values = append(s.Values, 2)
		}
		return s
	}
	var history []kube.Scraped
	for _, of := range []string{"here", "there"} {
		for _, app := range []string{"orders", "payments"} {
			history = append(history, series("dapr_runtime_component_loaded", of, app))
		}
	}
	history = append(history, series("dapr_component_state_count", "here", "orders", "component", "store"), series("dapr_component_state_count", "there", "payments", "component", "store"))
	run := []string{"harden", "component-scopes", "-n", ns.Name, "--from-metrics", "--dry-run=server", "--prometheus-url", kube.Prometheus(t, history)}
	ends(t, dapr(t, run...), 1, "scopes orders, payments", ns.Name+"/orders was watched since ", "asked for the 15d before ")
	ends(t, dapr(t, append(run, "--prometheus-label", "cluster=here")...), 1, "scopes orders, instead of every app", "lose it payments")
}

// TestObjectScopesWithoutApps: a namespace that has a component, and nobody to use it.
func TestObjectScopesWithoutApps(t *testing.T) {
	t.Parallel()
	ns := cluster.Namespace(t)
	ns.MustKubectl(t, component("lone", "state.redis", ""), "create", "-f-")
	run := []string{"harden", "component-scopes", "component/lone", "-n", ns.Name, "--yes"}
	ends(t, dapr(t, append(run, "--from-metrics")...), 1, "no app was read, so no metrics were asked for", "because no app is in its namespace")
	ends(t, dapr(t, append(run, "--apps", "orders")...), 1, "no app of the namespace has the ID orders: it has none")
}

// TestObjectScopesOfPodNames: where each Pod has an app ID of its own, a name may be one.
func TestObjectScopesOfPodNames(t *testing.T) {
	t.Parallel()
	ns := cluster.Namespace(t)
	ns.MustKubectl(t, strings.Join([]string{
		strings.NewReplacer("Deployment", "StatefulSet", "orders", "tills", "dapr.io/app-id: orders, ", "").Replace(orders),
		running("payments"), component("store", "state.redis", ""),
	}, "\n---\n"), "create", "-f-")
	ends(t, dapr(t, "harden", "component-scopes", "component/store", "-n", ns.Name, "--dry-run=server", "--apps", "payment"), 1,
		"note no app that was seen has the ID payment (did you mean payments?) there may be more apps, which lose it: each Pod of StatefulSet tills has an app ID of its own")
}

// TestObjectScopesRefused: what is asked for without an answer to who uses it.
func TestObjectScopesRefused(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		args []string
		say  string
	}{
		{nil, "cuts off every app that it does not list"},
		{[]string{"--apps", "a", "--from-metrics"}, "leave one of them out"},
		{[]string{"--apps", "a"}, "say which, as in component/statestore"},
		{[]string{"--apps", "a,,b", "component/x"}, "an empty name"},
		{[]string{"api-token", "--from-metrics"}, "is done alone"},
		{[]string{"-l", "a=b", "--from-metrics"}, "in place of -l"},
		{[]string{"--from-metrics", "-o", "name"}, "JSON patches"},
		{[]string{"--apps", "a", "component/x", "--prometheus-url", "http://p"}, "--prometheus-url goes with --from-metrics"},
		{[]string{"--from-metrics", "--prometheus-token-file", "t"}, "--prometheus-token-file goes with --prometheus-url"},
	} {
		ends(t, dapr(t, append([]string{"harden", "component-scopes", "-n", "default"}, c.args...)...), 2, c.say)
	}
}

// TestObjectsCompleted: the names of objects are the cluster's.
func TestObjectsCompleted(t *testing.T) {
	t.Parallel()
	ns := cluster.Namespace(t)
	ns.MustKubectl(t, stores, "apply", "-f-")
	for typed, want := range map[string]string{"component/": "component/store\n", "httpendpoint/b": "httpendpoint/bank\n", "component/x": ":"} {
		o := kube.Run(t, "__complete", "harden", "-n", ns.Name, "component-secrets", typed)
		if o.Code != 0 || !strings.HasPrefix(o.Stdout, want) {
			t.Errorf("%s is completed with %q:\n%s", typed, o.Stdout, o.Stderr)
		}
	}
}
