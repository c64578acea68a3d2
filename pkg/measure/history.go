// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package measure

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/sizing"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/usage"
)

// ownMetrics are those of the sidecars, in the order in which they are wanted: starts
// come before the readings of CPU, which they explain.
var ownMetrics = []usage.Metric{usage.Restarts, usage.OOMKills, usage.Throttling, usage.CPU, usage.Memory}

// prometheus reads the history.
func (o Options) prometheus(ctx context.Context, workloads []Workload) (*Measured, error) {
	selection := o.selection(workloads)
	p, tried := o.Prometheus, []string(nil)
	if p == nil {
		var err error
		if p, tried, err = usage.NewCluster(o.Config).Find(ctx, selection, o.Now); err != nil {
			return nil, err
		}
	}
	span := sizing.Span{From: o.Now.Add(-o.History), To: o.Now, Step: Step}
	g := newGathering(workloads, span)
	metrics := ownMetrics
	if o.Beside {
		metrics = append(slices.Clip(metrics), usage.Heap)
	}
	request := usage.Request{Selection: selection, Metrics: metrics, From: span.From, To: span.To, Step: Step}
	answers, err := p.History(ctx, request, g.own)
	if err != nil {
		return nil, err
	}
	if err := nothing(answers); err != nil {
		return nil, err
	}
	m := &Measured{Source: Prometheus, Warnings: tried, of: g.of}
	m.Warnings = append(m.Warnings, warnings(p.Name, answers)...)
	if o.Beside && !g.first.IsZero() {
		request.Beside = true
		answers, err := p.History(ctx, request, g.beside)
		if err != nil {
			return nil, err
		}
		for _, w := range warnings(p.Name, answers) {
			if !slices.Contains(m.Warnings, w) {
				m.Warnings = append(m.Warnings, w)
			}
		}
	}
	g.end()
	g.miss(answers)
	m.Strangers = len(g.strangers)
	m.readings = !g.first.IsZero()
	m.Words = historyWords(p.Name, g, o.History)
	return m, nil
}

// nothing is why neither CPU nor memory could be read.
func nothing(answers []usage.Answer) error {
	var errs []error
	for _, a := range answers {
		if a.Metric != usage.CPU && a.Metric != usage.Memory {
			continue
		}
		if a.Samples > 0 || a.Err == nil {
			return nil
		}
		errs = append(errs, a.Err)
	}
	return errors.Join(errs[:min(len(errs), 1)]...)
}

// warnings say what an answer lacks.
func warnings(name string, answers []usage.Answer) []string {
	var all []string
	say := func(format string, args ...any) {
		if text := fmt.Sprintf(format, args...); !slices.Contains(all, text) {
			all = append(all, text)
		}
	}
	samples := 0
	for _, a := range answers {
		samples += a.Samples
	}
	for _, a := range answers {
		if usedUp := a.Metric == usage.CPU || a.Metric == usage.Memory; usedUp && a.Samples == 0 && a.Err == nil && samples > 0 {
			say("%s has nothing of %s: is it scraped less often than every %s?", name, inWords(a.Metric), Length((Step / 2).Truncate(time.Minute)))
		}
		switch {
		case a.Err != nil && a.Samples > 0:
			say("%s: what came after %s is missing: %s", inWords(a.Metric), a.Last.Format(clock), a.Err)
		case a.Err != nil:
			say("%s: nothing could be read: %s", inWords(a.Metric), a.Err)
		}
		if a.Partial {
			say("%s says that data is missing: what was needed may be more", name)
		}
		for _, w := range a.Warnings {
			say("%s warns: %s", name, w)
		}
		if a.Metric == usage.OOMKills && !a.Exposed && a.Err == nil && a.Samples == 0 {
			say("%s does not say whether containers were killed for want of memory", name)
		}
	}
	return all
}
