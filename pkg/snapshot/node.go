// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package snapshot

import corev1 "k8s.io/api/core/v1"

// Node is what decides whether Pods can run on it.
type Node struct {
	Name   string
	Labels map[string]string
	Taints []corev1.Taint
	// Unschedulable tells that the node is cordoned.
	Unschedulable bool
	Ready         bool
	// Kubelet is the kubelet's version, as in "v1.36.3".
	Kubelet string
	// Allocatable is what Pods may request on it.
	Allocatable Amount
	// Requested is what the Pods on it request, together and as the scheduler counts;
	// nil where not all Pods of the cluster were read.
	Requested *Amount
}

// Free is what Pods may still request on the node, nil where that is not known. It
// says nothing of whether a Pod may run there at all.
func (n *Node) Free() *Amount {
	if n.Requested == nil {
		return nil
	}
	left := n.Allocatable.Minus(*n.Requested)
	return &left
}

// PriorityClass is one PriorityClass of the cluster.
type PriorityClass struct {
	Name string
	// Value is the priority of its Pods; built-in critical classes have 2000000000 and more.
	Value int32
	// Default tells that Pods without a class get this one.
	Default bool
}
