// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	resourcehelper "k8s.io/component-helpers/resource"
	scheduling "k8s.io/component-helpers/scheduling/corev1"
	"k8s.io/component-helpers/scheduling/corev1/nodeaffinity"
	"k8s.io/klog/v2"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// room is what one node has free.
type room struct {
	node *corev1.Node
	free snapshot.Amount
}

// Free is what the nodes that take new Pods have free; false where that is not known.
func Free(s *snapshot.Snapshot) (snapshot.Amount, bool) {
	total := snapshot.Amount{}
	for i := range s.Nodes {
		free := s.Nodes[i].Free()
		if free == nil {
			return total, false
		}
		if takesPods(&s.Nodes[i]) {
			total = total.Plus(*free)
		}
	}
	return total, len(s.Nodes) > 0
}

// Place refuses the steps whose Pods the nodes have no room for, those before them
// already placed. Where it is not known what nodes have free it refuses none.
func Place(s *snapshot.Snapshot, steps []Step) {
	if _, known := Free(s); !known {
		return
	}
	var rooms []room
	for i := range s.Nodes {
		if takesPods(&s.Nodes[i]) {
			rooms = append(rooms, room{node: nodeOf(&s.Nodes[i]), free: *s.Nodes[i].Free()})
		}
	}
	for i := range steps {
		if step := &steps[i]; step.Writable(true) && step.Pod != nil {
			if why := step.place(rooms); why != "" {
				step.State, step.Why = Refused, why
			}
		}
	}
}

// place takes what the Pods of a step need more from the rooms that they fit in, and
// says why where there is none.
func (s *Step) place(rooms []room) string {
	added := snapshot.AmountOf(s.Added())
	if added.CPU.Sign() <= 0 && added.Memory.Sign() <= 0 {
		return ""
	}
	var fit []*room
	for i := range rooms {
		if admits(rooms[i].node, s.Pod) {
			fit = append(fit, &rooms[i])
		}
	}
	whole := snapshot.AmountOf(resourcehelper.PodRequests(s.Pod, resourcehelper.PodResourcesOptions{}))
	if s.Surge > 0 && !slices.ContainsFunc(fit, func(r *room) bool { return r.has(whole) }) {
		return fmt.Sprintf("no node that takes its Pods has %s CPU and %s of memory free, which the first new one requests", &whole.CPU, &whole.Memory)
	}
	for range s.Pods() {
		i := slices.IndexFunc(fit, func(r *room) bool { return r.has(added) })
		if i < 0 {
			return fmt.Sprintf("the nodes that take its Pods have no room for all of them: each requests %s CPU and %s of memory more", &added.CPU, &added.Memory)
		}
		fit[i].free = fit[i].free.Minus(added)
	}
	if !holds(fit, whole.Minus(added), s.Surge) {
		return fmt.Sprintf("the nodes that take its Pods have no room for the old and the new ones beside each other: each requests %s CPU and %s of memory more", &added.CPU, &added.Memory)
	}
	return ""
}

// holds tells whether rooms have so much free a number of times.
func holds(rooms []*room, a snapshot.Amount, times int32) bool {
	var free []room
	for _, r := range rooms {
		free = append(free, *r)
	}
	for range times {
		i := slices.IndexFunc(free, func(r room) bool { return r.has(a) })
		if i < 0 {
			return false
		}
		free[i].free = free[i].free.Minus(a)
	}
	return true
}

func (r *room) has(a snapshot.Amount) bool {
	return r.free.CPU.Cmp(a.CPU) >= 0 && r.free.Memory.Cmp(a.Memory) >= 0
}

func takesPods(n *snapshot.Node) bool { return n.Ready && !n.Unschedulable }

// Takes tells whether a node takes new Pods of a spec at all, whatever room it has.
func Takes(n *snapshot.Node, spec *corev1.PodSpec) bool {
	return takesPods(n) && admits(nodeOf(n), &corev1.Pod{Spec: *spec})
}

// admits tells whether a node takes a Pod by its taints, and the Pod the node by its
// selector and its affinity.
func admits(node *corev1.Node, pod *corev1.Pod) bool {
	_, untolerated := scheduling.FindMatchingUntoleratedTaint(klog.Logger{}, node.Spec.Taints, pod.Spec.Tolerations, func(t *corev1.Taint) bool {
		return t.Effect == corev1.TaintEffectNoSchedule || t.Effect == corev1.TaintEffectNoExecute
	}, false)
	if untolerated {
		return false
	}
	match, err := nodeaffinity.GetRequiredNodeAffinity(pod).Match(node)
	return match || err != nil
}

func nodeOf(n *snapshot.Node) *corev1.Node {
	return &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: n.Name, Labels: n.Labels}, Spec: corev1.NodeSpec{Taints: n.Taints}}
}
