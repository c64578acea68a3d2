// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package catalogue

import (
	"testing"

	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/dapr"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	sizes "github.com/dapr-prod/kubectl-dapr-prod/pkg/sizing"
)

// Guidelines and sizing start from the same numbers.
func TestNumbersOfSizing(t *testing.T) {
	t.Parallel()
	set := sizes.StartingPoint.Annotations()
	for _, s := range sidecarSettings {
		if set[s.key] != s.page {
			t.Errorf("%s is %s here, %s in sizing", s.key, s.page, set[s.key])
		}
	}
	for _, service := range dapr.ControlPlaneWorkloads() {
		n, ours, known := sizes.ControlPlane(service, guideline.Older)
		_, onPage := controlPlaneRequests[service]
		if !known || ours == onPage {
			t.Fatalf("%s: known %t, ours %t, on the page %t", service, known, ours, onPage)
		}
		least, cpuLimit, memoryLimit := leastRequests(service), resource.Quantity{}, controlPlaneMemoryLimits[service]
		if onPage {
			cpuLimit = controlPlaneCPULimit
		}
		here := sizes.Resources{
			CPURequest: sizes.CPU(least.Cpu().MilliValue()), CPULimit: sizes.CPU(cpuLimit.MilliValue()),
			MemoryRequest: sizes.Memory(least.Memory().Value()), MemoryLimit: sizes.Memory(memoryLimit.Value()),
		}
		if n != here {
			t.Errorf("%s is %+v here, %+v in sizing", service, here, n)
		}
	}
}
