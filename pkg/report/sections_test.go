// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package report_test

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/evaluate"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/report"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

func object(kind, namespace, name string) snapshot.Object {
	return snapshot.Object{APIVersion: "apps/v1", Kind: kind, Namespace: namespace, Name: name}
}

// found adds the same finding on several objects; %s in the message is the name.
func found(r *report.Report, s guideline.Severity, id, message string, on ...snapshot.Object) {
	for _, o := range on {
		text := message
		if strings.Contains(message, "%s") {
			text = fmt.Sprintf(message, o.Name)
		}
		r.Results = append(r.Results, result(o, id, s, guideline.Failed, text, "", "", ""))
	}
}

// small is a report of the size of the shop in the examples, held against many guidelines.
func small() *report.Report {
	r := &report.Report{Cluster: report.Cluster{
		Context: "demo", KubernetesVersion: "v1.36.3",
		ControlPlanes: []report.ControlPlane{{Namespace: "dapr-system", Version: "1.18.3"}},
	}}
	var apps []snapshot.Object
	for _, name := range []string{"checkout", "frontend", "notifications", "orders", "payments", "inventory"} {
		kind := "Deployment"
		if name == "inventory" {
			kind = "StatefulSet"
		}
		apps = append(apps, object(kind, "shop", name))
		r.Apps = append(r.Apps, report.App{Namespace: "shop", Kind: kind, Name: name})
	}
	checkout, frontend, notifications, orders, payments, inventory := apps[0], apps[1], apps[2], apps[3], apps[4], apps[5]
	sidecars := []snapshot.Object{notifications, orders, payments, inventory}
	store := object("Component", "shop", "statestore")
	planes := []snapshot.Object{
		object("Deployment", "dapr-system", "dapr-operator"), object("Deployment", "dapr-system", "dapr-sentry"), object("Deployment", "dapr-system", "dapr-sidecar-injector"),
		object("StatefulSet", "dapr-system", "dapr-placement-server"), object("StatefulSet", "dapr-system", "dapr-scheduler-server"),
	}
	install := evaluate.ControlPlaneObject("dapr-system")
	found(r, guideline.Error, "dapr-annotations", "dapr.io/app-id is missing: Dapr's injector refuses the Pods, so that none is made", checkout)
	found(r, guideline.Error, "sidecar-injected", "no Pod is made: Dapr's injector refuses it, value for the dapr.io/app-id annotation is empty", checkout)
	found(r, guideline.Error, "dapr-annotations", "set on the Deployment itself, where Dapr does not look: dapr.io/app-id, dapr.io/app-port, dapr.io/enabled", frontend)
	found(r, guideline.Error, "sidecar-injected", "no sidecar: dapr.io/enabled is set on the Deployment itself, not on its Pod template", frontend)
	found(r, guideline.Error, "sidecar-injected", `dapr.io/enabled is "yes": from Dapr 1.17.3 on only "true" injects a sidecar`, notifications)
	found(r, guideline.Error, "sidecar-quantities", `dapr.io/sidecar-memory-limit "1000MB" is not a quantity: all four settings are ignored`, orders)
	found(r, guideline.Error, "sidecar-resources", `no CPU and memory settings: all four are dropped, because dapr.io/sidecar-memory-limit "1000MB" is not a quantity`, orders)
	found(r, guideline.Error, "sidecar-soft-memory-limit", "GOMEMLIMIT=900Mi is not a value that Go can read: daprd ends at start", inventory)
	found(r, guideline.Error, "component-secrets", "redisPassword is in plain text", store)
	found(r, guideline.Error, "control-plane-ha", "spec.replicas is 1: high availability wants 3", planes...)
	found(r, guideline.Warning, "control-plane-priority-class", "no priority class: a node that is full may evict the Pods before any app", planes...)
	found(r, guideline.Warning, "control-plane-resources", "no CPU request, no memory request", planes[4])
	found(r, guideline.Warning, "injector-watchdog", "the watchdog is off: Pods that started without a sidecar stay so", install)
	found(r, guideline.Warning, "api-token", "no API token: whatever runs in the Pod's network namespace may call daprd", sidecars...)
	found(r, guideline.Warning, "app-token", "no app token: whatever reaches the app may call it past the sidecar", sidecars...)
	found(r, guideline.Warning, "service-account-token", "the token of the service account is mounted, and nothing in the namespace is known to need it", apps...)
	found(r, guideline.Warning, "component-scopes", "no scopes: every app of the namespace may use it", store, object("Component", "shop", "pubsub"))
	found(r, guideline.Warning, "sidecar-resources", "no CPU limit", inventory)
	found(r, guideline.Warning, "default-service-account", "runs as the namespace's default service account", apps...)
	found(r, guideline.Warning, "tracing", "the sampling rate is 1: every request is traced", object("Configuration", "shop", "tracing"))
	found(r, guideline.Info, "dapr-annotations", "unknown to Dapr: dapr.io/metric-port (did you mean dapr.io/metrics-port?)", notifications)
	found(r, guideline.Info, "sidecar-seccomp", "no seccomp profile for the sidecar", sidecars...)
	found(r, guideline.Info, "dedicated-namespace", "a workload of another project runs beside the control plane", install)
	count(r)
	return r
}

// crowd is a report of 300 apps that share findings, and of some that do not.
func crowd() *report.Report {
	r := &report.Report{Cluster: report.Cluster{
		Context: "prod", KubernetesVersion: "v1.36.3",
		ControlPlanes: []report.ControlPlane{{Namespace: "dapr-system", Version: "1.18.3"}},
	}}
	var apps []snapshot.Object
	for i := range 300 {
		o := object("Deployment", fmt.Sprintf("team-%c", 'a'+i/25), fmt.Sprintf("service-%03d", i))
		apps = append(apps, o)
		r.Apps = append(r.Apps, report.App{Namespace: o.Namespace, Kind: o.Kind, Name: o.Name})
	}
	found(r, guideline.Error, "sidecar-resources", "no CPU and memory settings", apps[:240]...)
	found(r, guideline.Warning, "sidecar-resources", "no CPU limit", apps[240:290]...)
	for i, o := range apps {
		found(r, guideline.Warning, "sidecar-soft-memory-limit", fmt.Sprintf("no GOMEMLIMIT for a memory limit of %dMi", 100+i), o)
		r.Results = append(r.Results, result(o, "mtls", guideline.Error, guideline.Passed, "daprd runs with mTLS", "", "", ""))
	}
	for i, o := range apps[:20] {
		found(r, guideline.Error, "dapr-annotations", "odd in its own way: "+strings.Repeat("x", i+1), o)
	}
	for _, o := range apps[20:24] {
		found(r, guideline.Error, "dapr-annotations", `app ID "%s" is also that of Deployment `+o.Namespace+"/"+o.Name+"-canary", o)
	}
	found(r, guideline.Info, "sidecar-seccomp", "no seccomp profile for the sidecar", apps[:2]...)
	found(r, guideline.Error, "control-plane-ha", "spec.replicas is 1: high availability wants 3", object("Deployment", "dapr-system", "dapr-sentry"))
	count(r)
	return r
}

// crowded are the tables of reports in which much is shared.
var crowded = []struct {
	name    string
	of      func() *report.Report
	print   format
	options report.Options
	// most is how many lines it may have.
	most int
}{
	{"small-120.txt", small, report.Table, report.Options{Width: 120}, 50},
	{"small-80.txt", small, report.Table, report.Options{Width: 80}, 75},
	{"small-120-color.txt", small, report.Table, report.Options{Width: 120, Color: true}, 50},
	{"small-pipe.txt", small, report.Table, report.Options{}, 70},
	{"small-wide.txt", small, report.Wide, report.Options{Width: 120}, 70},
	{"crowd-120.txt", crowd, report.Table, report.Options{Width: 120}, 40},
	{"crowd-80.txt", crowd, report.Table, report.Options{Width: 80}, 50},
	{"crowd-80-all.txt", crowd, report.Table, report.Options{Width: 80, Show: report.ShowAll}, 50},
	{"crowd-80-error.txt", crowd, report.Table, report.Options{Width: 80, Severity: guideline.Error}, 40},
}

func TestCrowded(t *testing.T) {
	for _, c := range crowded {
		t.Run(c.name, func(t *testing.T) {
			got := printed(t, c.print, c.of(), c.options)
			compare(t, c.name, got)
			readable(t, got, c.options, c.name != "small-wide.txt")
			if n := strings.Count(got, "\n"); n > c.most {
				t.Errorf("%d lines", n)
			}
			r := c.of()
			if c.options.Width > 0 && c.name != "small-wide.txt" {
				rand.New(rand.NewPCG(1, 2)).Shuffle(len(r.Results), func(i, j int) { r.Results[i], r.Results[j] = r.Results[j], r.Results[i] })
				if printed(t, c.print, r, c.options) != got {
					t.Error("the order of the results changes the table")
				}
			}
		})
	}
}

// TestFirst: what is to be explained first is what the reader sees first.
func TestFirst(t *testing.T) {
	for name, r := range map[string]*report.Report{"shop": shop(), "small": small(), "crowd": crowd()} {
		var ids []string
		for _, result := range r.Results {
			ids = append(ids, result.Guideline)
		}
		id := regexp.MustCompile(`(?m)(?:^|\s)(` + strings.Join(ids, "|") + `)(?:\s|$)`)
		for _, o := range []report.Options{{}, {Width: 80}, {Width: 40}, {Width: 80, Severity: guideline.Error}, {Width: 80, Show: report.ShowAll}, {Show: report.ShowAll}} {
			table := printed(t, report.Table, r, o)
			if want := id.FindStringSubmatch(table); want == nil || report.First(r, o) != want[1] {
				t.Errorf("%s %+v: %q comes first, want %q", name, o, report.First(r, o), want)
			}
		}
	}
	if first := report.First(&report.Report{}, report.Options{Width: 80}); first != "" {
		t.Errorf("of nothing the first is %q", first)
	}
}

// TestNoneIsLost: in a pipe and with -o wide every object of every finding is named.
func TestNoneIsLost(t *testing.T) {
	r := crowd()
	for name, f := range map[string]format{"table": report.Table, "wide": report.Wide} {
		if got := strings.Count(printed(t, f, r, report.Options{}), "service-"); got < r.Summary.Fail-1 {
			t.Errorf("%s: %d of %d", name, got, r.Summary.Fail)
		}
	}
}

// TestFewSayAllWords: what is said of few objects is said in full, and of one
// object always.
func TestFewSayAllWords(t *testing.T) {
	message := func(i int) string { return fmt.Sprintf("GOMEMLIMIT=%dMi, of %q", i, "x") }
	for _, tt := range []struct {
		objects, each int
		want          string
	}{
		{3, 1, "GOMEMLIMIT=2Mi, of \"x\""},
		{4, 1, "4 deployments in shop (d0, d1 and 2 more): GOMEMLIMIT=…, of \"x\""},
		{1, 5, "GOMEMLIMIT=4Mi, of \"x\""},
		{2, 2, "2 deployments in shop (d0 and d1): GOMEMLIMIT=…, of \"x\""},
	} {
		r := &report.Report{}
		for i := range tt.objects * tt.each {
			found(r, guideline.Error, "g", message(i), object("Deployment", "shop", fmt.Sprintf("d%d", i%tt.objects)))
		}
		if got := printed(t, report.Table, r, report.Options{Width: 120}); !strings.Contains(got, tt.want) {
			t.Errorf("%d objects: no %q in\n%s", tt.objects, tt.want, got)
		}
	}
}

func TestWho(t *testing.T) {
	app := func(ns, name string) snapshot.Object { return object("Deployment", ns, name) }
	for _, tt := range []struct {
		name string
		apps []string
		on   []snapshot.Object
		want string
	}{
		{"one", []string{"shop"}, []snapshot.Object{app("shop", "a")}, "deployment/a: x"},
		{"one of several namespaces", []string{"shop", "bank"}, []snapshot.Object{app("shop", "a")}, "shop/deployment/a: x"},
		{"of the cluster", []string{"shop"}, []snapshot.Object{webhook}, "mutatingwebhookconfiguration/dapr-sidecar-injector: x"},
		{"an install", nil, []snapshot.Object{evaluate.ControlPlaneObject("dapr-system")}, "control plane in dapr-system: x"},
		{"an install that was not found", nil, []snapshot.Object{evaluate.ControlPlaneObject("")}, "control plane: x"},
		{"two apps", []string{"shop"}, []snapshot.Object{app("shop", "a"), app("shop", "b")}, "2 apps (a and b): x"},
		{"apps of two namespaces", []string{"shop", "bank"}, []snapshot.Object{app("shop", "a"), app("bank", "a")}, "2 apps in 2 namespaces (bank/a and shop/a): x"},
		{"of one kind", []string{"shop"}, []snapshot.Object{object("Resiliency", "shop", "a"), object("Resiliency", "shop", "b")}, "2 resiliencies (a and b): x"},
		{"workloads", nil, []snapshot.Object{object("StatefulSet", "dapr", "a"), app("dapr", "b"), app("dapr", "c")}, "3 workloads in dapr (b, c and a): x"},
		{"of all kinds", nil, []snapshot.Object{webhook, app("dapr", "c")}, "2 objects in 2 namespaces (dapr-sidecar-injector and dapr/c): x"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := &report.Report{}
			for _, ns := range tt.apps {
				r.Apps = append(r.Apps, report.App{Namespace: ns, Kind: "Deployment", Name: "a"}, report.App{Namespace: ns, Kind: "Deployment", Name: "b"})
			}
			found(r, guideline.Error, "g", "x", tt.on...)
			if got := printed(t, report.Table, r, report.Options{Width: 120}); !strings.Contains(got, "\ng   "+tt.want+"\n") {
				t.Errorf("no %q in\n%s", tt.want, got)
			}
		})
	}
}
