// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package snapshot

import (
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
)

// Amount is so much CPU, in cores, and memory, in bytes.
type Amount struct {
	CPU, Memory resource.Quantity
}

// AmountOf takes CPU and memory from a list; what it lacks is zero.
func AmountOf(list corev1.ResourceList) Amount {
	return Amount{CPU: list.Cpu().DeepCopy(), Memory: list.Memory().DeepCopy()}
}

// Plus is the sum of a and b.
func (a Amount) Plus(b Amount) Amount {
	sum := Amount{CPU: a.CPU.DeepCopy(), Memory: a.Memory.DeepCopy()}
	sum.CPU.Add(b.CPU)
	sum.Memory.Add(b.Memory)
	return sum
}

// Minus is what is left of a without b; it may be less than nothing.
func (a Amount) Minus(b Amount) Amount {
	left := Amount{CPU: a.CPU.DeepCopy(), Memory: a.Memory.DeepCopy()}
	left.CPU.Sub(b.CPU)
	left.Memory.Sub(b.Memory)
	return left
}

// Most is the higher of a and b, of CPU and of memory.
func (a Amount) Most(b Amount) Amount {
	if a.CPU.Cmp(b.CPU) < 0 {
		a.CPU = b.CPU
	}
	if a.Memory.Cmp(b.Memory) < 0 {
		a.Memory = b.Memory
	}
	return a
}
