// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package usage

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// Probe is what a store has of the selected containers at a time.
type Probe struct {
	// Series is how many of them it knows the usage of; it may know more of the past.
	Series int
	// Names are the names of the metrics that it has.
	Names []string
}

// ClustersError says that a store holds several clusters: Pods of the same name
// would be taken for one.
type ClustersError struct {
	// Name is that of the store, Clusters the values of its label cluster.
	Name     string
	Clusters []string
}

func (e *ClustersError) Error() string {
	return fmt.Sprintf("%s holds the clusters %s: which one is to be read must be told by its label cluster", e.Name, strings.Join(e.Clusters, ", "))
}

// Probe asks whether there is somebody who answers, and what there is. A
// *ClustersError is of a store that must be told which cluster.
func (p *Prometheus) Probe(ctx context.Context, s Selection, at time.Time) (Probe, error) {
	if err := p.instant(ctx, s.probe(), at); err != nil {
		return Probe{}, err
	}
	names := map[string]bool{}
	clusters := map[string]map[string]bool{}
	var found Probe
	for _, r := range p.held.results {
		if r.to == r.from {
			continue
		}
		names[r.name] = true
		if clusters[r.name] == nil {
			clusters[r.name] = map[string]bool{}
		}
		clusters[r.name][r.cluster] = true
		if r.name == cpuSeconds || r.name == workingSet {
			found.Series = max(found.Series, int(p.held.values[r.from]))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(clusters)) {
		if _, told := s.Labels["cluster"]; len(clusters[name]) > 1 && name != daprLoaded && !told {
			return Probe{}, &ClustersError{Name: p.Name, Clusters: quotedAll(slices.Sorted(maps.Keys(clusters[name])))}
		}
	}
	found.Names = slices.Sorted(maps.Keys(names))
	return found, nil
}

// quotedAll are values as a sentence has them.
func quotedAll(all []string) []string {
	for i, one := range all {
		all[i] = fmt.Sprintf("%q", oneLine(one))
	}
	return all
}

// exposes tells whether a store has what a metric is read from.
func (f Probe) exposes(m Metric) bool {
	from := map[Metric][]string{
		CPU: {cpuSeconds}, Memory: {workingSet}, Throttling: {cfsPeriods},
		// A container that never ended says nothing of how it did: the restarts speak for it.
		OOMKills: {oomEvents, restarts, restartsInit}, Restarts: {restarts, restartsInit},
		Heap: {heapInUse, daprLoaded},
	}
	return slices.ContainsFunc(from[m], func(name string) bool { return slices.Contains(f.Names, name) })
}
