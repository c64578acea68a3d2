// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package sidecar_test

import (
	"reflect"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/dapr"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/sidecar"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

var orders = snapshot.Object{APIVersion: "apps/v1", Kind: "Deployment", Namespace: "shop", Name: "orders"}

// template is one with annotations, written "key=value" without Dapr's prefix.
func template(set ...string) *snapshot.Template {
	t := &snapshot.Template{
		Object: orders, Path: "spec.template", Annotations: map[string]string{"dapr.io/enabled": "true", "dapr.io/app-id": "orders"},
		Spec: &corev1.PodSpec{Containers: []corev1.Container{{Name: "app"}}},
	}
	for _, s := range set {
		key, value, found := strings.Cut(s, "=")
		if key = dapr.AnnotationPrefix + key; found {
			t.Annotations[key] = value
		} else {
			delete(t.Annotations, key)
		}
	}
	return t
}

func simulate(t *testing.T, v string, set ...string) sidecar.Simulation {
	t.Helper()
	return sidecar.DefaultInjector("dapr-system", version(t, v)).Simulate(orders, template(set...))
}

func TestStates(t *testing.T) {
	t.Parallel()
	manual := func(native bool) *snapshot.Template {
		t := template()
		c := []corev1.Container{{Name: "daprd", Image: "own"}}
		if native {
			t.Spec.InitContainers = c
		} else {
			t.Spec.Containers = c
		}
		return t
	}
	bare := func(kind, name string) snapshot.Object {
		version := map[string]string{"Pod": "v1", "StatefulSet": "apps/v1", "Job": "batch/v1"}[kind]
		return snapshot.Object{APIVersion: version, Kind: kind, Namespace: "shop", Name: name}
	}
	generated := template("app-id")
	generated.GeneratedName = true
	for _, tt := range []struct {
		name     string
		version  string
		owner    snapshot.Object
		template *snapshot.Template
		want     sidecar.State
		native   bool
	}{
		{"injected", "1.18.3", orders, template(), sidecar.Injected, false},
		{"injected as a native sidecar", "1.18.3", orders, template("enable-native-sidecar=true"), sidecar.Injected, true},
		{"native is not known before 1.18", "1.17.13", orders, template("enable-native-sidecar=true"), sidecar.Injected, false},
		{"off", "1.18.3", orders, template("enabled"), sidecar.Off, false},
		{"off from 1.17.3 on", "1.17.3", orders, template("enabled=yes"), sidecar.Off, false},
		{"on up to 1.17.2", "1.17.2", orders, template("enabled=yes"), sidecar.Injected, false},
		{"manual", "1.18.3", orders, manual(false), sidecar.Manual, false},
		{"manual and native", "1.18.3", orders, manual(true), sidecar.Manual, true},
		{"denied without an app ID", "1.18.3", orders, template("app-id"), sidecar.Denied, false},
		{"denied with an empty one", "1.18.3", orders, template("app-id="), sidecar.Denied, false},
		{"denied with a bad one", "1.13.6", orders, template("app-id=Orders"), sidecar.Denied, false},
		{"a StatefulSet's Pods have names", "1.18.3", bare("StatefulSet", "orders"), template("app-id"), sidecar.Injected, false},
		{"a bare Pod has a name", "1.18.3", bare("Pod", "orders"), template("app-id"), sidecar.Injected, false},
		{"a bare Pod's name may be no app ID", "1.18.3", bare("Pod", "orders.1"), template("app-id"), sidecar.Denied, false},
		{"a bare Pod whose name is still to be generated has none", "1.18.3", bare("Pod", "orders"), generated, sidecar.Denied, false},
		{"nothing is known of Kruise's StatefulSets", "1.18.3", snapshot.Object{APIVersion: "apps.kruise.io/v1beta1", Kind: "StatefulSet", Namespace: "shop", Name: "orders"}, template("app-id"), sidecar.Denied, false},
		{"a Job's Pods have none yet", "1.18.3", bare("Job", "orders"), template("app-id"), sidecar.Denied, false},
		{"no spec", "1.18.3", orders, &snapshot.Template{Annotations: template().Annotations}, sidecar.Unread, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := sidecar.DefaultInjector("dapr-system", version(t, tt.version)).Simulate(tt.owner, tt.template)
			if s.State != tt.want || s.Native != tt.native {
				t.Errorf("%s, native %v, want %s, %v (%s)", s.State, s.Native, tt.want, tt.native, s.Reason)
			}
			if s.Running() != (tt.want == sidecar.Injected || tt.want == sidecar.Manual) || (s.Reason != "") != (tt.want == sidecar.Denied) {
				t.Errorf("running %v, reason %q", s.Running(), s.Reason)
			}
		})
	}
}

func env(c *corev1.Container, name string) string {
	for _, e := range c.Env {
		if e.Name == name {
			return e.Value
		}
	}
	return "unset"
}

func TestOlderReleases(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, version, annotation string
		is                        func(*corev1.Container) bool
	}{
		{"an empty value is none up to 1.14", "1.14.5", "log-level=", func(c *corev1.Container) bool { return dapr.Flag(c, "log-level", "") == "info" }},
		{"an empty value counts from 1.15 on", "1.15.0", "log-level=", func(c *corev1.Container) bool { return dapr.Flag(c, "log-level", "unset") == "" }},
		{"env-from-secret is not read on 1.14", "1.14.5", "env-from-secret=A=b", func(c *corev1.Container) bool { return env(c, "A") == "unset" }},
		{"env-from-secret is read on 1.15", "1.15.0", "env-from-secret=A=b", func(c *corev1.Container) bool { return env(c, "A") == "" }},
		{"a second equals sign drops the pair on 1.16.1", "1.16.1", "env=A=b=c,D=e", func(c *corev1.Container) bool { return env(c, "A") == "unset" && env(c, "D") == "e" }},
		{"a second equals sign is kept on 1.16.2", "1.16.2", "env=A=b=c,D=e", func(c *corev1.Container) bool { return env(c, "A") == "b=c" && env(c, "D") == "e" }},
		{"liveness asks over HTTP on 1.15.1", "1.15.1", "x=", func(c *corev1.Container) bool {
			return c.LivenessProbe.HTTPGet != nil && c.LivenessProbe.TCPSocket == nil
		}},
		{"liveness asks over TCP on 1.15.2", "1.15.2", "x=", func(c *corev1.Container) bool {
			return c.LivenessProbe.HTTPGet == nil && c.LivenessProbe.TCPSocket != nil
		}},
		{"probes of 1.17", "1.17.13", "x=", func(c *corev1.Container) bool {
			return c.LivenessProbe.InitialDelaySeconds == 3 && c.ReadinessProbe.PeriodSeconds == 6
		}},
		{"probes of 1.18", "1.18.0", "x=", func(c *corev1.Container) bool {
			return c.LivenessProbe.InitialDelaySeconds == 180 && c.ReadinessProbe.PeriodSeconds == 1
		}},
		{"a probe that is set stays on 1.17", "1.17.13", "sidecar-liveness-probe-delay-seconds=9", func(c *corev1.Container) bool { return c.LivenessProbe.InitialDelaySeconds == 9 }},
		{"no scheduler on 1.13", "1.13.6", "x=", func(c *corev1.Container) bool { return dapr.Flag(c, "scheduler-host-address", "unset") == "unset" }},
		{"one bad quantity drops all", "1.18.3", "sidecar-cpu-limit=1 CPU", func(c *corev1.Container) bool { return len(c.Resources.Limits)+len(c.Resources.Requests) == 0 }},
		{"one absurd quantity drops all", "1.18.3", "sidecar-cpu-limit=1e-9999999999", func(c *corev1.Container) bool { return len(c.Resources.Limits)+len(c.Resources.Requests) == 0 }},
		{"all quantities hold", "1.18.3", "sidecar-cpu-limit=1e3", func(c *corev1.Container) bool { return c.Resources.Limits.Cpu().Value() == 1000 }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := simulate(t, tt.version, tt.annotation, "sidecar-memory-limit=1Gi")
			if s.State != sidecar.Injected || !tt.is(s.Container) {
				t.Errorf("%s: %+v", s.State, s.Container)
			}
		})
	}
}

func TestSimulateLeavesTheTemplateAlone(t *testing.T) {
	t.Parallel()
	set := []string{"env=A=b=c", "placement-host-address= \"x\" ", "enabled=yes", "log-level="}
	t1, t2 := template(set...), template(set...)
	t1.Labels, t2.Labels = map[string]string{"a": "b"}, map[string]string{"a": "b"}
	sidecar.DefaultInjector("dapr-system", version(t, "1.14.5")).Simulate(orders, t1)
	sidecar.DefaultInjector("dapr-system", version(t, "1.16.19")).Simulate(orders, t1)
	if !reflect.DeepEqual(t1, t2) {
		t.Errorf("changed to %+v", t1)
	}
}

func TestExcluded(t *testing.T) {
	t.Parallel()
	selector := func(key string) *snapshot.Selector {
		s, err := snapshot.NewSelector(&metav1.LabelSelector{MatchLabels: map[string]string{key: "on"}})
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	s := &snapshot.Snapshot{Namespaces: map[string]snapshot.Namespace{"shop": {Name: "shop", Labels: map[string]string{"ns": "on"}}}}
	for _, tt := range []struct {
		name    string
		webhook *snapshot.Webhook
		ns      string
		want    sidecar.State
	}{
		{"no webhook read", nil, "shop", sidecar.Injected},
		{"selects everything", &snapshot.Webhook{}, "shop", sidecar.Injected},
		{"selects it", &snapshot.Webhook{NamespaceSelector: selector("ns"), ObjectSelector: selector("pod")}, "shop", sidecar.Injected},
		{"leaves the namespace out", &snapshot.Webhook{NamespaceSelector: selector("other")}, "shop", sidecar.Excluded},
		{"leaves the Pods out", &snapshot.Webhook{ObjectSelector: selector("other")}, "shop", sidecar.Excluded},
		{"a namespace that was not read", &snapshot.Webhook{NamespaceSelector: selector("other")}, "elsewhere", sidecar.Injected},
	} {
		app := &snapshot.App{Object: orders, Template: template()}
		app.Object.Namespace, app.Template.Labels = tt.ns, map[string]string{"pod": "on"}
		e := sidecar.Of(app, sidecar.DefaultInjector("dapr-system", dapr.NewestVersion()), tt.webhook, s)
		if e.Simulation.State != tt.want || e.Running() != (tt.want == sidecar.Injected) {
			t.Errorf("%s: %s", tt.name, e.Simulation.State)
		}
	}
}
