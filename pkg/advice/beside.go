// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package advice

import (
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/dapr"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/sidecar"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/sizing"
)

// others are the containers of an app's Pods beside the sidecar, with what the API
// server makes of them.
type others struct {
	containers []*corev1.Container
	sum        sizing.Resources
}

func (a *Adviser) othersOf(app *guideline.App) others {
	var o others
	ranges := a.snapshot.LimitRangesOf(app.Object.Namespace)
	spec := specOf(app)
	keep := func(c *corev1.Container) {
		if c.Name == dapr.SidecarContainer {
			return
		}
		c = sidecar.Admitted(c, ranges)
		o.containers = append(o.containers, c)
		o.sum = o.sum.Plus(sizing.ResourcesOf(c.Resources))
	}
	for i := range spec.Containers {
		keep(&spec.Containers[i])
	}
	for i := range spec.InitContainers {
		// Those that go on beside the others; what ends before them is not added.
		if policy := spec.InitContainers[i].RestartPolicy; policy != nil && *policy == corev1.ContainerRestartPolicyAlways {
			keep(&spec.InitContainers[i])
		}
	}
	return o
}

// without are the containers that request nothing of a resource.
func (o others) without(resource corev1.ResourceName) []string {
	var names []string
	for _, c := range o.containers {
		if q, set := c.Resources.Requests[resource]; !set || q.IsZero() {
			names = append(names, c.Name)
		}
	}
	return names
}

// Notes are what is said beside a recommendation: how autoscalers and the app itself
// stand to it, and whose Pods could not be counted. beside is what the app's own
// containers were seen to use, by name; it may be nil.
func (a *Adviser) Notes(app *guideline.App, r *sizing.Recommendation, beside map[string]*sizing.Usage) []string {
	var notes []string
	say := func(note string) {
		if note != "" && !slices.Contains(notes, note) {
			notes = append(notes, note)
		}
	}
	others := a.othersOf(app)
	for _, h := range a.snapshot.AutoscalersOf(app.Object) {
		for _, m := range h.Metrics {
			if r.Withheld != "" {
				continue
			}
			scaler := sizing.Autoscaler{
				Name: h.Object.Name, Resource: m.Resource, Target: m.Percent,
				Others: others.sum, Without: others.without(m.Resource),
			}
			say(scaler.Means(r.Workload.Current, r.Resources))
		}
	}
	for _, c := range others.containers {
		say(sizing.App{Container: c.Name, Current: sizing.ResourcesOf(c.Resources), Usage: beside[c.Name]}.Spare())
	}
	say(countless(app))
	return notes
}

// countless says of a kind whose Pods that are gone nobody can tell by their names.
func countless(app *guideline.App) string {
	switch app.Object.Kind {
	case "Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Rollout", "Job", "CronJob":
		return ""
	case "Pod":
		return "a Pod of its own: its settings cannot be changed, only those of the next one"
	}
	return fmt.Sprintf("what made its Pods, a %s, is not read: Pods of it that are gone are not counted, and how many are wanted is not known", app.Object.Kind)
}
