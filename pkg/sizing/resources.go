// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package sizing

import (
	"fmt"
	"math"

	"github.com/dapr/dapr/pkg/injector/annotations"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/quantity"
)

// CPU is so many thousandths of a core.
type CPU int64

// String is the quantity as Kubernetes writes it: "100m", "2".
func (c CPU) String() string {
	return resource.NewMilliQuantity(int64(c), resource.DecimalSI).String()
}

// MarshalText is the quantity as Kubernetes writes it.
func (c CPU) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// Memory is so many bytes.
type Memory int64

// String is the quantity as Kubernetes writes it: "250Mi", "1Gi".
func (m Memory) String() string {
	return resource.NewQuantity(int64(m), resource.BinarySI).String()
}

// MarshalText is the quantity as Kubernetes writes it.
func (m Memory) MarshalText() ([]byte, error) { return []byte(m.String()), nil }

// Rounded is the amount in whole MiB, rounded up, for what was measured: "201Mi".
func (m Memory) Rounded() string { return fmt.Sprintf("%dMi", (m+mebibyte-1)/mebibyte) }

// Setting is one of the four resource settings of a container.
type Setting int

// The settings, in the order in which reports name them.
const (
	CPURequest Setting = iota
	CPULimit
	MemoryRequest
	MemoryLimit
	settings
)

// String is the setting in words: "CPU request".
func (s Setting) String() string {
	return [settings]string{"CPU request", "CPU limit", "memory request", "memory limit"}[s]
}

// Annotation is the annotation of the Pod template that sets it for the sidecar.
func (s Setting) Annotation() string {
	return [settings]string{
		annotations.KeyCPURequest, annotations.KeyCPULimit, annotations.KeyMemoryRequest, annotations.KeyMemoryLimit,
	}[s]
}

// Shown is an amount of this setting as Kubernetes writes it.
func (s Setting) Shown(amount int64) string {
	if s == CPURequest || s == CPULimit {
		return CPU(amount).String()
	}
	return Memory(amount).String()
}

// Resources are the settings of one container. Zero is not set, as for Kubernetes.
type Resources struct {
	CPURequest    CPU
	CPULimit      CPU
	MemoryRequest Memory
	MemoryLimit   Memory
	// SoftLimit is GOMEMLIMIT.
	SoftLimit Memory
}

// ResourcesOf takes the four settings from a container's requirements. What is smaller
// than a thousandth of a core, or than a byte, is rounded up.
func ResourcesOf(r corev1.ResourceRequirements) Resources {
	return Resources{
		CPURequest: CPU(r.Requests.Cpu().MilliValue()), CPULimit: CPU(r.Limits.Cpu().MilliValue()),
		MemoryRequest: Memory(r.Requests.Memory().Value()), MemoryLimit: Memory(r.Limits.Memory().Value()),
	}
}

// Of is the amount of a setting, in thousandths of a core or in bytes.
func (r Resources) Of(s Setting) int64 {
	return [settings]int64{int64(r.CPURequest), int64(r.CPULimit), int64(r.MemoryRequest), int64(r.MemoryLimit)}[s]
}

// resourcesOf makes settings of amounts.
func resourcesOf(amounts [settings]int64) Resources {
	return Resources{
		CPURequest: CPU(amounts[CPURequest]), CPULimit: CPU(amounts[CPULimit]),
		MemoryRequest: Memory(amounts[MemoryRequest]), MemoryLimit: Memory(amounts[MemoryLimit]),
	}
}

// Annotations are the annotations of the Pod template that give the sidecar what is
// set. GOMEMLIMIT is not among them: it is one of several in dapr.io/env.
func (r Resources) Annotations() map[string]string {
	set := map[string]string{}
	for s := range settings {
		if amount := r.Of(s); amount != 0 {
			set[s.Annotation()] = s.Shown(amount)
		}
	}
	return set
}

// Plus is what two containers of a Pod have together, but for the soft limit, which each
// keeps for itself.
func (r Resources) Plus(other Resources) Resources {
	return Resources{
		CPURequest: r.CPURequest + other.CPURequest, CPULimit: r.CPULimit + other.CPULimit,
		MemoryRequest: r.MemoryRequest + other.MemoryRequest, MemoryLimit: r.MemoryLimit + other.MemoryLimit,
	}
}

// GoMemoryLimit is the soft limit as Go reads it, "900MiB"; empty where there is none.
func (r Resources) GoMemoryLimit() string {
	if r.SoftLimit == 0 {
		return ""
	}
	return quantity.InMiB(int64(r.SoftLimit))
}

// SoftLimitOf is the soft limit that goes with a memory limit: 90 % of it, in whole MiB.
func SoftLimitOf(limit Memory) Memory {
	return limit * SoftLimitPercent / 100 / mebibyte * mebibyte
}

// millicores rounds cores up to thousandths, and takes no notice of what is left of a
// thousandth by floating point.
func millicores(cores float64) int64 { return int64(math.Ceil(cores*1000 - 1e-6)) }

// wholeBytes rounds bytes up.
func wholeBytes(bytes float64) int64 { return int64(math.Ceil(bytes)) }
