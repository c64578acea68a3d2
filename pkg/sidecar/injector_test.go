// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package sidecar_test

import (
	"reflect"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/yaml"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/dapr"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/sidecar"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

func version(t *testing.T, s string) dapr.Version {
	t.Helper()
	v, err := dapr.ParseVersion(s)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// fromChart is the injector's container as the chart of 1.18.3 renders it, with
// every value that has to do with the sidecar set away from its default.
const fromChart = `
name: dapr-sidecar-injector
image: ghcr.io/dapr/injector:1.18.3
command: [/injector]
args: [--log-level, info, --log-as-json, --enable-metrics, --metrics-port, "9090", --healthz-port, "8080", --scheduler-enabled=false]
env:
- {name: DAPR_TRUST_ANCHORS_FILE, value: /var/run/secrets/dapr.io/tls/ca.crt}
- {name: DAPR_CONTROL_PLANE_TRUST_DOMAIN, value: example.org}
- {name: DAPR_SENTRY_ADDRESS, value: "dapr-sentry.dapr-two.svc.cluster.local:443"}
- {name: KUBE_CLUSTER_DOMAIN, value: k8s.example}
- {name: SIDECAR_IMAGE, value: "registry.example.com:5000/dapr/daprd:1.18.3-mariner"}
- {name: SIDECAR_IMAGE_PULL_POLICY, value: Always}
- {name: SIDECAR_RUN_AS_NON_ROOT, value: "false"}
- {name: SIDECAR_RUN_AS_USER, value: "1000"}
- {name: SIDECAR_RUN_AS_GROUP, value: "2000"}
- {name: ENABLE_K8S_DOWNWARD_APIS, value: "true"}
- {name: SIDECAR_DROP_ALL_CAPABILITIES, value: "true"}
- {name: SIDECAR_READ_ONLY_ROOT_FILESYSTEM, value: "false"}
- {name: NATIVE_SIDECAR_ENABLED, value: "true"}
- {name: NAMESPACE, valueFrom: {fieldRef: {fieldPath: metadata.namespace}}}
- {name: IGNORE_ENTRYPOINT_TOLERATIONS, value: '[{"effect":"NoSchedule","key":"alibabacloud.com/eci"}]'}
- {name: ACTORS_ENABLED, value: "true"}
- {name: ACTORS_SERVICE_NAME, value: roadrunner}
- {name: ACTORS_SERVICE_ADDRESS, value: "roadrunner:51101"}
- {name: REMINDERS_SERVICE_NAME, value: coyote}
- {name: REMINDERS_SERVICE_ADDRESS, value: "coyote:51102"}
`

func container(t *testing.T, text string) *corev1.Container {
	t.Helper()
	c := &corev1.Container{}
	if err := yaml.UnmarshalStrict([]byte(text), c); err != nil {
		t.Fatal(err)
	}
	return c
}

// plane is a control plane whose injector has that container.
func plane(v dapr.Version, c *corev1.Container) *snapshot.ControlPlane {
	return &snapshot.ControlPlane{Namespace: "dapr-two", Version: v, Workloads: []snapshot.ControlPlaneWorkload{{Name: dapr.Injector, Container: c}}}
}

func TestInjectorOfReadsEverySetting(t *testing.T) {
	t.Parallel()
	v := version(t, "1.18.3")
	got, read := sidecar.InjectorOf(&snapshot.Snapshot{}, plane(v, container(t, fromChart)))
	want := sidecar.Injector{
		Namespace: "dapr-two", Version: v, MTLS: true, TrustDomain: "example.org",
		Image: "registry.example.com:5000/dapr/daprd:1.18.3-mariner", PullPolicy: corev1.PullAlways,
		RunAsNonRoot: false, ReadOnlyRootFilesystem: false, DropAllCapabilities: true, NativeSidecar: true, DownwardAPIs: true,
		RunAsUser: ptr.To(int64(1000)), RunAsGroup: ptr.To(int64(2000)),
		EntrypointTolerations: []corev1.Toleration{{Key: "alibabacloud.com/eci", Effect: corev1.TaintEffectNoSchedule}},
		ClusterDomain:         "k8s.example", SchedulerEnabled: false,
		ActorsService:    "roadrunner:roadrunner.dapr-two.svc.k8s.example:51101",
		RemindersService: "coyote:coyote.dapr-two.svc.k8s.example:51102",
	}
	if !read || !reflect.DeepEqual(got, want) {
		t.Errorf("read %v, got\n%+v\nwant\n%+v", read, got, want)
	}
}

func TestDefaultInjector(t *testing.T) {
	t.Parallel()
	v := version(t, "1.17.13")
	want := sidecar.Injector{
		Namespace: "dapr-system", Version: v, MTLS: true, TrustDomain: "cluster.local", Image: "ghcr.io/dapr/daprd:1.17.13",
		PullPolicy: corev1.PullIfNotPresent, RunAsNonRoot: true, ReadOnlyRootFilesystem: true, EntrypointTolerations: []corev1.Toleration{},
		ClusterDomain: "cluster.local", SchedulerEnabled: true, Placement: "dapr-placement-server.dapr-system.svc.cluster.local:50005",
	}
	if got := sidecar.DefaultInjector("dapr-system", v); !reflect.DeepEqual(got, want) {
		t.Errorf("got\n%+v\nwant\n%+v", got, want)
	}
}

func TestInjectorOf(t *testing.T) {
	t.Parallel()
	const native = "env: [{name: NATIVE_SIDECAR_ENABLED, value: \"true\"}]"
	for _, tt := range []struct {
		name, version, container string
		is                       func(sidecar.Injector) bool
	}{
		{"native sidecars came with 1.18", "1.17.13", native, func(in sidecar.Injector) bool { return !in.NativeSidecar }},
		{"native from then on", "1.18.0", native, func(in sidecar.Injector) bool { return in.NativeSidecar }},
		{"no scheduler before 1.14", "1.13.6", "{}", func(in sidecar.Injector) bool { return !in.SchedulerEnabled }},
		{"scheduler off, with two arguments", "1.18.3", "args: [--scheduler-enabled, \"false\"]", func(in sidecar.Injector) bool { return !in.SchedulerEnabled }},
		{
			"under the debugger", "1.18.3", "{command: [/dlv], args: [--listen=:40000, exec, /injector, --, --scheduler-enabled=false]}",
			func(in sidecar.Injector) bool { return !in.SchedulerEnabled },
		},
		{"empty is unset", "1.18.3", "env: [{name: SIDECAR_RUN_AS_NON_ROOT, value: \"\"}]", func(in sidecar.Injector) bool { return in.RunAsNonRoot }},
		{"the last of two counts", "1.18.3", "env: [{name: SIDECAR_IMAGE, value: a}, {name: SIDECAR_IMAGE, value: b}]", func(in sidecar.Injector) bool { return in.Image == "b" }},
		{"actors off, which 1.15.3 does not heed", "1.15.3", "env: [{name: ACTORS_ENABLED, value: \"false\"}]", func(in sidecar.Injector) bool { return in.Placement != "" }},
		{"actors off", "1.18.3", "env: [{name: ACTORS_ENABLED, value: \"false\"}]", func(in sidecar.Injector) bool { return in.Placement == "" && in.ActorsService == "" }},
		{
			"an address that is none", "1.18.3", "env: [{name: ACTORS_SERVICE_NAME, value: x}, {name: ACTORS_SERVICE_ADDRESS, value: y}]",
			func(in sidecar.Injector) bool { return in.Placement == "" && in.ActorsService == "" },
		},
		{"a user that is no number", "1.18.3", "env: [{name: SIDECAR_RUN_AS_USER, value: me}]", func(in sidecar.Injector) bool { return in.RunAsUser == nil }},
		{"tolerations that are no list", "1.18.3", "env: [{name: IGNORE_ENTRYPOINT_TOLERATIONS, value: x}]", func(in sidecar.Injector) bool { return len(in.EntrypointTolerations) == 0 }},
		{"newer than the tables", "1.19.2", "{}", func(in sidecar.Injector) bool { return in.Version == dapr.NewestVersion() }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			in, read := sidecar.InjectorOf(&snapshot.Snapshot{}, plane(version(t, tt.version), container(t, tt.container)))
			if !read || !tt.is(in) {
				t.Errorf("read %v, got %+v", read, in)
			}
		})
	}
}

func TestInjectorOfWithoutInjector(t *testing.T) {
	t.Parallel()
	for name, cp := range map[string]*snapshot.ControlPlane{
		"no workload":  {Namespace: "dapr-system"},
		"no container": plane(dapr.Version{}, nil),
	} {
		if in, read := sidecar.InjectorOf(&snapshot.Snapshot{}, cp); read || in.Version != dapr.NewestVersion() {
			t.Errorf("%s: read %v, version %s", name, read, in.Version)
		}
	}
}

func TestInjectorOfARehearsal(t *testing.T) {
	t.Parallel()
	cp := plane(version(t, "1.18.3"), container(t, `env: [{name: SIDECAR_IMAGE, value: "ghcr.io/dapr/daprd:1.16.1"}]`))
	cp.Rehearsed = version(t, "1.16.1")
	if in, _ := sidecar.InjectorOf(&snapshot.Snapshot{}, cp); in.Image != "ghcr.io/dapr/daprd:1.18.3" {
		t.Errorf("the next sidecar is %s", in.Image)
	}
}

func TestMTLS(t *testing.T) {
	t.Parallel()
	configuration := func(ns, name string, mtls *bool) snapshot.Configuration {
		return snapshot.Configuration{Object: snapshot.Object{Kind: "Configuration", Namespace: ns, Name: name}, MTLS: mtls}
	}
	for _, tt := range []struct {
		name string
		all  []snapshot.Configuration
		want bool
	}{
		{"no Configuration", nil, true},
		{"no field", []snapshot.Configuration{configuration("dapr-two", "daprsystem", nil)}, true},
		{"on", []snapshot.Configuration{configuration("dapr-two", "daprsystem", ptr.To(true))}, true},
		{"off", []snapshot.Configuration{configuration("dapr-two", "daprsystem", ptr.To(false))}, false},
		{"off in another namespace", []snapshot.Configuration{configuration("shop", "daprsystem", ptr.To(false))}, true},
		{"off under another name", []snapshot.Configuration{configuration("dapr-two", "other", ptr.To(false))}, true},
	} {
		in, _ := sidecar.InjectorOf(&snapshot.Snapshot{Configurations: tt.all}, plane(version(t, "1.18.3"), &corev1.Container{}))
		if in.MTLS != tt.want {
			t.Errorf("%s: mTLS %v", tt.name, in.MTLS)
		}
	}
}

// TestOpposite: each setting that changes what guidelines judge is turned round,
// and twice is the same again.
func TestOpposite(t *testing.T) {
	t.Parallel()
	for _, v := range dapr.Generations() {
		in := sidecar.DefaultInjector("dapr-system", v)
		o := in.Opposite()
		if o.MTLS == in.MTLS || o.RunAsNonRoot == in.RunAsNonRoot || o.ReadOnlyRootFilesystem == in.ReadOnlyRootFilesystem || o.DropAllCapabilities == in.DropAllCapabilities {
			t.Errorf("%s: %+v", v, o)
		}
		if o.NativeSidecar != v.AtLeast(1, 18, 0) {
			t.Errorf("%s: native %v", v, o.NativeSidecar)
		}
		if !reflect.DeepEqual(o.Opposite(), in) {
			t.Errorf("%s: the opposite of the opposite is %+v", v, o.Opposite())
		}
	}
}

func TestGenerationsOfAnInjector(t *testing.T) {
	t.Parallel()
	in := sidecar.DefaultInjector("dapr-system", dapr.NewestVersion())
	in.NativeSidecar, in.MTLS = true, false
	all := in.Generations()
	if len(all) != len(dapr.Generations()) {
		t.Fatalf("%d generations", len(all))
	}
	for i, g := range all {
		if g.Version != dapr.Generations()[i] || g.MTLS || g.NativeSidecar != g.Version.AtLeast(1, 18, 0) {
			t.Errorf("%+v", g)
		}
	}
}
