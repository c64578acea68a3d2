// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package rollout

import (
	"fmt"
	"strconv"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// argo is what is looked at of an Argo Rollout.
type argo struct {
	Spec struct {
		Paused   bool         `json:"paused"`
		Strategy argoStrategy `json:"strategy"`
	} `json:"spec"`
	Status argoStatus `json:"status"`
}

type argoStatus struct {
	Phase   string `json:"phase"`
	Message string `json:"message"`
	// The generations are text.
	ObservedGeneration         string `json:"observedGeneration"`
	WorkloadObservedGeneration string `json:"workloadObservedGeneration"`
	// CurrentPodHash is the value of the label that the Pods of the template have.
	CurrentPodHash   string `json:"currentPodHash"`
	CurrentStepIndex *int   `json:"currentStepIndex"`
	ControllerPause  bool   `json:"controllerPause"`
	PauseConditions  []struct {
		Reason string `json:"reason"`
	} `json:"pauseConditions"`
}

type argoStrategy struct {
	BlueGreen *struct {
		AutoPromotionEnabled *bool `json:"autoPromotionEnabled"`
		AutoPromotionSeconds int   `json:"autoPromotionSeconds"`
	} `json:"blueGreen"`
	Canary *struct {
		MaxSurge       any        `json:"maxSurge"`
		MaxUnavailable any        `json:"maxUnavailable"`
		Steps          []argoStep `json:"steps"`
		TrafficRouting any        `json:"trafficRouting"`
	} `json:"canary"`
}

type argoStep struct {
	Pause *struct {
		// Duration is a number of seconds or a text such as "1h"; nil waits for somebody.
		Duration any `json:"duration"`
	} `json:"pause"`
}

// The phases of a Rollout.
const (
	healthy  = "Healthy"
	degraded = "Degraded"
	paused   = "Paused"
)

// lookAtRollout tells how far a Rollout is. Its controller sums that up in a phase,
// which is about the generation that it says.
func (w Write) lookAtRollout(now *unstructured.Unstructured) (sight, error) {
	r := as[argo](now)
	s := r.Status
	switch {
	case !reaches(s.ObservedGeneration, now.GetGeneration()), w.Template != nil && !reaches(s.WorkloadObservedGeneration, w.Template.GetGeneration()):
		return sight{line: "waiting for the rollout spec update to be observed"}, nil
	case r.Spec.Paused || replicas(now) == 0:
		return sight{done: true, pending: idle(now)}, nil
	case s.Phase == healthy:
		return sight{done: true, line: fmt.Sprintf("rollout %q is healthy", now.GetName())}, nil
	case s.Phase == degraded && !w.degradedBefore(s):
		return sight{}, fail(ErrDegraded, "%s is degraded: %s", name(now), line(s.Message))
	case s.Phase != paused || s.ControllerPause && len(s.PauseConditions) == 0:
		return sight{line: fmt.Sprintf("waiting for rollout %q to finish: %s", now.GetName(), line(s.Message))}, nil
	case r.resumes():
		return sight{
			line:    fmt.Sprintf("waiting for rollout %q, which pauses for a time: %s", now.GetName(), line(s.Message)),
			pending: fmt.Sprintf("%s pauses for a time, and then goes on by itself: its other Pods follow then", name(now)),
		}, nil
	}
	why := fmt.Sprintf("%s waits for somebody to promote it (%s): its other Pods follow then", name(now), resume(now))
	return sight{done: true, pending: why}, nil
}

// degradedBefore tells whether it had been given up in the same words before the
// write: they stand until the controller sees the new Pods get on.
func (w Write) degradedBefore(s argoStatus) bool {
	before := as[argo](w.App).Status
	return before.Phase == degraded && before.Message == s.Message
}

// reaches tells whether a generation that a controller wrote as text is that one or
// later. Before v0.10 a hash stood there, which tells nothing.
func reaches(observed string, generation int64) bool {
	n, err := strconv.ParseInt(observed, 10, 64)
	if err != nil {
		return observed != ""
	}
	return n >= generation
}

// resumes tells whether a pause ends by itself.
func (r *argo) resumes() bool {
	for _, c := range r.Status.PauseConditions {
		switch b, canary := r.Spec.Strategy.BlueGreen, r.Spec.Strategy.Canary; {
		case c.Reason == "BlueGreenPause" && b != nil && b.AutoPromotionSeconds > 0:
		case c.Reason == "CanaryPauseStep" && canary != nil && r.step().timed():
		default:
			return false
		}
	}
	return len(r.Status.PauseConditions) > 0
}

// step is the one that a canary is at.
func (r *argo) step() argoStep {
	i, steps := r.Status.CurrentStepIndex, r.Spec.Strategy.Canary.Steps
	if i == nil || *i < 0 || *i >= len(steps) {
		return argoStep{}
	}
	return steps[*i]
}

func (s argoStep) timed() bool { return s.Pause != nil && s.Pause.Duration != nil }

// waits tells whether a rollout stops on its way until somebody promotes it.
func (s argoStrategy) waits() bool {
	if b := s.BlueGreen; b != nil {
		return b.AutoPromotionEnabled != nil && !*b.AutoPromotionEnabled && b.AutoPromotionSeconds == 0
	}
	if s.Canary == nil {
		return false
	}
	for _, step := range s.Canary.Steps {
		if step.Pause != nil && step.Pause.Duration == nil {
			return true
		}
	}
	return false
}
