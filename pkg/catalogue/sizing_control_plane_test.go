// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package catalogue_test

import (
	"fmt"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/catalogue"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/dapr"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/evaluate"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/plan"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/sizing"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// service is one of the control plane's with resources, "100m/1 30Mi/-": what stands
// there, "-" for none.
func service(name, has string) snapshot.ControlPlaneWorkload {
	list := func(cpu, memory string) corev1.ResourceList {
		l := corev1.ResourceList{}
		if cpu != "-" {
			l[corev1.ResourceCPU] = resource.MustParse(cpu)
		}
		if memory != "-" {
			l[corev1.ResourceMemory] = resource.MustParse(memory)
		}
		return l
	}
	part := strings.FieldsFunc(has, func(r rune) bool { return r == '/' || r == ' ' })
	container := &corev1.Container{Name: name, Resources: corev1.ResourceRequirements{Requests: list(part[0], part[2]), Limits: list(part[1], part[3])}}
	return snapshot.ControlPlaneWorkload{
		Object: snapshot.Object{APIVersion: "apps/v1", Kind: "Deployment", Namespace: "dapr-system", Name: name},
		Name:   name, Desired: 1, Ready: 1, Container: container,
	}
}

// TestSizingControlPlane: which values give a service what is recommended, and that with
// them nothing is left.
func TestSizingControlPlane(t *testing.T) {
	t.Parallel()
	const mib = 1 << 20
	sentry := sizing.Resources{CPURequest: 100, CPULimit: 1000, MemoryRequest: 40 * mib}
	scheduler := sizing.Resources{CPURequest: 450, MemoryRequest: 256 * mib}
	for _, test := range []struct {
		name, service, has string
		r                  sizing.Recommendation
		allowLow           bool
		want, left         string
	}{
		{
			name: "nothing is set", service: dapr.Sentry, has: "-/- -/-", r: sizing.Recommendation{Resources: sentry, Confidence: sizing.Medium},
			want: "limits.cpu=1 (the guidelines' number; confidence medium), requests.cpu=100m (the guidelines' number; confidence medium), requests.memory=40Mi (the guidelines' number, raised to what was seen; confidence medium)",
		},
		{
			name: "some of it is", service: dapr.Sentry, has: "100m/1 30Mi/200Mi", r: sizing.Recommendation{Resources: sentry, Confidence: sizing.High},
			want: "requests.memory=40Mi (the guidelines' number, raised to what was seen; confidence high)",
		},
		{name: "all of it is", service: dapr.Sentry, has: "100m/1 41Mi/-", r: sizing.Recommendation{Resources: sentry, Confidence: sizing.High}},
		{
			name: "ours", service: dapr.Scheduler, has: "-/- -/-", r: sizing.Recommendation{Resources: scheduler, Confidence: sizing.High, Ours: true},
			want: "requests.cpu=450m (this tool's own number, for want of one in the guidelines, raised to what was seen; confidence high), requests.memory=256Mi (this tool's own number, for want of one in the guidelines; confidence high)",
		},
		{
			name: "a limit below the request", service: dapr.Scheduler, has: "100m/200m 256Mi/300Mi", r: sizing.Recommendation{Resources: scheduler, Confidence: sizing.High, Ours: true},
			want: "limits.cpu=450m (the limit that was set is below the request), requests.cpu=450m (this tool's own number, for want of one in the guidelines, raised to what was seen; confidence high)",
		},
		{
			name: "low", service: dapr.Sentry, has: "-/- -/-", r: sizing.Recommendation{Resources: sentry},
			left: "dapr-sentry is left out: confidence is low, so that the numbers rest on little: --allow-low-confidence takes them all the same",
		},
		{
			name: "low, asked for", service: dapr.Sentry, has: "100m/1 -/-", r: sizing.Recommendation{Resources: sentry}, allowLow: true,
			want: "requests.memory=40Mi (the guidelines' number, raised to what was seen; confidence low)",
		},
		{
			name: "withheld", service: dapr.Sentry, has: "-/- -/-", r: sizing.Recommendation{Withheld: "a LimitRange leaves 10Mi"},
			left: "dapr-sentry is left out: a LimitRange leaves 10Mi",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			w := service(test.service, test.has)
			test.r.Workload.Object, test.r.Use.Pods = w.Object, 1 // seen, or numbers that stand would not be replaced
			g := catalogue.SizingControlPlane([]sizing.Recommendation{test.r}, catalogue.SizingOptions{MinChange: 0.1, AllowLowConfidence: test.allowLow})
			made := func(w snapshot.ControlPlaneWorkload) *plan.ValuesPlan {
				s := &snapshot.Snapshot{Live: true, ControlPlanes: []snapshot.ControlPlane{{Namespace: "dapr-system", Workloads: []snapshot.ControlPlaneWorkload{w}}}}
				return plan.MakeValues(s, plan.Options{
					Guidelines: []*guideline.Guideline{g}, Named: []string{g.ID},
					Evaluation: evaluate.Options{Scopes: []guideline.Scope{guideline.ControlPlane}},
				})
			}
			p := made(w)
			var got []string
			for _, v := range p.Installs {
				for _, a := range v.Additions {
					_, path, _ := strings.Cut(a.Path, ".resources.")
					got = append(got, fmt.Sprintf("%s=%v (%s)", path, a.Value.Value, a.Note))
				}
			}
			if text := strings.Join(got, ", "); text != test.want {
				t.Errorf("got\n%s\nwant\n%s", text, test.want)
			}
			left := ""
			for _, l := range p.Left {
				left += l.Why
			}
			if left != test.left {
				t.Errorf("left: %s", left)
			}
			if test.want == "" {
				return
			}
			after := service(test.service, test.has)
			setAll(t, after.Container, p.Installs[0].Additions)
			if again := made(after); len(again.Installs) > 0 || len(again.Left) > 0 {
				t.Errorf("it is not enough: %+v", again)
			}
		})
	}
}

// setAll gives a container what the chart would.
func setAll(t *testing.T, c *corev1.Container, additions []plan.Addition) {
	t.Helper()
	for _, a := range additions {
		_, path, _ := strings.Cut(a.Path, ".resources.")
		list := c.Resources.Requests
		if strings.HasPrefix(path, "limits.") {
			list = c.Resources.Limits
		}
		q, err := resource.ParseQuantity(fmt.Sprint(a.Value.Value))
		if err != nil {
			t.Fatal(err)
		}
		list[corev1.ResourceName(path[strings.Index(path, ".")+1:])] = q
	}
	for name, limit := range c.Resources.Limits {
		if request := c.Resources.Requests[name]; request.Cmp(limit) > 0 {
			t.Errorf("the server takes no %s request of %s above the limit", name, &request)
		}
	}
}
