// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package measure

import (
	"context"
	"fmt"
	"slices"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/sizing"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/usage"
)

// Measure finds out what workloads used. With Auto, a source that has nothing to say is
// passed over, and the warnings say why; any other that cannot be read is an error.
// Where the context ends while metrics.k8s.io is watched, what was read counts.
func (o Options) Measure(ctx context.Context, workloads []Workload) (*Measured, error) {
	var passed []string
	for _, try := range o.tries() {
		m, err := try.measure(ctx, workloads)
		switch {
		case err == nil && (m.Source == Guidelines || m.readings || o.Source != Auto):
			m.Warnings = append(passed, m.Warnings...)
			return m, nil
		case err == nil:
			passed = append(append(passed, m.Warnings...), fmt.Sprintf("%s knows nothing of these containers", try.name))
		case o.Source != Auto || ctx.Err() != nil:
			return nil, err
		default:
			passed = append(passed, err.Error())
		}
	}
	return nil, fmt.Errorf("there is no source %q", o.Source)
}

// try is one source that is tried.
type try struct {
	name    string
	measure func(context.Context, []Workload) (*Measured, error)
}

func (o Options) tries() []try {
	all := []try{{"Prometheus", o.prometheus}, {"metrics.k8s.io", o.metrics}, {"", o.guidelines}}
	switch o.Source {
	case Prometheus:
		return all[:1]
	case Metrics:
		return all[1:2]
	case Guidelines:
		return all[2:]
	case Auto:
		return all
	}
	return nil
}

// guidelines measures nothing; but that a container was killed its Pod says by itself.
func (o Options) guidelines(_ context.Context, workloads []Workload) (*Measured, error) {
	g := newGathering(workloads, sizing.Span{From: o.Now, To: o.Now, Step: Step})
	g.end()
	return &Measured{Source: Guidelines, Words: "Usage: nothing was measured, these are the guidelines' numbers to start with.", of: g.of}, nil
}

// selection is whose usage is asked for.
func (o Options) selection(workloads []Workload) usage.Selection {
	s := usage.Selection{Labels: o.Labels}
	if o.Namespace != "" {
		s.Namespaces = []string{o.Namespace}
	}
	for _, w := range workloads {
		if !slices.Contains(s.Containers, w.Container) {
			s.Containers = append(s.Containers, w.Container)
		}
	}
	slices.Sort(s.Containers)
	return s
}

// metrics reads metrics.k8s.io, once or for a time.
func (o Options) metrics(ctx context.Context, workloads []Workload) (*Measured, error) {
	api, err := usage.NewMetricsAPI(o.Config)
	if err != nil {
		return nil, err
	}
	var all []usage.Series
	if o.Sample > 0 {
		all, err = api.Watch(ctx, o.selection(workloads), o.Sample, o.Progress)
	} else {
		all, err = api.Read(ctx, o.selection(workloads))
	}
	if err != nil {
		return nil, err
	}
	first, last, readings := o.Now, o.Now, 0
	for _, s := range all {
		for _, sample := range s.Samples {
			if sample.At.Before(first) {
				first = sample.At
			}
			if sample.At.After(last) {
				last = sample.At
			}
		}
		readings = max(readings, len(s.Samples))
	}
	g := newGathering(workloads, sizing.Span{From: first, To: last, Step: metricsStep})
	for _, s := range all {
		if err := g.own(s); err != nil {
			return nil, err
		}
	}
	g.end()
	return &Measured{
		Source: Metrics, Words: metricsWords(g, readings), Strangers: len(g.strangers),
		of: g.of, readings: !g.first.IsZero(),
	}, nil
}
