// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package evaluate_test

import (
	"testing"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/evaluate"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/sidecar"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// TestHiddenControlPlane: where the injector could not be read, the Pods give the
// verdict; without them only what holds in any case is known.
func TestHiddenControlPlane(t *testing.T) {
	t.Parallel()
	forbidden := snapshot.Gap{Resource: snapshot.Deployments, Place: snapshot.InControlPlane, Reason: snapshot.Forbidden}
	configurations := snapshot.Gap{Resource: snapshot.Configurations, Place: snapshot.InControlPlane, Reason: snapshot.Forbidden}
	webhooks := snapshot.Gap{Resource: snapshot.Webhooks, Place: snapshot.InCluster, Reason: snapshot.Forbidden}
	yes := app("orders")
	yes.Template.Annotations["dapr.io/enabled"] = "yes"
	for _, tt := range []struct {
		name, guideline string
		app             snapshot.App
		planes          []snapshot.ControlPlane
		gaps            []snapshot.Gap
		want            guideline.Outcome
	}{
		{"forbidden, no Pods", "mtls", app("orders"), nil, []snapshot.Gap{forbidden}, guideline.Unjudged},
		{"forbidden, Pods with mTLS", "mtls", app("orders", pod("--enable-mtls")), nil, []snapshot.Gap{forbidden}, guideline.Passed},
		{"forbidden, Pods without", "mtls", app("orders", pod()), nil, []snapshot.Gap{forbidden}, guideline.Failed},
		{"forbidden, the same in all", "sidecar-resources", app("orders"), nil, []snapshot.Gap{forbidden}, guideline.Failed},
		{"read", "mtls", app("orders"), []snapshot.ControlPlane{plane(t, "dapr-system", "1.18.3")}, nil, guideline.Passed},
		{"Configuration forbidden", "mtls", app("orders"), []snapshot.ControlPlane{plane(t, "dapr-system", "1.18.3")}, []snapshot.Gap{configurations}, guideline.Unjudged},
		{"Configuration forbidden, Pods", "mtls", app("orders", pod("--enable-mtls")), []snapshot.ControlPlane{plane(t, "dapr-system", "1.18.3")}, []snapshot.Gap{configurations}, guideline.Passed},
		{"release not known, the same in all", "mtls", app("orders"), []snapshot.ControlPlane{plane(t, "dapr-system", "")}, nil, guideline.Passed},
		{"release not known, and it counts", "sidecar-injected", yes, []snapshot.ControlPlane{plane(t, "dapr-system", "")}, nil, guideline.Unjudged},
		{"old release", "sidecar-injected", yes, []snapshot.ControlPlane{plane(t, "dapr-system", "1.17.2")}, nil, guideline.Passed},
		{"new release", "sidecar-injected", yes, []snapshot.ControlPlane{plane(t, "dapr-system", "1.17.3")}, nil, guideline.Failed},
		{"a release after the tables", "sidecar-injected", yes, []snapshot.ControlPlane{plane(t, "dapr-system", "1.19.0")}, nil, guideline.Failed},
		{
			"of two control planes that of the Pods", "sidecar-injected", func() snapshot.App { a := yes; a.Pods = []snapshot.Pod{pod()}; return a }(),
			[]snapshot.ControlPlane{plane(t, "dapr-one", "1.17.3"), plane(t, "dapr-system", "1.17.2")},
			[]snapshot.Gap{webhooks},
			guideline.Passed,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := &snapshot.Snapshot{Live: true, Apps: []snapshot.App{tt.app}, ControlPlanes: tt.planes, Gaps: tt.gaps}
			if len(tt.planes) == 1 {
				s.Webhooks = []snapshot.Webhook{{ControlPlane: tt.planes[0].Namespace}}
			}
			e := evaluate.Run(s, []*guideline.Guideline{named(t, tt.guideline)}, evaluate.Options{Scopes: []guideline.Scope{guideline.Apps}})
			if len(e.Judgements) != 1 || e.Judgements[0].Outcome != tt.want {
				t.Errorf("%s, want %s", outcomes(e), tt.want)
			}
			if len(tt.gaps) > 0 && tt.planes == nil && len(e.Apps[0].Sidecar.Observed) > 0 && len(e.Apps[0].Sidecar.Problems) > 0 {
				t.Errorf("Pods are compared with a guess: %q", e.Apps[0].Sidecar.Problems)
			}
		})
	}
}

// TestManifestsWithoutTheSystemConfiguration: that it is not in the input does
// not say that mTLS is on.
func TestManifestsWithoutTheSystemConfiguration(t *testing.T) {
	t.Parallel()
	for live, want := range map[bool]guideline.Outcome{true: guideline.Passed, false: guideline.Unjudged} {
		s := &snapshot.Snapshot{Live: live, Apps: []snapshot.App{app("orders")}, ControlPlanes: []snapshot.ControlPlane{plane(t, "dapr-system", "1.18.3")}}
		e := evaluate.Run(s, []*guideline.Guideline{named(t, "mtls")}, evaluate.Options{Scopes: []guideline.Scope{guideline.Apps}})
		if len(e.Judgements) != 1 || e.Judgements[0].Outcome != want {
			t.Errorf("live %v: %s, want %s", live, outcomes(e), want)
		}
	}
}

// TestCertainFailuresStay: of a guideline that finds several things, those that
// depend on the release do not hide the others.
func TestCertainFailuresStay(t *testing.T) {
	t.Parallel()
	g := about("g", func(a *guideline.App) []guideline.Result {
		all := []guideline.Result{guideline.Fail("always").At("a")}
		if a.Sidecar.Simulation.State == sidecar.Injected && a.Injector.Version.AtLeast(1, 15, 0) {
			all = append(all, guideline.Fail("from 1.15 on").At("b"))
		}
		return append(all, guideline.Pass("the rest"))
	})
	s := &snapshot.Snapshot{Live: true, Apps: []snapshot.App{app("orders")}, ControlPlanes: []snapshot.ControlPlane{plane(t, "dapr-system", "")}}
	e := evaluate.Run(s, []*guideline.Guideline{g}, evaluate.Options{Scopes: []guideline.Scope{guideline.Apps}})
	if got, want := outcomes(e), "fail Deployment shop/orders, unknown Deployment shop/orders"; got != want || e.Judgements[0].Message != "always" {
		t.Errorf("got %s, want %s", got, want)
	}
}
