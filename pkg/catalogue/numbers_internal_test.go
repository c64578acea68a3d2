// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package catalogue

import (
	"testing"

	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/dapr"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/sizing"
)

// Guidelines and sizing start from the same numbers.
func TestNumbersOfSizing(t *testing.T) {
	t.Parallel()
	set := sizing.StartingPoint.Annotations()
	for _, s := range sidecarSettings {
		if set[s.key] != s.page {
			t.Errorf("%s is %s here, %s in sizing", s.key, s.page, set[s.key])
		}
	}
	for _, service := range dapr.ControlPlaneWorkloads() {
		n, ours, known := sizing.ControlPlane(service, guideline.Older)
		_, onPage := controlPlaneRequests[service]
		if !known || ours == onPage {
			t.Fatalf("%s: known %t, ours %t, on the page %t", service, known, ours, onPage)
		}
		least, cpuLimit, memoryLimit := leastRequests(service), resource.Quantity{}, controlPlaneMemoryLimits[service]
		if onPage {
			cpuLimit = controlPlaneCPULimit
		}
		here := sizing.Resources{
			CPURequest: sizing.CPU(least.Cpu().MilliValue()), CPULimit: sizing.CPU(cpuLimit.MilliValue()),
			MemoryRequest: sizing.Memory(least.Memory().Value()), MemoryLimit: sizing.Memory(memoryLimit.Value()),
		}
		if n != here {
			t.Errorf("%s is %+v here, %+v in sizing", service, here, n)
		}
	}
}
