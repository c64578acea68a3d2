// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package fix

import (
	"context"
	"fmt"
	"sync"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/plan"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/rollout"
)

// surroundings are what else of a namespace a rollout has to do with.
type surroundings struct {
	quotas      []corev1.ResourceQuota
	autoscalers rollout.Autoscalers
	// These say why they were not read; empty where they were.
	unknownQuotas, unknownScaling string
}

// surroundings reads those of the namespaces of steps, each once.
func (r *Runner) surroundings(ctx context.Context, steps []plan.Step) (map[string]*surroundings, error) {
	var namespaces []string
	all := map[string]*surroundings{}
	for i := range steps {
		if ns := steps[i].App.Namespace; steps[i].Creation == nil && all[ns] == nil {
			all[ns] = &surroundings{}
			namespaces = append(namespaces, ns)
		}
	}
	var mutex sync.Mutex
	err := each(ctx, len(namespaces), func(ctx context.Context, i int) error {
		read, err := r.surround(ctx, namespaces[i])
		mutex.Lock()
		defer mutex.Unlock()
		all[namespaces[i]] = read
		return err
	})
	return all, err
}

func (r *Runner) surround(ctx context.Context, namespace string) (*surroundings, error) {
	s := &surroundings{}
	quotas, err := r.Core.CoreV1().ResourceQuotas(namespace).List(ctx, metav1.ListOptions{})
	switch {
	case err == nil:
		s.quotas = quotas.Items
	case answered(err):
		s.unknownQuotas = "whether a ResourceQuota has room for all its Pods is not known: " + statusOf(err)
	default:
		return s, err
	}
	s.autoscalers, err = r.Rollouts.Autoscalers(ctx, namespace)
	if err != nil {
		if !answered(err) {
			return s, err
		}
		s.unknownScaling = err.Error()
	}
	return s, nil
}

// scaling is what is to be said of autoscalers where a step changes what its Pods
// request.
func (s *surroundings) scaling(step *plan.Step) []string {
	if !step.Costs() {
		return nil
	}
	if s.unknownScaling != "" {
		return []string{s.unknownScaling}
	}
	var notes []string
	for _, name := range s.autoscalers.ByTotal(step.Workload) {
		notes = append(notes, fmt.Sprintf("HorizontalPodAutoscaler %s scales on a percentage of what its Pods request in all, which becomes another amount: look at its target, or let it watch the app's container alone", name))
	}
	return notes
}

// charge refuses a step whose Pods a quota has no room for beside those of the steps
// before it.
func (s *surroundings) charge(step *plan.Step) {
	if !step.Writable(true) {
		return
	}
	if s.unknownQuotas != "" {
		step.Notes = append(step.Notes, s.unknownQuotas)
	}
	if over := step.OverQuota(s.quotas); over != "" {
		step.State, step.Why = plan.Refused, over
		return
	}
	step.Charge(s.quotas)
}
