// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package sizing

import "fmt"

// App is a container of the user's own, beside the sidecar.
type App struct {
	Container string
	Current   Resources
	Usage     *Usage
}

// Spare says where the container requests at least twice of what it would be given by
// the rules for sidecars; empty where it does not, or where too little was seen. It is
// for information: nobody changes it.
func (a App) Spare() string {
	if a.Usage == nil {
		return ""
	}
	r := recommend(Workload{Usage: a.Usage}, policy{})
	if r.Confidence == Low {
		return ""
	}
	cpu := a.Current.CPURequest >= 2*r.Resources.CPURequest && a.Current.CPURequest > 0
	memory := a.Current.MemoryRequest >= 2*r.Resources.MemoryRequest && a.Current.MemoryRequest > 0
	spare := ""
	if cpu {
		spare = fmt.Sprintf("%s of CPU, and uses at most %s in 95 %% of the time", a.Current.CPURequest, r.Use.CPU.P95)
	}
	if memory {
		if spare != "" {
			spare += "; "
		}
		spare += fmt.Sprintf("%s of memory, and uses at most %s", a.Current.MemoryRequest, r.Use.Memory.Max.Rounded())
	}
	if spare == "" {
		return ""
	}
	return fmt.Sprintf("container %s requests %s: it may need less, beside a sidecar that does part of its work", a.Container, spare)
}
