// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package plan

import (
	corev1 "k8s.io/api/core/v1"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
)

// resources are those that a change of a sidecar can cost.
var resources = []corev1.ResourceName{corev1.ResourceCPU, corev1.ResourceMemory}

// Pods is how many Pods are made anew: those that are wanted, or that run.
func (c *Change) Pods() int32 {
	if c.Before == nil {
		return 0
	}
	if c.Before.Replicas != nil {
		return *c.Before.Replicas
	}
	return int32(len(c.Before.Pods)) //nolint:gosec // a workload has fewer Pods than that
}

// Added is what the change adds to the requests of one Pod, of CPU and of memory;
// less than zero where it takes some away.
func (c *Change) Added() corev1.ResourceList {
	added := corev1.ResourceList{}
	if c.Before == nil {
		return added
	}
	was, is := requestsOf(c.Before), requestsOf(c.After)
	for _, name := range resources {
		more := is[name].DeepCopy()
		more.Sub(was[name])
		added[name] = more
	}
	return added
}

// Costs tells whether the change is to the requests of its Pods.
func (c *Change) Costs() bool {
	for _, added := range c.Added() {
		if !added.IsZero() {
			return true
		}
	}
	return false
}

// Cost is what steps add to the requests of all Pods that they make anew.
func Cost(steps []*Step) corev1.ResourceList {
	total := corev1.ResourceList{}
	for _, step := range steps {
		pods := int64(step.Pods())
		for name, added := range step.Added() {
			sum := total[name]
			added.Mul(pods)
			sum.Add(added)
			total[name] = sum
		}
	}
	return total
}

// requestsOf are the requests of the sidecar that an app's Pods run with, or will.
func requestsOf(app *guideline.App) corev1.ResourceList {
	switch {
	case len(app.Sidecar.Observed) > 0:
		return app.Sidecar.Observed[0].Container.Resources.Requests
	case app.Sidecar.Simulated != nil:
		return app.Sidecar.Simulated.Resources.Requests
	default:
		return nil
	}
}
