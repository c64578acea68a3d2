// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package measure

import (
	"time"

	"k8s.io/client-go/rest"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/dapr"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/sizing"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/usage"
)

// Source is where usage is read.
type Source string

// The sources. Auto is Prometheus if one answers that knows the containers, else
// metrics.k8s.io, else the guidelines; Guidelines measures nothing.
const (
	Auto       Source = "auto"
	Metrics    Source = "metrics"
	Prometheus Source = "prometheus"
	Guidelines Source = "guidelines"
)

// Sources are the names of all.
func Sources() []string {
	return []string{string(Auto), string(Metrics), string(Prometheus), string(Guidelines)}
}

// Step is the time between two readings of a history: what a dashboard shows, and a
// tenth of what a scrape every 30 seconds stores.
const Step = 5 * time.Minute

// Options say what is read, and where.
type Options struct {
	// Config is of the cluster, with the rights of its user.
	Config *rest.Config
	Source Source
	// Prometheus is the one that was named; nil looks for one in the cluster.
	Prometheus *usage.Prometheus
	// Labels narrow a store that holds more than one cluster.
	Labels map[string]string
	// Namespace is the one of the workloads; empty means all.
	Namespace string
	// Beside asks for the heap of the sidecars and the usage of the apps' own containers
	// as well, of which metrics.k8s.io has nothing or too little to say.
	Beside bool
	// Now is the end of the history, and History its length.
	Now     time.Time
	History time.Duration
	// Sample is how long metrics.k8s.io is watched; 0 takes one reading. Progress is
	// told after each.
	Sample   time.Duration
	Progress func(usage.Progress)
}

// Workload is one whose usage is wanted.
type Workload struct {
	Object snapshot.Object
	// Container is the name of the one that is sized: daprd, or the service of a
	// control plane.
	Container string
	// Pods are those that there are now.
	Pods []Pod
}

// Pod is one that there is.
type Pod struct {
	Name    string
	Created time.Time
	// Started is when the container was last started, and Killed when it was ended
	// before that for want of memory; zero where that is not known.
	Started, Killed time.Time
	// Limits are those of the container in this Pod, which held since it was made.
	Limits sizing.Resources
}

// OfApp is an app as a Workload: its sidecars are measured.
func OfApp(app *snapshot.App) Workload {
	w := Workload{Object: app.Object, Container: dapr.SidecarContainer}
	for i := range app.Pods {
		p := &app.Pods[i]
		pod := Pod{Name: p.Name, Created: p.Created, Started: p.Started, Killed: p.Killed}
		if p.Sidecar != nil {
			pod.Limits = sizing.ResourcesOf(p.Sidecar.Container.Resources)
		}
		w.Pods = append(w.Pods, pod)
	}
	return w
}

// Usage is what was measured of one workload.
type Usage struct {
	// Own is of the container that is sized; nil where nothing was measured.
	Own *sizing.Usage
	// Beside are the other containers, by name; only where Options.Beside asks.
	Beside map[string]*sizing.Usage
	// Heap is the most that Go's heap had in use; 0 where that is not known.
	Heap sizing.Memory
}

// Measured is what was found out.
type Measured struct {
	// Source is the one that was read, never Auto; Words says in a sentence which one
	// that is, and for how long a time.
	Source Source
	Words  string
	// Warnings are sentences about what is missing, and why it is not another source.
	Warnings []string
	// Strangers is how many Pods were measured that are of none of the workloads.
	Strangers int

	of map[snapshot.Object]*Usage
	// readings tells that there was one at least.
	readings bool
}

// Of is the usage of a workload.
func (m *Measured) Of(o snapshot.Object) Usage {
	if u := m.of[o]; u != nil {
		return *u
	}
	return Usage{}
}
