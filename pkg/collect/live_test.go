// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package collect

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/yaml"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// cluster is an API server that knows lists by their paths, as YAML, heeds
// equality selectors, and forbids everything else.
type cluster struct {
	lists map[string]string
	mutex sync.Mutex
	asked []string
}

func (c *cluster) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	if r.URL.Path == "/version" {
		fmt.Fprint(w, `{"gitVersion":"v1.36.3"}`)
		return
	}
	selector := r.URL.Query().Get("labelSelector")
	c.mutex.Lock()
	c.asked = append(c.asked, strings.TrimSuffix(r.URL.Path+" "+selector, " "))
	c.mutex.Unlock()
	list, found := c.lists[r.URL.Path]
	if !found {
		w.WriteHeader(http.StatusForbidden)
		fmt.Fprint(w, `{"apiVersion":"v1","kind":"Status","status":"Failure","reason":"Forbidden","code":403}`)
		return
	}
	var content struct {
		APIVersion string           `json:"apiVersion"`
		Kind       string           `json:"kind"`
		Items      []map[string]any `json:"items"`
	}
	if err := yaml.Unmarshal([]byte(list), &content); err != nil {
		panic(err)
	}
	wanted, err := labels.Parse(selector)
	if err != nil {
		panic(err)
	}
	kept := []map[string]any{}
	for _, item := range content.Items {
		set := labels.Set{}
		found, _ := item["metadata"].(map[string]any)["labels"].(map[string]any)
		for key, value := range found {
			set[key] = value.(string)
		}
		if wanted.Matches(set) {
			kept = append(kept, item)
		}
	}
	content.Items = kept
	if err := json.NewEncoder(w).Encode(content); err != nil {
		panic(err)
	}
}

// read reads a cluster that has these lists.
func (c *cluster) read(t *testing.T, live Live) *snapshot.Snapshot {
	t.Helper()
	server := httptest.NewServer(c)
	defer server.Close()
	live.Config = &rest.Config{Host: server.URL}
	if live.Selector == nil {
		live.Selector = labels.Everything()
	}
	s, err := live.Read(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return s
}

const (
	rolloutsPath       = "/apis/argoproj.io/v1alpha1/rollouts"
	deploymentsPath    = "/apis/apps/v1/deployments"
	replicaSetsPath    = "/apis/apps/v1/replicasets"
	podsPath           = "/api/v1/pods"
	configurationsPath = "/apis/dapr.io/v1alpha1/configurations"
)

func listOf(apiVersion, kind string, items ...string) string {
	list := "apiVersion: " + apiVersion + "\nkind: " + kind + "List\nitems:\n"
	for _, item := range items {
		if !strings.HasPrefix(item, "{apiVersion") {
			item = strings.Replace(item, "{", "{apiVersion: "+apiVersion+", kind: "+kind+", ", 1)
		}
		list += "- " + item + "\n"
	}
	return list
}

// gaps is what is missing of single objects.
func gaps(s *snapshot.Snapshot) []string {
	var all []string
	for _, g := range s.Gaps {
		if g.Reason == snapshot.Failed {
			all = append(all, fmt.Sprintf("%s %s %s: %s", g.Place, g.Resource, g.Namespace, g.Detail))
		}
	}
	return all
}

func names(s *snapshot.Snapshot) string {
	var all []string
	for _, a := range s.Apps {
		all = append(all, fmt.Sprintf("%s (%d)", a.Object, len(a.Pods)))
	}
	return strings.Join(all, "; ")
}

func TestLiveBrokenObjects(t *testing.T) {
	rollout := func(name, container string) string {
		return "{metadata: {name: " + name + ", namespace: shop}, spec: {template: {metadata: {annotations: {dapr.io/enabled: 'true', dapr.io/app-id: '1e99999'}}, spec: {containers: [" + container + "]}}}}"
	}
	c := &cluster{lists: map[string]string{
		rolloutsPath: listOf("argoproj.io/v1alpha1", "Rollout",
			rollout("absurd", "{name: daprd, resources: {limits: {memory: '1e-9999999999'}}}"),
			rollout("bad", "{name: daprd, resources: {limits: {memory: 1000MB}}}"),
			rollout("harmless", "{name: app, args: ['1e99999'], resources: {limits: {memory: 1000MB, cpu: '1e-9999999999'}}}"),
		),
		configurationsPath: listOf("dapr.io/v1alpha1", "Configuration",
			"{metadata: {name: daprsystem, namespace: dapr}, spec: {mtls: {enabled: 'yes'}}}",
			"{metadata: {name: tracing, namespace: shop}, spec: {mtls: {enabled: true}}}",
		),
		deploymentsPath: listOf("apps/v1", "Deployment",
			"{metadata: {name: dapr-sentry, namespace: dapr, labels: {app: dapr-sentry}}, spec: {template: {metadata: {annotations: {dapr.io/control-plane: sentry}}, spec: {containers: [{name: dapr-sentry}]}}}}"),
		"/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations": listOf("admissionregistration.k8s.io/v1", "MutatingWebhookConfiguration",
			"{metadata: {name: w}, webhooks: [{name: sidecar-injector.dapr.io, clientConfig: {service: {name: x, namespace: dapr}}, objectSelector: {matchExpressions: [{key: a, operator: Like}]}}]}"),
	}}
	s := c.read(t, Live{Reads: []snapshot.Read{
		{Resource: snapshot.Rollouts, Place: snapshot.InApps},
		{Resource: snapshot.Deployments, Place: snapshot.InApps},
		{Resource: snapshot.Deployments, Place: snapshot.InControlPlane},
		{Resource: snapshot.Configurations, Place: snapshot.InApps},
		{Resource: snapshot.Configurations, Place: snapshot.InControlPlane},
		{Resource: snapshot.Webhooks, Place: snapshot.InCluster},
	}})
	got := gaps(s)
	for i, want := range []string{
		"apps configurations.dapr.io dapr: Configuration dapr/daprsystem: ",
		`apps rollouts.argoproj.io shop: Rollout shop/absurd: "1e-9999999999" is no quantity: its exponent is too large`,
		"apps rollouts.argoproj.io shop: Rollout shop/bad: ",
		"cluster mutatingwebhookconfigurations.admissionregistration.k8s.io : MutatingWebhookConfiguration w: object selector: ",
		"control-plane configurations.dapr.io dapr: Configuration dapr/daprsystem: ",
	} {
		if i >= len(got) || !strings.HasPrefix(got[i], want) {
			t.Errorf("gap %d: want %q", i, want)
		}
	}
	if len(got) != 5 {
		t.Errorf("gaps: %q", got)
	}
	if got, want := names(s), "Rollout shop/harmless (0)"; got != want || s.Configuration("shop", "tracing") == nil {
		t.Errorf("got %q, want %q; configurations %v", got, want, s.Configurations)
	}
}

// ownedPod is a Pod with a sidecar.
func ownedPod(name, apiVersion, kind, owner string) string {
	return fmt.Sprintf("{metadata: {name: %s, namespace: shop, uid: %s, labels: {pod-template-hash: 5d4}, ownerReferences: [{apiVersion: %s, kind: %s, name: %s, uid: u-%s, controller: true}]}, spec: {containers: [{name: daprd}]}}",
		name, name, apiVersion, kind, owner, owner)
}

func TestLiveOwners(t *testing.T) {
	deployment := listOf("apps/v1", "Deployment", "{metadata: {name: orders, namespace: shop, uid: d}, spec: {template: {metadata: {annotations: {dapr.io/enabled: 'true'}}}}}")
	replicaSet := func(more string) string {
		return listOf("meta.k8s.io/v1", "PartialObjectMetadata", "{metadata: {name: orders-5d4, namespace: shop, uid: u-orders-5d4"+more+"}}")
	}
	of := func(apiVersion, kind, owner string) string {
		return listOf("v1", "Pod", ownedPod("p", apiVersion, kind, owner))
	}
	for _, tt := range []struct{ name, pods, replicaSets, want string }{
		{"linked", of("apps/v1", "ReplicaSet", "orders-5d4"), replicaSet(", ownerReferences: [{apiVersion: apps/v1, kind: Deployment, name: orders, uid: d, controller: true}]"), "Deployment shop/orders (1)"},
		{"the links are hidden", of("apps/v1", "ReplicaSet", "orders-5d4"), "", "Deployment shop/orders (1)"},
		{"an orphan", of("apps/v1", "ReplicaSet", "orders-5d4"), replicaSet(""), "Deployment shop/orders (0); ReplicaSet shop/orders-5d4 (1)"},
		{"a Deployment that is gone", of("apps/v1", "Deployment", "gone"), replicaSet(""), "Deployment shop/orders (0)"},
		{"a StatefulSet of Kruise's", of("apps.kruise.io/v1beta1", "StatefulSet", "x"), replicaSet(""), "Deployment shop/orders (0); StatefulSet shop/x (1)"},
		{"a DaemonSet of Kruise's", of("apps.kruise.io/v1alpha1", "DaemonSet", "x"), replicaSet(""), "DaemonSet shop/x (1); Deployment shop/orders (0)"},
		{"a Job of Volcano's", of("batch.volcano.sh/v1alpha1", "Job", "x-29000000"), replicaSet(""), "Deployment shop/orders (0); Job shop/x-29000000 (1)"},
		{"a ReplicaSet of somebody's", of("x.io/v1", "ReplicaSet", "orders-5d4"), "", "Deployment shop/orders (0); ReplicaSet shop/orders-5d4 (1)"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := &cluster{lists: map[string]string{deploymentsPath: deployment, podsPath: tt.pods}}
			c.lists["/apis/apps/v1/statefulsets"] = listOf("apps/v1", "StatefulSet")
			c.lists["/apis/apps/v1/daemonsets"] = listOf("apps/v1", "DaemonSet")
			c.lists["/apis/batch/v1/jobs"] = listOf("batch/v1", "Job")
			c.lists["/apis/batch/v1/cronjobs"] = listOf("batch/v1", "CronJob")
			c.lists[rolloutsPath] = listOf("argoproj.io/v1alpha1", "Rollout")
			if tt.replicaSets != "" {
				c.lists[replicaSetsPath] = tt.replicaSets
			}
			if got := names(c.read(t, Live{Reads: snapshot.Apps()})); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestLiveSelectedRolloutKeepsItsTemplate(t *testing.T) {
	ref := "spec: {workloadRef: {apiVersion: apps/v1, kind: Deployment, name: orders}}}"
	template := "spec: {template: {metadata: {annotations: {dapr.io/enabled: 'true'}}}}}"
	c := &cluster{lists: map[string]string{
		rolloutsPath: listOf("argoproj.io/v1alpha1", "Rollout",
			"{metadata: {name: a, namespace: shop, labels: {app: a}}, "+ref, "{metadata: {name: b, namespace: shop, labels: {app: a}}, "+ref),
		deploymentsPath: listOf("apps/v1", "Deployment",
			"{metadata: {name: orders, namespace: shop}, "+template, "{metadata: {name: other, namespace: shop}, "+template,
			"{metadata: {name: selected, namespace: shop, labels: {app: a}}, "+template),
	}}
	selector, err := labels.Parse("app=a")
	if err != nil {
		t.Fatal(err)
	}
	s := c.read(t, Live{Selector: selector, Reads: []snapshot.Read{
		{Resource: snapshot.Rollouts, Place: snapshot.InApps}, {Resource: snapshot.Deployments, Place: snapshot.InApps},
	}})
	if got, want := names(s), "Deployment shop/selected (0); Rollout shop/a (0); Rollout shop/b (0)"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestLiveNamespaceOfTheControlPlaneIsListedOnce(t *testing.T) {
	in := func(path string) string {
		i := strings.LastIndex(path, "/")
		return path[:i] + "/namespaces/dapr" + path[i:]
	}
	deployments := listOf("apps/v1", "Deployment",
		"{metadata: {name: dapr-sentry, namespace: dapr, labels: {app: dapr-sentry}}, spec: {template: {metadata: {annotations: {dapr.io/control-plane: sentry}}, spec: {containers: [{name: dapr-sentry}]}}}}")
	pods := listOf("v1", "Pod", "{metadata: {name: s, namespace: dapr, labels: {app: dapr-sentry}, annotations: {dapr.io/control-plane: sentry}}, spec: {containers: [{name: dapr-sentry}]}}")
	for _, tt := range []struct{ name, selector string }{{"all", ""}, {"selected", "app=x"}} {
		t.Run(tt.name, func(t *testing.T) {
			c := &cluster{lists: map[string]string{
				"/api/v1/namespaces/dapr": "apiVersion: v1\nkind: Namespace\n",
				deploymentsPath:           deployments, in(deploymentsPath): deployments, in(podsPath): pods,
			}}
			selector, err := labels.Parse(tt.selector)
			if err != nil {
				t.Fatal(err)
			}
			s := c.read(t, Live{Namespace: "dapr", Selector: selector, Reads: []snapshot.Read{
				{Resource: snapshot.Deployments, Place: snapshot.InApps},
				{Resource: snapshot.Deployments, Place: snapshot.InControlPlane},
				{Resource: snapshot.Pods, Place: snapshot.InApps},
				{Resource: snapshot.Pods, Place: snapshot.InControlPlane},
			}})
			// Of the apps and, to find the control plane, of the whole cluster.
			listed := map[string]int{}
			for _, asked := range c.asked {
				path, _, _ := strings.Cut(asked, " ")
				listed[path]++
			}
			if listed[in(podsPath)] != 1 || listed[deploymentsPath] != 1 || listed[in(deploymentsPath)] != 1 {
				t.Errorf("asked: %q", c.asked)
			}
			if len(s.ControlPlanes) != 1 || len(s.ControlPlanes[0].Workloads) != 1 || len(s.ControlPlanes[0].Workloads[0].Pods) != 1 {
				t.Errorf("got %+v", s.ControlPlanes)
			}
		})
	}
}

// TestLiveDashboards: one with its label is found twice, a renamed one beside the
// control plane alone; both are there once.
func TestLiveDashboards(t *testing.T) {
	t.Parallel()
	deployments := listOf("apps/v1", "Deployment",
		"{metadata: {name: dapr-sentry, namespace: dapr, labels: {app: dapr-sentry}}, spec: {template: {metadata: {annotations: {dapr.io/control-plane: sentry}}, spec: {containers: [{name: dapr-sentry}]}}}}",
		"{metadata: {name: dapr-dashboard, namespace: dapr, labels: {app: dapr-dashboard}}, spec: {template: {spec: {containers: [{name: dapr-dashboard, image: daprio/dashboard}]}}}}",
		"{metadata: {name: console, namespace: dapr}, spec: {template: {spec: {containers: [{name: proxy}, {name: console, image: daprio/dashboard}]}}}}")
	c := &cluster{lists: map[string]string{
		"/api/v1/namespaces/shop":                   "apiVersion: v1\nkind: Namespace\n",
		deploymentsPath:                             deployments,
		"/apis/apps/v1/namespaces/dapr/deployments": deployments,
	}}
	s := c.read(t, Live{Namespace: "shop", Reads: []snapshot.Read{
		{Resource: snapshot.Deployments, Place: snapshot.InControlPlane},
		{Resource: snapshot.Deployments, Place: snapshot.BesideControlPlane},
	}})
	var found []string
	for _, d := range s.Dashboards {
		found = append(found, d.Object.Name+" "+d.Container.Name)
	}
	if got, want := strings.Join(found, ", "), "console console, dapr-dashboard dapr-dashboard"; got != want || len(s.Gaps) > 0 {
		t.Errorf("got %s, want %s; gaps %v", got, want, s.Gaps)
	}
}

// TestManifestsRollouts are two that refer to one Deployment.
func TestManifestsRollouts(t *testing.T) {
	ref := "---\napiVersion: argoproj.io/v1alpha1\nkind: Rollout\nmetadata: {name: NAME}\nspec: {workloadRef: {kind: Deployment, apiVersion: apps/v1, name: a}}\n"
	in := deployment("a", "") + strings.Replace(ref, "NAME", "x", 1) + strings.Replace(ref, "NAME", "z", 1)
	s, errs := read(t, Manifests{Filenames: []string{"-"}, In: strings.NewReader(in)})
	if got, want := apps(s), "Rollout default/x -; Rollout default/z -"; got != want || errs != nil {
		t.Errorf("got %q (%q), want %q", got, errs, want)
	}
}

func TestManifestsGeneratedPodName(t *testing.T) {
	in := "apiVersion: v1\nkind: Pod\nmetadata: {KEY: p, annotations: {dapr.io/enabled: 'true'}}\n"
	for _, key := range []string{"name", "generateName"} {
		s, errs := read(t, Manifests{Filenames: []string{"-"}, In: strings.NewReader(strings.Replace(in, "KEY", key, 1))})
		if len(s.Apps) != 1 || errs != nil || s.Apps[0].Object.Name != "p" || s.Apps[0].Template.GeneratedName != (key == "generateName") {
			t.Errorf("%s: got %+v, %q", key, s.Apps, errs)
		}
	}
}
