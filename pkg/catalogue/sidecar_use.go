// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package catalogue

import (
	"fmt"

	"github.com/dapr/dapr/pkg/injector/annotations"
	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// heedingUse is the remedy that sets resources, held against what the app's sidecars
// use: not below that, and where it is not known for those who ask. A sidecar that the
// plan itself starts has used nothing yet, and gets them with it.
func heedingUse(app *guideline.App, set map[string]string) guideline.Remedy {
	use := app.HighestUse()
	if use == nil {
		r := guideline.Remedy{Annotations: set, Risks: risksOfResources(set, "its use was not seen"), Along: true}
		return r.Only("what its sidecars use is not known")
	}
	cpu, memory := shownUse(*use)
	for _, limit := range []struct {
		key, name, shown string
		used             resource.Quantity
	}{
		{annotations.KeyMemoryLimit, "memory", memory, use.Memory},
		{annotations.KeyCPULimit, "CPU", cpu, use.CPU},
	} {
		if value := set[limit.key]; value != "" && limit.used.Cmp(resource.MustParse(value)) > 0 {
			return guideline.LeaveTo(fmt.Sprintf("a sidecar uses %s of %s, more than the %s that the page starts with as the limit: %s", limit.shown, limit.name, value, chooseByUse))
		}
	}
	seen := fmt.Sprintf("the highest use seen is %s of CPU and %s of memory", cpu, memory)
	return guideline.Remedy{Annotations: set, Risks: risksOfResources(set, seen)}
}

// shownUse is a use in thousandths of a CPU and in MiB, rounded up.
func shownUse(use snapshot.Amount) (cpu, memory string) {
	mebibytes := (use.Memory.Value() + mebibyte - 1) / mebibyte
	return resource.NewMilliQuantity(use.CPU.MilliValue(), resource.DecimalSI).String(), fmt.Sprintf("%dMi", mebibytes)
}
