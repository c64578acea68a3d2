// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package usage_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"k8s.io/client-go/rest"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/usage"
)

// service is a Service in the namespace monitoring, as JSON.
func service(name string, labels map[string]string, spec string) string {
	written, err := json.Marshal(labels)
	if err != nil {
		panic(err)
	}
	return fmt.Sprintf(`{"metadata":{"namespace":"monitoring","name":%q,"labels":%s},"spec":%s}`, name, written, spec)
}

// services is an API server with these; says answers what goes through its proxy.
func services(says fake, all ...string) usage.Cluster {
	return usage.NewCluster(&rest.Config{Host: "https://api.example.com/k8s", Transport: fake(func(r *http.Request) said {
		if r.URL.Path == "/k8s/api/v1/services" {
			return said{kind: "application/json", body: `{"kind":"ServiceList","apiVersion":"v1","items":[` + strings.Join(all, ",") + `]}`}
		}
		return says(r)
	})})
}

const (
	web    = `{"ports":[{"name":"web","port":9090},{"name":"reloader-web","port":8080}]}`
	http80 = `{"ports":[{"name":"http","port":80}]}`
)

// TestServices: what is installed a usual way is found, at its port and path, and
// what belongs to a Prometheus but is none is not.
func TestServices(t *testing.T) {
	t.Parallel()
	component := func(name, component string) map[string]string {
		return map[string]string{"app.kubernetes.io/name": name, "app.kubernetes.io/component": component}
	}
	c := services(nil,
		service("mimir-query-frontend", component("mimir", "query-frontend"), `{"ports":[{"name":"http-metrics","port":8080},{"name":"grpc","port":9095}]}`),
		service("mimir-ingester", component("mimir", "ingester"), http80),
		service("thanos-query", component("thanos", "query"), `{"ports":[{"name":"grpc","port":10901},{"name":"http","port":10902}]}`),
		service("vmselect", map[string]string{"app.kubernetes.io/name": "vmselect"}, `{"ports":[{"name":"http","port":8481}]}`),
		service("vmagent", map[string]string{"app.kubernetes.io/name": "vmagent"}, http80),
		service("prometheus-operated", map[string]string{"operated-prometheus": "true"}, web),
		service("stack-prometheus", map[string]string{"app": "kube-prometheus-stack-prometheus"}, web),
		service("stack-alertmanager", map[string]string{"app": "kube-prometheus-stack-alertmanager"}, web),
		service("prometheus-server", component("prometheus", "server"), http80),
		service("prometheus", nil, `{"ports":[{"port":9090}]}`),
		service("prometheus-tls", map[string]string{"app": "prometheus-server"}, `{"ports":[{"name":"https","port":443}]}`),
		service("outside", component("prometheus", "server"), `{"type":"ExternalName","externalName":"p.example.com","ports":[{"port":80}]}`),
		service("portless", component("prometheus", "server"), `{"ports":[{"name":"grpc","port":1},{"name":"other","port":2}]}`),
		service("orders", map[string]string{"app": "orders"}, http80),
	)
	all, err := c.Services(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, s := range all {
		got = append(got, strings.TrimSpace(fmt.Sprintf("%s %s %s", s, s.Scheme, s.Path)))
	}
	want := []string{
		"Prometheus, Service monitoring/stack-prometheus:web http",
		"Prometheus, Service monitoring/prometheus-server:http http",
		"Prometheus, Service monitoring/prometheus-tls:https https",
		"Prometheus, Service monitoring/prometheus:9090 http",
		"Prometheus, Service monitoring/prometheus-operated:web http",
		"Thanos, Service monitoring/thanos-query:http http",
		"VictoriaMetrics, Service monitoring/vmselect:http http /select/0/prometheus",
		"Mimir, Service monitoring/mimir-query-frontend:http-metrics http /prometheus",
	}
	if !slices.Equal(got, want) {
		t.Errorf("found\n%s", strings.Join(got, "\n"))
	}
}

// TestFind: the first that knows the containers is taken, and of the others it is
// said why not they.
func TestFind(t *testing.T) {
	t.Parallel()
	proxy := func(name string) string {
		return "/k8s/api/v1/namespaces/monitoring/services/" + name + "/proxy/api/v1/query"
	}
	says := func(answers map[string]said) fake {
		return func(r *http.Request) said {
			answer, known := answers[r.URL.Path]
			if !known {
				return said{code: 404, body: r.URL.Path}
			}
			return answer
		}
	}
	knows := probed(nil)
	all := []string{
		service("a", map[string]string{"app": "prometheus"}, web),
		service("b", map[string]string{"app": "prometheus"}, web),
		service("c", map[string]string{"app": "prometheus-server"}, `{"ports":[{"name":"https","port":443}]}`),
	}
	refused := `Prometheus, Service monitoring/c:https cannot be reached through the API server: services "https:c:https" is forbidden`
	denied := status(403, "Forbidden", `services "https:c:https" is forbidden`)
	for _, test := range []struct {
		name    string
		answers map[string]said
		want    string
		tried   []string
		failed  string
	}{
		{
			"the second",
			map[string]said{proxy("https:c:https"): denied, proxy("a:web"): success(), proxy("b:web"): knows(&http.Request{URL: mustURL("/query")})},
			"Prometheus, Service monitoring/b:web",
			[]string{refused, "Prometheus, Service monitoring/a:web knows none of the containers"},
			"",
		},
		{
			"none knows them",
			map[string]said{proxy("https:c:https"): denied, proxy("a:web"): success(), proxy("b:web"): success()},
			"Prometheus, Service monitoring/a:web",
			[]string{refused, "Prometheus, Service monitoring/a:web knows none of the containers", "Prometheus, Service monitoring/b:web knows none of the containers"},
			"",
		},
		{
			"none answers",
			map[string]said{proxy("https:c:https"): denied, proxy("a:web"): {code: 401}, proxy("b:web"): {code: 401}},
			"",
			[]string{refused, "Prometheus, Service monitoring/a:web wants a login, or another one (401)", "Prometheus, Service monitoring/b:web wants a login, or another one (401)"},
			"no Prometheus in the cluster answers: " + refused,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			p, tried, err := services(says(test.answers), all...).Find(t.Context(), request().Selection, noon)
			name, failed := "", ""
			if p != nil {
				name = p.Name
			}
			if err != nil {
				failed = err.Error()
			}
			if name != test.want || !slices.Equal(tried, test.tried) || failed != test.failed {
				t.Errorf("found %q, tried %q, %s", name, tried, failed)
			}
		})
	}
	_, _, err := services(nil, service("orders", nil, web)).Find(t.Context(), request().Selection, noon)
	if err == nil || err.Error() != "no Service in the cluster has the labels of a Prometheus" {
		t.Errorf("got %v", err)
	}
}
