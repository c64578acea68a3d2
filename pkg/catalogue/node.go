// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package catalogue

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	schedulingv1 "k8s.io/component-helpers/scheduling/corev1"
	"k8s.io/component-helpers/scheduling/corev1/nodeaffinity"
	"k8s.io/klog/v2"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// linuxOnly is what the chart asks of nodes where no template was read.
var linuxOnly = &corev1.PodSpec{NodeSelector: map[string]string{corev1.LabelOSStable: string(corev1.Linux)}}

// refuses says why a node takes no Pods of a spec; empty where it takes them.
func refuses(n *snapshot.Node, spec *corev1.PodSpec) string {
	hard := func(t *corev1.Taint) bool { return t.Effect != corev1.TaintEffectPreferNoSchedule }
	taint, tainted := schedulingv1.FindMatchingUntoleratedTaint(klog.Logger{}, n.Taints, spec.Tolerations, hard, true)
	node := &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: n.Name, Labels: n.Labels}}
	fits, err := nodeaffinity.GetRequiredNodeAffinity(&corev1.Pod{Spec: *spec}).Match(node)
	switch {
	case virtual(n):
		return "virtual"
	case !n.Ready:
		return "not ready"
	case n.Unschedulable:
		return "cordoned"
	case err != nil || !fits:
		return "not selected"
	case tainted:
		return fmt.Sprintf("tainted %s", taint.Key)
	default:
		return ""
	}
}

// wantsWindows tells whether a spec takes a node because it is one of Windows. One
// that takes the same node with Linux does not care, and its images are of Linux.
func wantsWindows(n *snapshot.Node, spec *corev1.PodSpec) bool {
	labels := maps.Clone(n.Labels)
	labels[corev1.LabelOSStable] = string(corev1.Linux)
	node := &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: n.Name, Labels: labels}}
	fits, err := nodeaffinity.GetRequiredNodeAffinity(&corev1.Pod{Spec: *spec}).Match(node)
	return err == nil && !fits
}

// virtual tells whether no machine stands behind a node, but a service that runs
// Pods elsewhere.
func virtual(n *snapshot.Node) bool {
	for _, t := range n.Taints {
		if t.Key == "virtual-kubelet.io/provider" {
			return true
		}
	}
	// A node of Fargate takes the one Pod that it was made for.
	return n.Labels["type"] == "virtual-kubelet" || n.Labels["eks.amazonaws.com/compute-type"] == "fargate"
}

// takes returns the nodes that take Pods of all specs.
func takes(nodes []snapshot.Node, specs ...*corev1.PodSpec) []snapshot.Node {
	var found []snapshot.Node
	for i := range nodes {
		if refusal(&nodes[i], specs) == "" {
			found = append(found, nodes[i])
		}
	}
	return found
}

// refusal is the first reason why a node does not take Pods of all specs, or cannot
// run what is in them.
func refusal(n *snapshot.Node, specs []*corev1.PodSpec) string {
	for _, spec := range specs {
		if reason := refuses(n, spec); reason != "" {
			return reason
		}
		if n.Labels[corev1.LabelOSStable] == string(corev1.Windows) && !wantsWindows(n, spec) {
			return "not Linux"
		}
	}
	return ""
}

// whyNot counts the reasons why nodes do not take the Pods.
func whyNot(nodes []snapshot.Node, specs []*corev1.PodSpec) string {
	count := map[string]int{}
	for i := range nodes {
		if reason := refusal(&nodes[i], specs); reason != "" {
			count[reason]++
		}
	}
	var all []string
	for _, reason := range slices.Sorted(maps.Keys(count)) {
		all = append(all, fmt.Sprintf("%d %s", count[reason], reason))
	}
	if len(all) == 0 {
		return ""
	}
	return ": " + strings.Join(all, ", ")
}

// inOneZone says so where all nodes are.
func inOneZone(nodes []snapshot.Node) string {
	zone := nodes[0].Labels[corev1.LabelTopologyZone]
	same := func(n snapshot.Node) bool { return n.Labels[corev1.LabelTopologyZone] == zone }
	if zone == "" || slices.ContainsFunc(nodes, func(n snapshot.Node) bool { return !same(n) }) {
		return ""
	}
	return ", all in zone " + zone
}
