// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package report_test

import (
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/evaluate"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/plan"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/report"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/sidecar"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// step is a change to the Deployment orders with two Pods, that adds CPU to the
// requests of each.
func step(state plan.State, why string) plan.Step {
	object := func(annotation string) *unstructured.Unstructured {
		return &unstructured.Unstructured{Object: map[string]any{"metadata": map[string]any{
			"annotations": map[string]any{"dapr.io/sidecar-cpu-request": annotation},
		}}}
	}
	app := func(cpu string) *guideline.App {
		replicas := int32(2)
		c := &corev1.Container{Resources: corev1.ResourceRequirements{Requests: corev1.ResourceList{corev1.ResourceCPU: resource.MustParse(cpu)}}}
		return &guideline.App{
			App:     &snapshot.App{Object: orders, Replicas: &replicas},
			Sidecar: sidecar.Effective{Simulation: sidecar.Simulation{State: sidecar.Injected, Container: c}, Simulated: c},
		}
	}
	return plan.Step{
		Change: &plan.Change{
			App: orders, Object: orders, Path: "spec.template",
			Annotations: []plan.Annotation{{Key: "dapr.io/sidecar-cpu-request", Value: "100m"}},
			Before:      app("50m"), After: app("100m"),
			Closes: []evaluate.Judgement{{Guideline: &guideline.Guideline{ID: "sidecar-resources"}, Result: guideline.Fail("no CPU limit")}},
		},
		State: state, Why: why,
		Live: object("50m"), Next: object("100m"),
	}
}

// backwards is a step whose cost is taken away.
func backwards(s plan.Step) plan.Step {
	s.Before, s.After = s.After, s.Before
	return s
}

// left is a finding of a guideline that a plan leaves.
func left(id string) plan.Left {
	g := &guideline.Guideline{ID: id}
	return plan.Left{Judgement: evaluate.Judgement{Guideline: g, Object: orders, Result: guideline.Fail("it is open")}, Why: "do it"}
}

// values are a plan of one value that closes the finding of a guideline.
func values(id string) *plan.ValuesPlan {
	closes := left(id).Judgement
	add := plan.Addition{Value: guideline.Value{Path: "global.on", Value: true}, For: []*guideline.Guideline{closes.Guideline}}
	return &plan.ValuesPlan{Installs: []plan.Values{{ControlPlane: &snapshot.ControlPlane{Namespace: "dapr-system"}, Additions: []plan.Addition{add}, Closes: []evaluate.Judgement{closes}}}}
}

// kept is what lasts for now.
func kept(what string) evaluate.Judgement {
	return evaluate.Judgement{Guideline: &guideline.Guideline{ID: "certificates"}, Object: orders, Result: guideline.Pass("the %s ends", what), Remedy: "renew them"}
}

// TestPlan: what a plan says of its states, in words that fit their number.
func TestPlan(t *testing.T) {
	for _, test := range []struct {
		name string
		plan report.Planned
		says []string
	}{
		{
			name: "one change",
			plan: report.Planned{Steps: []plan.Step{step(plan.Ready, "")}},
			says: []string{
				"1 change to write, which closes 1 finding; it adds 100m CPU and 0 of memory to the requests of 2 Pods, and what the nodes have free is not known.\n\n",
				"\n1 ready; 0 findings left to you\n",
			},
		},
		{
			name: "one that takes away",
			plan: report.Planned{Steps: []plan.Step{backwards(step(plan.Ready, ""))}},
			says: []string{"closes 1 finding; it takes 100m CPU and 0 of memory off the requests of 2 Pods, and what the nodes have free is not known.\n"},
		},
		{
			name: "several, not tried",
			plan: report.Planned{Steps: []plan.Step{step(plan.Ready, ""), step(plan.Ready, "")}, Untried: true},
			says: []string{"2 changes to write, which close 2 findings; they add 200m CPU", "is not known; the server has not tried them.\n"},
		},
		{
			name: "refused",
			plan: report.Planned{Steps: []plan.Step{step(plan.Refused, "it is forbidden")}},
			says: []string{
				"Nothing to write.\n",
				"\nDeployment shop/orders: not changed\nbecause   it is forbidden\ncloses    sidecar-resources: no CPU limit\n\n",
				"\n0 ready, 1 refused; 0 findings left to you\n",
			},
		},
		{
			name: "managed",
			plan: report.Planned{Steps: []plan.Step{step(plan.Managed, "it belongs to Helm")}},
			says: []string{"because   it belongs to Helm\ncloses    sidecar-resources: no CPU limit\npatch     to commit there:\n          apiVersion: apps/v1\n"},
		},
		{
			name: "unknown",
			plan: report.Planned{Unknown: 3},
			says: []string{"Nothing to write.\n", "\n0 ready; 0 findings left to you, 3 unknown: check of the same with --show=all says why\n"},
		},
		{
			name: "values below",
			plan: report.Planned{Plan: &plan.Plan{Hardens: true, Left: []plan.Left{left("mtls"), left("other")}}, Values: values("mtls")},
			says: []string{
				"Nothing to write in apps.\n\n", "- mtls: it is open; closed by the values below\n", "- other: it is open; left to you: do it\n",
				"\n1 value to add, which closes 1 finding.\n\n", "\n0 ready, 1 value to add; 1 finding left to you\n",
			},
		},
		{
			name: "kept below",
			plan: report.Planned{Values: &plan.ValuesPlan{Kept: []evaluate.Judgement{kept("root"), kept("issuer")}}},
			says: []string{
				"Nothing to write.\n\nKept for now:\n- certificates, shop/deployment/orders: the root ends\n" +
					"- certificates, shop/deployment/orders: the issuer ends\nin time   renew them\n\n0 ready; 0 findings left to you\n",
			},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var b strings.Builder
			if test.plan.Plan == nil {
				test.plan.Plan = &plan.Plan{}
			}
			if err := report.Plan(&b, &test.plan, report.Options{}); err != nil {
				t.Fatal(err)
			}
			for _, want := range test.says {
				if !strings.Contains(b.String(), want) {
					t.Errorf("it does not say %q:\n%s", want, b.String())
				}
			}
		})
	}
}
