// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package snapshot

import (
	"time"

	corev1 "k8s.io/api/core/v1"
)

// oomKilled is the reason of a container's end for want of memory.
const oomKilled = "OOMKilled"

// Life is when a container was last started, and when it was killed for want of memory
// before that, or has been since; zero where it was not, or where status, which may be
// nil, says nothing of it.
func Life(status *corev1.ContainerStatus) (started, killed time.Time) {
	if status == nil {
		return started, killed
	}
	if running := status.State.Running; running != nil {
		started = running.StartedAt.Time
	}
	for _, ended := range []*corev1.ContainerStateTerminated{status.LastTerminationState.Terminated, status.State.Terminated} {
		if ended != nil && ended.Reason == oomKilled {
			killed = ended.FinishedAt.Time
		}
	}
	return started, killed
}
