// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package sizing_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/dapr-prod/kubectl-dapr-prod/docs"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/dapr"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/sizing"
)

// What the document says of numbers is what the code does.
func TestDocument(t *testing.T) {
	t.Parallel()
	document := strings.Join(strings.Fields(docs.Sizing), " ")
	wants := []string{
		fmt.Sprintf("| half-life of a reading | %d days |", sizing.HalfLife/day),
		fmt.Sprintf("| start-up window | %d minutes |", int(sizing.StartUp.Minutes())),
		fmt.Sprintf("| CPU request | %dth percentile", sizing.CPURequestPercentile/10),
		fmt.Sprintf("| memory request | %dth percentile", sizing.MemoryRequestPercentile/10),
		fmt.Sprintf("| GOMEMLIMIT | %d %% of the memory limit", sizing.SoftLimitPercent),
		fmt.Sprintf("in %.0f %% of the periods", 100*sizing.ThrottledShare),
		fmt.Sprintf("%s of CPU (KRR), %s of memory requested and a limit of %s", sizing.Floor.CPURequest, sizing.Floor.MemoryRequest, sizing.Floor.MemoryLimit),
		fmt.Sprintf("%s/%s and %s/%s", sizing.StartingPoint.CPURequest, sizing.StartingPoint.CPULimit, sizing.StartingPoint.MemoryRequest, sizing.StartingPoint.MemoryLimit),
	}
	wants = append(wants, sizing.ConstantsInWords()...)
	for _, service := range append(dapr.ControlPlaneWorkloads(), dapr.Dashboard) {
		n, _, _ := sizing.ControlPlane(service, guideline.Older)
		limit := func(s sizing.Setting) string {
			if n.Of(s) == 0 {
				return "none"
			}
			return s.Shown(n.Of(s))
		}
		wants = append(wants, fmt.Sprintf("| %s | %s/%s | %s | %s |", service,
			n.CPURequest, limit(sizing.CPULimit), n.MemoryRequest, limit(sizing.MemoryLimit)))
	}
	for _, want := range wants {
		if !strings.Contains(document, want) {
			t.Errorf("docs/sizing.md does not say %q", want)
		}
	}
}
