// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package sidecar_test

import (
	"slices"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/dapr"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/sidecar"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// list reads "cpu=100m,memory=1Gi".
func list(s string) corev1.ResourceList {
	all := corev1.ResourceList{}
	for pair := range strings.SplitSeq(s, ",") {
		if name, value, found := strings.Cut(pair, "="); found {
			all[corev1.ResourceName(name)] = resource.MustParse(value)
		}
	}
	return all
}

func limitRange(item corev1.LimitRangeItem) snapshot.LimitRange {
	if item.Type == "" {
		item.Type = corev1.LimitTypeContainer
	}
	return snapshot.LimitRange{Namespace: "shop", Name: "bounds", Items: []corev1.LimitRangeItem{item}}
}

func written(all corev1.ResourceList) string {
	var s []string
	for name, q := range all {
		s = append(s, string(name)+"="+q.String())
	}
	slices.Sort(s)
	return strings.Join(s, ",")
}

func of(app *snapshot.App, ranges ...snapshot.LimitRange) sidecar.Effective {
	return sidecar.Of(app, sidecar.DefaultInjector("dapr-system", dapr.NewestVersion()), nil, &snapshot.Snapshot{LimitRanges: ranges})
}

func TestAdmitted(t *testing.T) {
	t.Parallel()
	defaults := corev1.LimitRangeItem{Default: list("cpu=500m,memory=512Mi"), DefaultRequest: list("cpu=200m,memory=128Mi")}
	second := corev1.LimitRangeItem{Default: list("cpu=9"), DefaultRequest: list("ephemeral-storage=1Gi")}
	pod := defaults
	pod.Type = corev1.LimitTypePod
	elsewhere := limitRange(defaults)
	elsewhere.Namespace = "market"
	for _, tt := range []struct {
		name, annotation, requests, limits string
		ranges                             []snapshot.LimitRange
	}{
		{"nothing", "x=", "", "", nil},
		{"a limit is the request too", "sidecar-cpu-limit=300m", "cpu=300m", "cpu=300m", nil},
		{"a request alone stays alone", "sidecar-cpu-request=100m", "cpu=100m", "", nil},
		{"a limit is the request before a LimitRange is", "sidecar-cpu-limit=300m", "cpu=300m,memory=128Mi", "cpu=300m,memory=512Mi", []snapshot.LimitRange{limitRange(defaults)}},
		{"a LimitRange does not change what is there", "sidecar-memory-request=64Mi", "cpu=200m,memory=64Mi", "cpu=500m,memory=512Mi", []snapshot.LimitRange{limitRange(defaults)}},
		{"the first of two LimitRanges fills in", "x=", "cpu=200m,ephemeral-storage=1Gi,memory=128Mi", "cpu=500m,memory=512Mi", []snapshot.LimitRange{limitRange(defaults), limitRange(second)}},
		{"one for Pods gives nothing", "x=", "", "", []snapshot.LimitRange{limitRange(pod)}},
		{"one of another namespace gives nothing", "x=", "", "", []snapshot.LimitRange{elsewhere}},
	} {
		e := of(&snapshot.App{Object: orders, Template: template(tt.annotation)}, tt.ranges...)
		if r := e.Simulated.Resources; written(r.Requests) != tt.requests || written(r.Limits) != tt.limits {
			t.Errorf("%s: requests %s, limits %s", tt.name, written(r.Requests), written(r.Limits))
		}
		if r := e.Simulation.Container.Resources; len(tt.ranges) > 0 && len(r.Limits) > 1 {
			t.Errorf("%s: the injector's own container was changed: %v", tt.name, r)
		}
	}
}

func TestViolations(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, requests, limits string
		item                   corev1.LimitRangeItem
		want                   string
	}{
		{"within", "cpu=1", "cpu=2", corev1.LimitRangeItem{Min: list("cpu=1"), Max: list("cpu=2"), MaxLimitRequestRatio: list("cpu=2")}, ""},
		{"limit above", "", "cpu=3", corev1.LimitRangeItem{Max: list("cpu=2")}, "cpu limit 3 is above the maximum of 2 in LimitRange bounds"},
		{"request above", "cpu=3", "cpu=2", corev1.LimitRangeItem{Max: list("cpu=2")}, "cpu request 3 is above the maximum of 2 in LimitRange bounds"},
		{"no limit", "cpu=1", "", corev1.LimitRangeItem{Max: list("cpu=2")}, "cpu limit (none) is above the maximum of 2 in LimitRange bounds"},
		{"request below", "cpu=1", "", corev1.LimitRangeItem{Min: list("cpu=2")}, "cpu request 1 is below the minimum of 2 in LimitRange bounds"},
		{"no request", "", "", corev1.LimitRangeItem{Min: list("cpu=2")}, "cpu request (none) is below the minimum of 2 in LimitRange bounds"},
		{"limit below", "cpu=2", "cpu=1", corev1.LimitRangeItem{Min: list("cpu=2")}, "cpu limit 1 is below the minimum of 2 in LimitRange bounds"},
		{"ratio", "cpu=1", "cpu=3", corev1.LimitRangeItem{MaxLimitRequestRatio: list("cpu=2")}, "cpu limit 3 is more than 2 times the request 1, the most that is allowed in LimitRange bounds"},
		{"ratio of nothing", "", "cpu=3", corev1.LimitRangeItem{MaxLimitRequestRatio: list("cpu=2")}, "cpu has no request or no limit, of which a ratio is asked in LimitRange bounds"},
		{"for Pods", "", "", corev1.LimitRangeItem{Type: corev1.LimitTypePod, Min: list("cpu=2"), Max: list("cpu=2")}, ""},
		{
			"several, in order", "", "",
			corev1.LimitRangeItem{Min: list("memory=1,cpu=1")},
			"cpu request (none) is below the minimum of 1 in LimitRange bounds; memory request (none) is below the minimum of 1 in LimitRange bounds",
		},
	} {
		c := &corev1.Container{Resources: corev1.ResourceRequirements{Requests: list(tt.requests), Limits: list(tt.limits)}}
		if got := strings.Join(sidecar.Violations(c, []snapshot.LimitRange{limitRange(tt.item)}), "; "); got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.name, got, tt.want)
		}
	}
}

func TestDifferences(t *testing.T) {
	t.Parallel()
	s := simulate(t, "1.18.3", "env=A=1", "sidecar-cpu-limit=300m")
	for _, tt := range []struct {
		name   string
		change func(*snapshot.Sidecar)
		want   string
	}{
		{"none", func(*snapshot.Sidecar) {}, ""},
		{"image", func(o *snapshot.Sidecar) { o.Container.Image = "x" }, "image"},
		{"resources", func(o *snapshot.Sidecar) {
			o.Container.Resources.Limits[corev1.ResourceCPU] = resource.MustParse("301m")
		}, "resources"},
		{"the same quantity written otherwise", func(o *snapshot.Sidecar) {
			o.Container.Resources.Limits[corev1.ResourceCPU] = resource.MustParse("0.3")
		}, ""},
		{"security context", func(o *snapshot.Sidecar) { o.Container.SecurityContext.RunAsNonRoot = nil }, "securityContext"},
		{"native", func(o *snapshot.Sidecar) { o.Native = true }, "native sidecar"},
		{"mTLS", func(o *snapshot.Sidecar) { o.Container.Args = append(o.Container.Args, "--enable-mtls=false") }, "mTLS"},
		{"secret store", func(o *snapshot.Sidecar) {
			o.Container.Args = append(o.Container.Args, "--disable-builtin-k8s-secret-store")
		}, "disable-builtin-k8s-secret-store"},
		{"a variable more", func(o *snapshot.Sidecar) { o.Container.Env = append(o.Container.Env, corev1.EnvVar{Name: "B"}) }, "env B"},
		{"a variable less", func(o *snapshot.Sidecar) { o.Container.Env = nil }, "env A, env DAPR_CONTROLPLANE_NAMESPACE, env DAPR_CONTROLPLANE_TRUST_DOMAIN, env DAPR_ENV_KEYS, env NAMESPACE, env POD_NAME"},
		{"a variable changed, its value not told", func(o *snapshot.Sidecar) {
			i := slices.IndexFunc(o.Container.Env, func(e corev1.EnvVar) bool { return e.Name == "A" })
			o.Container.Env[i].Value = "secret"
		}, "env A"},
		{"trust anchors are judged elsewhere", func(o *snapshot.Sidecar) {
			i := slices.IndexFunc(o.Container.Env, func(e corev1.EnvVar) bool { return e.Name == "DAPR_TRUST_ANCHORS" })
			o.Container.Env[i].Value = "root"
		}, ""},
		{"what older releases add beside it", func(o *snapshot.Sidecar) {
			for _, name := range []string{"DAPR_CERT_CHAIN", "DAPR_CERT_KEY", "SENTRY_LOCAL_IDENTITY", "DAPR_SCHEDULER_HOST_ADDRESS", "DAPR_SCHEDULER_HOST_ADDRESS_DNS_A"} {
				o.Container.Env = append(o.Container.Env, corev1.EnvVar{Name: name, Value: "x"})
			}
		}, ""},
		{"what the server fills in", func(o *snapshot.Sidecar) {
			for i := range o.Container.Env {
				if f := o.Container.Env[i].ValueFrom; f != nil && f.FieldRef != nil {
					f.FieldRef.APIVersion = "v1"
				}
			}
			o.Container.TerminationMessagePath = "/dev/termination-log"
		}, ""},
	} {
		o := &snapshot.Sidecar{Container: *s.Container.DeepCopy()}
		tt.change(o)
		if got := strings.Join(sidecar.Differences(s.Container, false, o), ", "); got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.name, got, tt.want)
		}
	}
}

func TestOf(t *testing.T) {
	t.Parallel()
	same := &snapshot.Sidecar{Container: *of(&snapshot.App{Object: orders, Template: template("sidecar-cpu-limit=300m")}).Simulated}
	old := &snapshot.Sidecar{Container: corev1.Container{Name: "daprd"}}
	pods := []snapshot.Pod{{Name: "a", Sidecar: old}, {Name: "b", Sidecar: same}, {Name: "c"}, {Name: "d", Sidecar: same}}
	e := of(&snapshot.App{Object: orders, Template: template("sidecar-cpu-limit=300m"), Pods: pods})
	if len(e.Observed) != 2 || strings.Join(e.Observed[0].Pods, "") != "bd" || strings.Join(e.Observed[1].Pods, "") != "a" || strings.Join(e.Without, "") != "c" {
		t.Errorf("observed %+v, without %v", e.Observed, e.Without)
	}
	if len(e.Problems) != 1 || !strings.HasPrefix(e.Problems[0], "1 of 4 Pods differ from what the template gives now: image, resources") {
		t.Errorf("problems %q", e.Problems)
	}
	only := e.ObservedOnly()
	if only.Simulated != nil || only.Simulation.State != sidecar.Unread || only.Problems != nil || len(only.Observed) != 2 || e.Simulated == nil {
		t.Errorf("observed only: %+v", only)
	}

	e = of(&snapshot.App{Object: orders, Template: template("sidecar-cpu-limit=hunter2")})
	if len(e.Problems) != 1 || strings.Contains(e.Problems[0], "hunter2") {
		t.Errorf("what may be secret: %q", e.Problems)
	}

	e = of(&snapshot.App{Object: orders, Template: template("sidecar-cpu-limit=1 CPU")})
	if len(e.Problems) != 1 || e.Problems[0] != `all four resource settings are dropped: sidecar-cpu-limit "1 CPU" is not a quantity` {
		t.Errorf("problems %q", e.Problems)
	}
	e = of(&snapshot.App{Object: orders, Template: template("app-id")})
	if e.Running() || len(e.Problems) != 1 || !strings.HasPrefix(e.Problems[0], "Dapr's injector refuses the Pods: ") {
		t.Errorf("running %v, problems %q", e.Running(), e.Problems)
	}
	e = of(&snapshot.App{Object: orders, Pods: pods})
	if !e.Running() || e.Simulation.State != sidecar.Unread || len(e.Problems) != 0 {
		t.Errorf("without a template: %+v", e)
	}
	if ns := sidecar.DaprNamespaceOf(&same.Container); ns != "dapr-system" || sidecar.DaprNamespaceOf(&old.Container) != "" {
		t.Errorf("namespace of the control plane: %q", ns)
	}
}
