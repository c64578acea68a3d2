// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package advice_test

import (
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/advice"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/dapr"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// TestRecommendService: the page's numbers for a service are not recommended where the
// cluster does not allow them.
func TestRecommendService(t *testing.T) {
	t.Parallel()
	list := func(name corev1.ResourceName, amount string) corev1.ResourceList {
		return corev1.ResourceList{name: resource.MustParse(amount)}
	}
	quota := func(namespace string) snapshot.ResourceQuota {
		return snapshot.ResourceQuota{
			Object: snapshot.Object{Kind: "ResourceQuota", Namespace: namespace, Name: "team"},
			Hard:   list(corev1.ResourceRequestsCPU, "100m"),
		}
	}
	for _, test := range []struct {
		name string
		in   snapshot.Snapshot
		want string
		says string
	}{
		{"nothing bounds it", snapshot.Snapshot{}, "250m", ""},
		{"a quota", snapshot.Snapshot{ResourceQuotas: []snapshot.ResourceQuota{quota("dapr-system")}}, "50m", "ResourceQuota dapr-system/team, shared by 2 Pods allows 50m"},
		{"of another namespace", snapshot.Snapshot{ResourceQuotas: []snapshot.ResourceQuota{quota("shop")}}, "250m", ""},
		{
			"a small node",
			snapshot.Snapshot{Nodes: []snapshot.Node{{Name: "small", Ready: true, Allocatable: snapshot.Amount{CPU: resource.MustParse("200m"), Memory: resource.MustParse("1Gi")}}}},
			"200m", "the largest node, small, allows 200m",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			service := &snapshot.ControlPlaneWorkload{
				Object: snapshot.Object{Kind: "StatefulSet", Namespace: "dapr-system", Name: dapr.Placement},
				Name:   dapr.Placement, Desired: 2, Container: &corev1.Container{Name: dapr.Placement},
			}
			r, known := advice.New(&test.in).RecommendService(service, guideline.Newer, nil)
			if reasons := strings.Join(r.Reasons, "; "); !known || r.Resources.CPURequest.String() != test.want || !strings.Contains(reasons, test.says) {
				t.Errorf("%s: %s", r.Resources.CPURequest, reasons)
			}
		})
	}
	if _, known := advice.New(&snapshot.Snapshot{}).RecommendService(&snapshot.ControlPlaneWorkload{Name: "of-somebody"}, guideline.Newer, nil); known {
		t.Error("there are numbers for a service that nobody knows")
	}
}
