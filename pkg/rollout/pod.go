// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package rollout

import (
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
)

// ofPod is why a Pod does not run as it should; nothing where it is ready and never
// ended. Where the Pod itself does not know, the last warning about it may.
func ofPod(p *corev1.Pod, warning *corev1.Event) []reason {
	if p.DeletionTimestamp != nil || p.Status.Phase == corev1.PodSucceeded {
		return nil
	}
	var all []reason
	add := func(r rank, format string, args ...any) {
		all = append(all, reason{rank: r, pod: p.Name, text: fmt.Sprintf(format, args...)})
	}
	if p.Status.Phase == corev1.PodFailed {
		add(ended, "it failed%s", and(p.Status.Reason, line(p.Status.Message)))
	}
	if c := condition(p, corev1.PodScheduled); c != nil && c.Status == corev1.ConditionFalse {
		add(noNode, "no node takes it%s", and(c.Reason, line(c.Message)))
	}
	for _, c := range slices.Concat(p.Status.InitContainerStatuses, p.Status.ContainerStatuses) {
		if r := ofContainer(c); r.text != "" {
			r.pod = p.Name
			all = append(all, r)
		}
	}
	if len(all) > 0 || holds(p, corev1.PodReady) {
		return all
	}
	text := unready(p)
	if warning != nil {
		text += ", " + warning.Reason + ": " + said(warning.Reason, warning.Message)
	}
	add(notYet, "%s", text)
	return all
}

// condition is one of a Pod's, or nil.
func condition(p *corev1.Pod, kind corev1.PodConditionType) *corev1.PodCondition {
	for i := range p.Status.Conditions {
		if c := &p.Status.Conditions[i]; c.Type == kind {
			return c
		}
	}
	return nil
}

func holds(p *corev1.Pod, kind corev1.PodConditionType) bool {
	c := condition(p, kind)
	return c != nil && c.Status == corev1.ConditionTrue
}

// ofContainer is why a container does not run, or has not run all the time.
func ofContainer(c corev1.ContainerStatus) reason {
	waiting, now, last := c.State.Waiting, c.State.Terminated, c.LastTerminationState.Terminated
	switch {
	case waiting != nil && waiting.Reason == "CrashLoopBackOff":
		return reason{rank: ended, text: fmt.Sprintf("container %s ends again and again (CrashLoopBackOff)%s", c.Name, lastTime(last))}
	case waiting != nil && !slices.Contains([]string{"", "ContainerCreating", "PodInitializing"}, waiting.Reason):
		return reason{rank: cannotStart, text: fmt.Sprintf("container %s cannot start, %s: %s", c.Name, waiting.Reason, said(waiting.Reason, waiting.Message))}
	case now != nil && now.ExitCode != 0:
		return reason{rank: ended, text: fmt.Sprintf("container %s ended%s", c.Name, exit(now))}
	case waiting == nil && last != nil && c.RestartCount > 0:
		return reason{rank: notYet, text: fmt.Sprintf("container %s was started anew%s", c.Name, lastTime(last))}
	}
	return reason{}
}

// unready is what a Pod lacks that has no word of its own for it.
func unready(p *corev1.Pod) string {
	var missing []string
	for _, gate := range p.Spec.ReadinessGates {
		if !holds(p, gate.ConditionType) {
			missing = append(missing, string(gate.ConditionType))
		}
	}
	if len(missing) > 0 && holds(p, corev1.ContainersReady) {
		return "its containers are ready, but nobody has opened its readiness gates: " + line(strings.Join(missing, ", "))
	}
	for _, c := range p.Status.ContainerStatuses {
		if c.State.Running != nil && !c.Ready {
			return fmt.Sprintf("container %s runs and is not ready", c.Name)
		}
	}
	for _, c := range p.Status.InitContainerStatuses {
		if c.State.Running != nil && !c.Ready {
			return fmt.Sprintf("its containers wait for init container %s, which runs", c.Name)
		}
	}
	return "its containers have not been started yet"
}

// containerSaid are the reasons whose message repeats what a container printed, or the
// command that it was started with.
var containerSaid = []string{
	"RunContainerError", "CreateContainerError", "StartError", "PostStartHookError",
	"Unhealthy", "FailedPostStartHook", "FailedPreStopHook", "Failed", "BackOff",
}

// said is a message as far as it may be printed.
func said(reason, message string) string {
	if slices.Contains(containerSaid, reason) {
		return foreign(message)
	}
	return line(message)
}

func lastTime(t *corev1.ContainerStateTerminated) string {
	if t == nil {
		return ""
	}
	return ", the last time" + exit(t)
}

// exit is how a container ended.
func exit(t *corev1.ContainerStateTerminated) string {
	text := fmt.Sprintf(" with exit code %d", t.ExitCode)
	if t.Reason != "" && t.Reason != "Error" {
		text += " (" + line(t.Reason) + ")"
	}
	if message := foreign(t.Message); message != "" {
		text += ": " + message
	}
	return text
}

// and adds a reason and its message to a sentence.
func and(reason, message string) string {
	switch {
	case message != "" && (reason == "" || reason == corev1.PodReasonUnschedulable):
		return ": " + message
	case reason != "" && message != "":
		return ", " + line(reason) + ": " + message
	case reason != "":
		return ", " + line(reason)
	}
	return ""
}
