// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package plan_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/dapr/dapr/pkg/injector/annotations"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/dapr"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/sidecar"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// pools are values of annotations: right ones, slips of the pen, and nonsense.
var pools = map[string][]string{
	annotations.KeyEnabled:                   {"true", "true", "true", "true", "True", "yes", "on", "false", "ture", ""},
	annotations.KeyAppID:                     {"orders", "orders", "payments", "stock", "Orders_1", ""},
	annotations.KeyCPURequest:                {"100m", "50m", "500m", "0", "1 core", ""},
	annotations.KeyCPULimit:                  {"300m", "50m", "1", "0", "-1", "300 m"},
	annotations.KeyMemoryRequest:             {"250Mi", "64Mi", "2Gi", "300m", "0", ""},
	annotations.KeyMemoryLimit:               {"1000Mi", "512Mi", "1Gi", "20Mi", "1000MB", "33Mi"},
	annotations.KeyEnv:                       {"", "A=1", "A=1,", "GOMEMLIMIT=900MiB", "GOMEMLIMIT=900Mi", "A=1, GOMEMLIMIT=2GiB ,B=2", "GOMEMLIMIT=1,GOMEMLIMIT=off", "gomemlimit=1GiB", "GOMEMLIMIT =1GiB", "A=b=c", "SSL_CERT_DIR=/c", "A=1;GOMEMLIMIT=1GiB", "GOMEMLIMIT=0", "GOMEMLIMIT=1GiB\nA=1"},
	annotations.KeyEnvFromSecret:             {"A=keys:a", "GOMEMLIMIT=keys:soft", "A=a:b:c"},
	annotations.KeySidecarSeccompProfileType: {"RuntimeDefault", "RuntimeDefault", "Unconfined", "Localhost", "none", ""},
	annotations.KeyEnableMetrics:             {"true", "false", "yes", ""},
	annotations.KeyMetricsPort:               {"9099", "many"},
	annotations.KeyConfig:                    {"there", "nowhere"},
	annotations.KeyLogLevel:                  {"info", "loud", ""},
	annotations.KeySidecarImage:              {"ghcr.io/dapr/daprd:1.17.0", "ghcr.io/dapr/daprd:1.18.3", ""},
	annotations.KeyEnableNativeSidecar:       {"true", "false"},
	"dapr.io/app-prot":                       {"80"},
}

// maker makes up what a cluster may hold.
type maker struct{ *rand.Rand }

func pick[T any](m maker, all ...T) T { return all[m.IntN(len(all))] }

// in tells, once in n times, that it is so.
func (m maker) in(n int) bool { return m.IntN(n) == 0 }

// annotations are those of a template or, fewer, of an object.
func (m maker) annotations(share float64) snapshot.Annotations {
	set := snapshot.Annotations{}
	for _, key := range slices.Sorted(maps.Keys(pools)) {
		if m.Float64() < share {
			set[key] = pick(m, pools[key]...)
		}
	}
	return set
}

func (m maker) cluster() *snapshot.Snapshot {
	version := pick(m, "1.18.3", "1.18.3", "1.17.2", "1.16.1", "1.14.4", "1.19.0")
	s := &snapshot.Snapshot{
		TakenAt: time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC), Live: !m.in(6), KubernetesVersion: "v1.36.3",
		Namespaces: map[string]snapshot.Namespace{"shop": {Name: "shop"}},
		Configurations: []snapshot.Configuration{
			{Object: snapshot.Object{APIVersion: "dapr.io/v1alpha1", Kind: "Configuration", Namespace: "shop", Name: "there"}},
		},
	}
	if level := pick(m, "", "", "", "restricted", "baseline"); level != "" {
		s.Namespaces["shop"] = snapshot.Namespace{Name: "shop", Labels: map[string]string{"pod-security.kubernetes.io/enforce": level}}
	}
	if !m.in(12) {
		s.ControlPlanes = append(s.ControlPlanes, m.controlPlane(version))
		s.Webhooks = append(s.Webhooks, snapshot.Webhook{ControlPlane: "dapr-system", Service: "dapr-sidecar-injector", FailurePolicy: "Ignore"})
	}
	if m.in(10) && len(s.Webhooks) > 0 {
		s.Webhooks[0].ObjectSelector, _ = snapshot.NewSelector(&metav1.LabelSelector{MatchLabels: map[string]string{"dapr": "on"}})
	}
	for m.in(3) {
		s.LimitRanges = append(s.LimitRanges, m.limitRange())
	}
	if m.in(4) {
		s.DaprObjects = append(s.DaprObjects, snapshot.DaprObject{
			Object:   snapshot.Object{APIVersion: "dapr.io/v1alpha1", Kind: pick(m, "Component", "HTTPEndpoint", "MCPServer"), Namespace: "shop", Name: "store"},
			Scopes:   pick(m, nil, nil, []string{"orders"}),
			Settings: []snapshot.Setting{{Name: "password", Env: pick(m, "PASSWORD", "")}},
		})
	}
	for _, hidden := range []snapshot.Gap{
		{Resource: snapshot.LimitRanges, Place: snapshot.InApps},
		{Resource: snapshot.Components, Place: snapshot.InApps},
		{Resource: snapshot.Namespaces, Place: snapshot.InApps},
		{Resource: snapshot.Events, Place: snapshot.InApps},
		{Resource: snapshot.Pods, Place: snapshot.InApps},
		{Resource: snapshot.Deployments, Place: snapshot.InControlPlane},
		{Resource: snapshot.MCPServers, Place: snapshot.InApps},
		{Resource: snapshot.Services, Place: snapshot.InApps},
	} {
		if m.in(15) {
			hidden.Reason = pick(m, snapshot.Forbidden, snapshot.Failed, snapshot.NotInInput, snapshot.Unserved)
			s.Gaps = append(s.Gaps, hidden)
			switch hidden.Resource {
			case snapshot.LimitRanges:
				s.LimitRanges = nil
			case snapshot.Namespaces:
				s.Namespaces = nil
			case snapshot.Deployments:
				s.ControlPlanes = nil
			}
		}
	}
	for i := range 1 + m.IntN(3) {
		s.Apps = append(s.Apps, m.app(fmt.Sprintf("app-%d", i), version))
	}
	on, off := true, false
	if !m.in(5) {
		s.ServiceAccounts = []snapshot.ServiceAccount{{
			Object:    snapshot.Object{APIVersion: "v1", Kind: "ServiceAccount", Namespace: "shop", Name: "default"},
			Automount: pick(m, nil, nil, &on, &off),
		}}
	}
	if m.in(6) {
		s.DaprObjects = append(s.DaprObjects, snapshot.DaprObject{
			Object:   snapshot.Object{APIVersion: "dapr.io/v1alpha1", Kind: "Component", Namespace: "shop", Name: "state"},
			Type:     pick(m, "state.redis", "bindings.kubernetes"),
			Settings: []snapshot.Setting{{Name: "primaryEncryptionKey", Part: snapshot.Metadata}},
		})
	}
	slices.SortFunc(s.Apps, func(a, b snapshot.App) int { return a.Object.Compare(b.Object) })
	return s
}

func (m maker) controlPlane(version string) snapshot.ControlPlane {
	v, err := dapr.ParseVersion(version)
	if err != nil {
		panic(err)
	}
	ready := pick(m, int32(3), 3, 3, 0)
	return snapshot.ControlPlane{Namespace: "dapr-system", Version: v, Workloads: []snapshot.ControlPlaneWorkload{{
		Object: snapshot.Object{APIVersion: "apps/v1", Kind: "Deployment", Namespace: "dapr-system", Name: dapr.Injector},
		Name:   dapr.Injector, Desired: 3, Ready: ready,
		Container: &corev1.Container{Name: dapr.Injector, Image: "ghcr.io/dapr/injector:" + version, Env: []corev1.EnvVar{
			{Name: "SIDECAR_IMAGE", Value: "ghcr.io/dapr/daprd:" + pick(m, version, version, "1.16.0", "edge")},
			{Name: "SIDECAR_DROP_ALL_CAPABILITIES", Value: pick(m, "true", "false")},
			{Name: "NATIVE_SIDECAR_ENABLED", Value: pick(m, "false", "false", "true")},
		}},
		Template: &corev1.PodTemplateSpec{},
	}}}
}

func (m maker) limitRange() snapshot.LimitRange {
	list := func(values ...string) corev1.ResourceList {
		all := corev1.ResourceList{}
		for _, name := range []corev1.ResourceName{corev1.ResourceCPU, corev1.ResourceMemory} {
			if m.in(2) {
				all[name] = resource.MustParse(pick(m, values...))
			}
		}
		return all
	}
	item := corev1.LimitRangeItem{Type: pick(m, corev1.LimitTypeContainer, corev1.LimitTypeContainer, corev1.LimitTypePod)}
	if item.Type == corev1.LimitTypeContainer && m.in(2) {
		item.Default, item.DefaultRequest = list("256Mi", "512Mi", "2Gi"), list("64Mi", "512Mi")
	}
	if m.in(3) {
		item.Max = list("256Mi", "1Gi", "4Gi")
	}
	if m.in(3) {
		item.Min = list("32Mi", "600Mi")
	}
	if m.in(5) {
		item.MaxLimitRequestRatio = list("2", "4")
	}
	return snapshot.LimitRange{Namespace: "shop", Name: "bounds", Items: []corev1.LimitRangeItem{item}}
}

func (m maker) app(name, version string) snapshot.App {
	a := app(pick(m, "Deployment", "Deployment", "Deployment", "StatefulSet", "DaemonSet", "CronJob", "Rollout", "Job", "Pod", "ReplicaSet"), name)
	a.Template.Annotations = m.annotations(pick(m, 0.1, 0.3, 0.6))
	if !m.in(4) {
		a.Template.Annotations[annotations.KeyEnabled] = "true"
		a.Template.Annotations[annotations.KeyAppID] = pick(m, "orders", name)
	}
	if m.in(4) {
		a.Annotations = m.annotations(0.3)
	}
	a.Template.Spec = m.spec()
	if m.in(3) {
		a.Replicas = new(int32)
		*a.Replicas = int32(m.IntN(3))
	}
	a.Pods = nil
	for i := range m.IntN(3) {
		a.Pods = append(a.Pods, m.pod(fmt.Sprintf("%s-%d", name, i), a, version))
	}
	return a
}

func (m maker) spec() *corev1.PodSpec {
	spec := &corev1.PodSpec{Containers: []corev1.Container{{Name: "app"}}}
	switch m.IntN(12) {
	case 0:
		spec.Containers = append(spec.Containers, corev1.Container{Name: dapr.SidecarContainer, Image: "daprd:1.18.3"})
	case 1:
		spec.SecurityContext = &corev1.PodSecurityContext{SeccompProfile: &corev1.SeccompProfile{Type: pick(m, corev1.SeccompProfileTypeRuntimeDefault, corev1.SeccompProfileTypeUnconfined)}}
	case 2:
		spec.Resources = &corev1.ResourceRequirements{Limits: corev1.ResourceList{corev1.ResourceMemory: resource.MustParse("4Gi")}}
	case 3:
		spec.OS = &corev1.PodOS{Name: pick(m, corev1.Windows, corev1.Linux)}
	}
	return spec
}

// pod is one that runs: made from the template, from an older one, or without a sidecar.
func (m maker) pod(name string, a snapshot.App, version string) snapshot.Pod {
	p := snapshot.Pod{
		Name: name, Annotations: a.Template.Annotations, Labels: map[string]string{"pod-template-hash": pick(m, "a", "a", "a", "b")},
		Created: time.Date(2026, 11, 21, 11, pick(m, 0, 55), 0, 0, time.UTC),
	}
	if m.in(6) {
		return p
	}
	old := *a.Template
	if m.in(2) {
		old.Annotations = m.annotations(0.4)
	}
	old.Annotations = maps.Clone(old.Annotations)
	old.Annotations[annotations.KeyEnabled], old.Annotations[annotations.KeyAppID] = "true", "orders"
	v, err := dapr.ParseVersion(pick(m, version, version, "1.17.0"))
	if err != nil {
		panic(err)
	}
	made := sidecar.DefaultInjector(pick(m, "dapr-system", "dapr-system", "dapr-system", "dapr-old"), v).Simulate(a.Object, &old)
	if made.Container != nil {
		p.Annotations = old.Annotations
		p.Sidecar = &snapshot.Sidecar{Container: *made.Container, Native: made.Native, PodSecurity: a.Template.Spec.SecurityContext}
	}
	return p
}

// shown is what matters of a cluster where a test fails.
func shown(s *snapshot.Snapshot) string {
	var b strings.Builder
	fmt.Fprintf(&b, "live %v, namespaces %v, gaps %v, LimitRanges %+v\n", s.Live, s.Namespaces, s.Gaps, s.LimitRanges)
	for _, a := range s.Apps {
		fmt.Fprintf(&b, "%s: object %q, template %q\n", a.Object, map[string]string(a.Annotations), map[string]string(a.Template.Annotations))
		for _, p := range a.Pods {
			fmt.Fprintf(&b, "  %s %v, sidecar %v: %q\n", p.Name, p.Labels, p.Sidecar != nil, map[string]string(p.Annotations))
		}
	}
	return b.String()
}
