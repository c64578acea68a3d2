// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package collect

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

const (
	metricsPath = "/apis/metrics.k8s.io/v1beta1/pods"
	nodesPath   = "/api/v1/nodes"
)

// inShop is a path in the namespace shop.
func inShop(path string) string {
	i := strings.LastIndex(path, "/")
	return path[:i] + "/namespaces/shop" + path[i:]
}

// podMetrics is what a Pod's container uses, as of noon.
func podMetrics(name, container, cpu, memory string) string {
	return fmt.Sprintf("{metadata: {name: %s, namespace: shop}, timestamp: '2026-01-01T12:00:00Z', window: 10s, containers: [{name: other, usage: {cpu: '9', memory: 9Gi}}, {name: %s, usage: {cpu: '%s', memory: '%s'}}]}",
		name, container, cpu, memory)
}

func amount(a *snapshot.Amount) string {
	if a == nil {
		return "unknown"
	}
	return a.CPU.String() + " " + a.Memory.String()
}

func TestLiveUsage(t *testing.T) {
	t.Parallel()
	pod := func(name, made, spec string) string {
		return fmt.Sprintf("{metadata: {name: %s, namespace: shop, uid: %s, creationTimestamp: '2026-01-01T%s:00Z'}, spec: %s}", name, name, made, spec)
	}
	beside, native := "{containers: [{name: other}, {name: daprd}]}", "{containers: [{name: other}], initContainers: [{name: daprd, restartPolicy: Always}]}"
	lists := map[string]string{
		podsPath: listOf("v1", "Pod",
			pod("beside", "11:00", beside), pod("native", "11:00", native), pod("new", "11:59", beside), pod("again", "12:01", beside)),
		metricsPath: listOf("metrics.k8s.io/v1beta1", "PodMetrics",
			podMetrics("beside", "daprd", "4999123n", "41943040"), podMetrics("native", "daprd", "1500m", "900Mi"),
			podMetrics("again", "daprd", "1", "1Gi"), podMetrics("gone", "daprd", "1", "1Gi"), podMetrics("elsewhere", "app", "1", "1Gi")),
	}
	pods := snapshot.Read{Resource: snapshot.Pods, Place: snapshot.InApps}
	for _, tt := range []struct {
		name  string
		reads []snapshot.Read
		want  string
	}{
		{"asked", append(snapshot.Usage(), pods), "again unknown, beside 4999123n 41943040, native 1500m 900Mi, new unknown"},
		{"not asked", []snapshot.Read{pods}, "again unknown, beside unknown, native unknown, new unknown"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c := &cluster{lists: lists}
			s := c.read(t, Live{Reads: tt.reads})
			var got []string
			for _, a := range s.Apps {
				for _, p := range a.Pods {
					got = append(got, p.Name+" "+amount(p.Usage))
				}
			}
			if got := strings.Join(got, ", "); got != tt.want || len(s.Gaps) > 0 {
				t.Errorf("got  %s\nwant %s\ngaps %v", got, tt.want, s.Gaps)
			}
			if slices.Contains(c.asked, metricsPath) != (len(tt.reads) > 1) {
				t.Errorf("asked: %q", c.asked)
			}
		})
	}
}

func TestLiveUsageGaps(t *testing.T) {
	t.Parallel()
	const served = "/apis/metrics.k8s.io/v1beta1"
	for _, tt := range []struct {
		name  string
		lists map[string]string
		want  string
	}{
		{"forbidden", nil, "forbidden: not allowed to list pods.metrics.k8s.io in namespace shop"},
		{"forbidden, and not there", map[string]string{served: "kind: APIResourceList"}, "unserved: the server does not serve pods.metrics.k8s.io: is metrics-server installed?"},
		{
			"no number",
			map[string]string{inShop(metricsPath): listOf("metrics.k8s.io/v1beta1", "PodMetrics", podMetrics("p", "daprd", "5m", "1e-9999999999"))},
			`failed: cannot read pods.metrics.k8s.io in namespace shop: PodMetrics shop/p: memory "1e-9999999999": quantities must match the regular expression`,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c := &cluster{lists: map[string]string{"/api/v1/namespaces/shop": "apiVersion: v1\nkind: Namespace\n"}}
			for path, list := range tt.lists {
				c.lists[path] = list
			}
			s := c.read(t, Live{Namespace: "shop", Reads: snapshot.Usage()})
			if len(s.Gaps) != 1 || !strings.HasPrefix(string(s.Gaps[0].Reason)+": "+s.Gaps[0].String(), tt.want) {
				t.Errorf("got %v, want %s", s.Gaps, tt.want)
			}
			if s.Gap(snapshot.InApps, snapshot.PodMetrics, "shop") == nil {
				t.Error("the gap is not found")
			}
		})
	}
}

// scheduled is a Pod on a node.
func scheduled(name, node, spec, more string) string {
	return fmt.Sprintf("{metadata: {name: %s, namespace: shop, uid: %s}, spec: {nodeName: '%s', %s}%s}", name, name, node, spec, more)
}

// requests is a container that requests that much.
func requests(name, cpu, memory string) string {
	return fmt.Sprintf("name: %s, resources: {requests: {cpu: %s, memory: %s}}", name, cpu, memory)
}

func capacityLists() map[string]string {
	app, daprd := "{"+requests("app", "100m", "64Mi")+"}", "{"+requests("daprd", "50m", "32Mi")+"}"
	node := "{metadata: {name: NAME}, status: {allocatable: {cpu: '2', memory: 1Gi, pods: '110'}}}"
	return map[string]string{
		nodesPath: listOf("v1", "Node", strings.ReplaceAll(node, "NAME", "a"), strings.ReplaceAll(node, "NAME", "b"), strings.ReplaceAll(node, "NAME", "idle")),
		podsPath: listOf("v1", "Pod",
			scheduled("two", "a", "containers: ["+app+", "+daprd+"]", ""),
			scheduled("leaving", "a", "containers: ["+app+"]", ", status: {phase: Running}"),
			strings.Replace(scheduled("deleted", "a", "containers: ["+app+"]", ""), "uid:", "deletionTimestamp: '2026-01-01T12:00:00Z', uid:", 1),
			scheduled("ended", "a", "containers: ["+app+"]", ", status: {phase: Succeeded}"),
			scheduled("failed", "a", "containers: ["+app+"]", ", status: {phase: Failed}"),
			scheduled("waiting", "", "containers: ["+app+"]", ""),
			scheduled("gone", "another", "containers: ["+app+"]", ""),
			// The sidecar runs beside the large init container, and beside the app.
			scheduled("native", "b", "containers: ["+app+"], initContainers: [{restartPolicy: Always, "+requests("daprd", "50m", "32Mi")+"}, {"+requests("init", "1", "16Mi")+"}]", ""),
			scheduled("overhead", "b", "containers: ["+app+"], overhead: {cpu: 10m, memory: 1Mi}", ""),
			scheduled("whole", "b", "containers: ["+app+"], resources: {requests: {memory: 128Mi}}", ""),
			scheduled("resized", "b", "containers: ["+app+"]", ", status: {containerStatuses: [{name: app, allocatedResources: {cpu: 300m, memory: 64Mi}}]}"),
		),
	}
}

func TestLiveCapacity(t *testing.T) {
	t.Parallel()
	apps := append(snapshot.Apps(), snapshot.Capacity()...)
	const (
		allocatable = "2 1Gi"
		a           = "a " + allocatable + ", 350m 224Mi, 1650m 800Mi; "
		b           = "b " + allocatable + ", 1560m 353Mi, 440m 671Mi; " // 1050m 96Mi, 110m 65Mi, 100m 128Mi, 300m 64Mi
		idle        = "idle " + allocatable + ", 0 0, 2 1Gi"
	)
	for _, tt := range []struct {
		name, namespace string
		reads           []snapshot.Read
		want            string
		apps            int
	}{
		{"alone", "", snapshot.Capacity(), a + b + idle, 0},
		{"with all apps", "", apps, a + b + idle, 2},
		{"with the apps of a namespace", "shop", apps, a + b + idle, 1},
		{"nodes alone", "", snapshot.Capacity()[:1], "a " + allocatable + ", unknown, unknown; b " + allocatable + ", unknown, unknown; idle " + allocatable + ", unknown, unknown", 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c := &cluster{lists: capacityLists()}
			c.lists["/api/v1/namespaces/shop"] = "apiVersion: v1\nkind: Namespace\n"
			c.lists[inShop(podsPath)] = listOf("v1", "Pod", scheduled("two", "a", "containers: [{"+requests("daprd", "50m", "32Mi")+"}]", ""))
			s := c.read(t, Live{Namespace: tt.namespace, Reads: tt.reads})
			var got []string
			for _, n := range s.Nodes {
				got = append(got, fmt.Sprintf("%s %s, %s, %s", n.Name, amount(&n.Allocatable), amount(n.Requested), amount(n.Free())))
			}
			if got := strings.Join(got, "; "); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
			if len(s.Apps) != tt.apps {
				t.Errorf("%d apps, want %d: %s", len(s.Apps), tt.apps, names(s))
			}
			slices.Sort(c.asked)
			if once := slices.Compact(slices.Clone(c.asked)); len(once) != len(c.asked) {
				t.Errorf("asked twice: %q", c.asked)
			}
		})
	}
}

// TestLiveCapacityGaps: who may not list all Pods knows the nodes, and not what
// they have left.
func TestLiveCapacityGaps(t *testing.T) {
	t.Parallel()
	apps := append(snapshot.Apps(), snapshot.Capacity()...)
	for _, live := range []Live{{Reads: snapshot.Capacity()}, {Reads: apps}, {Namespace: "shop", Reads: apps}} {
		c := &cluster{lists: capacityLists()}
		c.lists["/api/v1/namespaces/shop"] = "apiVersion: v1\nkind: Namespace\n"
		c.lists[inShop(podsPath)] = c.lists[podsPath] // not all there are
		delete(c.lists, podsPath)
		s := c.read(t, live)
		gap := s.Gap(snapshot.InCluster, snapshot.Pods, "")
		if gap == nil || gap.String() != "not allowed to list pods in all namespaces" {
			t.Errorf("got %v of %v", gap, s.Gaps)
		}
		if len(s.Nodes) != 3 || s.Nodes[0].Requested != nil || s.Nodes[0].Free() != nil {
			t.Errorf("got %+v", s.Nodes)
		}
	}
}

// TestManifestsUsage: no input tells what is used or free.
func TestManifestsUsage(t *testing.T) {
	t.Parallel()
	in := "apiVersion: v1\nkind: Node\nmetadata: {name: a}\nstatus: {allocatable: {cpu: '2', memory: 1Gi}}\n---\n" +
		"apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {nodeName: a, containers: [{" + requests("daprd", "1", "1Gi") + "}]}\n---\n" +
		"apiVersion: metrics.k8s.io/v1beta1\nkind: PodMetrics\nmetadata: {name: p}\ncontainers: [{name: daprd, usage: {cpu: 1, memory: 1Gi}}]\n"
	s, errs := read(t, Manifests{Filenames: []string{"-"}, In: strings.NewReader(in)})
	if len(errs) > 0 || len(s.Nodes) != 1 || amount(&s.Nodes[0].Allocatable) != "2 1Gi" || s.Nodes[0].Free() != nil || len(s.Apps) != 1 {
		t.Errorf("got %+v, %v, %q", s.Nodes, s.Apps, errs)
	}
	for _, read := range []snapshot.Read{snapshot.Usage()[0], everyPod} {
		if gap := s.Gap(read.Place, read.Resource, ""); gap == nil || gap.Reason != snapshot.NotInInput {
			t.Errorf("%v: %v", read, gap)
		}
	}
}
