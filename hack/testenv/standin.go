// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"
)

// standIn is a process that does the work of a Pod of Dapr's control plane,
// whose own containers kwok only pretends to run.
type standIn struct {
	pod     types.UID
	process *process
	port    int            // here
	routes  map[string]int // ports here by address in the cluster
}

// standFor starts a process for the Pod and then ends the one before, so that
// there is no moment without, as in a rolling update.
func (c *cluster) standFor(ctx context.Context, of component, pod *corev1.Pod) error {
	made, err := c.launch(ctx, of, pod)
	if err != nil {
		return err
	}
	c.mu.Lock()
	before := c.standIns[of]
	c.standIns[of] = made
	c.mu.Unlock()
	for address, port := range made.routes {
		c.egress.route(address, loopback(port))
	}
	if before != nil {
		for address := range before.routes {
			if _, still := made.routes[address]; !still {
				c.egress.unroute(address)
			}
		}
		c.processes.end(before.process)
	}
	return nil
}

// dismiss ends a component's process, because the chart's Pods are gone.
func (c *cluster) dismiss(of component) {
	c.mu.Lock()
	before := c.standIns[of]
	delete(c.standIns, of)
	c.mu.Unlock()
	if before != nil {
		for address := range before.routes {
			c.egress.unroute(address)
		}
		c.processes.end(before.process)
	}
}

// followPods lets the processes follow their Pods: a helm upgrade or a restart
// of a Deployment works on Dapr's programs, and scaling to zero stops them.
func (c *cluster) followPods(ctx context.Context) error {
	var failed []error
	changed := false
	for _, of := range []component{sentry, injector, operator} {
		c.mu.Lock()
		current := c.standIns[of]
		c.mu.Unlock()
		var before types.UID
		if current != nil {
			before = current.pod
		}
		pod, err := c.host().pod(ctx, of, before)
		switch {
		case err != nil:
			failed = append(failed, err)
		case pod == nil && current != nil:
			c.dismiss(of)
			changed = true
		case pod != nil && pod.UID != before:
			if err := c.standFor(ctx, of, pod); err != nil {
				failed = append(failed, fmt.Errorf("pod %s has no process: %w", pod.Name, err))
			}
			changed = true
		}
	}
	if changed {
		failed = append(failed, c.writeState())
	}
	return errors.Join(failed...)
}
