// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package sizing

import (
	"fmt"
	"strings"

	corev1 "k8s.io/api/core/v1"
)

// Autoscaler is a HorizontalPodAutoscaler that scales by a share of what a whole Pod
// requests.
type Autoscaler struct {
	Name string
	// Resource is CPU or memory, Target the percentage (averageUtilization).
	Resource corev1.ResourceName
	Target   int32
	// Others is what the other containers request together; Without are those of them
	// that request nothing of the resource.
	Others  Resources
	Without []string
}

// Means says what the percentage means with the sidecar as it is, and as recommended.
func (a Autoscaler) Means(now, then Resources) string {
	s, what := CPURequest, "CPU"
	if a.Resource == corev1.ResourceMemory {
		s, what = MemoryRequest, "memory"
	}
	head := fmt.Sprintf("HorizontalPodAutoscaler %s scales at %d %% of the Pod's %s requests", a.Name, a.Target, what)
	if len(a.Without) > 0 {
		return fmt.Sprintf("%s, and cannot, before or after: %s requests none", head, strings.Join(a.Without, ", "))
	}
	was, is := a.Others.Of(s)+now.Of(s), a.Others.Of(s)+then.Of(s)
	at := func(whole int64) string {
		return fmt.Sprintf("%s of %s", s.inWords(whole*int64(a.Target)/100), s.inWords(whole))
	}
	switch {
	case then.Of(s) == 0:
		return ""
	case now.Of(s) == 0:
		return fmt.Sprintf("%s, and cannot now, since daprd requests none; then at %s", head, at(is))
	case was == is:
		return fmt.Sprintf("%s: %s, before and after", head, at(is))
	}
	effect := "Pods are added later"
	if is < was {
		effect = "Pods are added earlier"
	}
	return fmt.Sprintf("%s: %s now, %s then: %s; %d %% would keep the point where it is",
		head, at(was), at(is), effect, (was*int64(a.Target)+is/2)/is)
}
