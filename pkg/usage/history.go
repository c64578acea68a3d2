// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package usage

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

const (
	// mostSamples is how many samples of an answer are held: 128 MB at the most.
	mostSamples = 8 << 20
	// fewSamples is how many are asked for at a time: 32 MB.
	fewSamples = 2 << 20
	// mostPoints is how many a series may have in an answer; Prometheus allows 11,000.
	mostPoints = 10_000
	// firstSpan is asked for first where nobody knows how many series there are.
	firstSpan = 24 * time.Hour
	// leastWindow holds two scrapes of the usual intervals, which a rate needs.
	leastWindow = 5 * time.Minute
	// leastSteps is the shortest part that a limited server is asked for.
	leastSteps = 6
)

// Metrics are all there are, in the order in which they are read.
func Metrics() []Metric { return []Metric{CPU, Memory, Throttling, OOMKills, Restarts, Heap} }

// Request is what of the history is asked for.
type Request struct {
	Selection
	// Metrics to read; of Selection.Beside there are CPU and Memory alone.
	Metrics []Metric
	// From and To are the ends; they move to whole steps.
	From, To time.Time
	// Step is the time between two samples, whole seconds.
	Step time.Duration
}

// window is what one sample looks back at.
func (r Request) window() time.Duration { return max(r.Step, leastWindow) }

// Answer is what became of one metric.
type Answer struct {
	Metric Metric
	// Exposed tells that the store had series of it at the end of the time, whatever
	// they say: without, that there was no restart is not known.
	Exposed bool
	// Queries is how many were asked.
	Queries int
	// Samples is how many came; Dropped how many more were not a number, infinite,
	// negative, or of nobody's.
	Samples, Dropped int
	// First and Last are the times of the first and the last sample.
	First, Last time.Time
	// Warnings are the store's own, each once.
	Warnings []string
	// Partial tells that the store said that data is missing.
	Partial bool
	// Err is the sentence that says why the rest is missing. What came before, all of
	// it older, was handed on.
	Err error
}

// Whole tells that all was read that there is, as far as the store says. A warning is of
// a part of the store that did not answer, but where it is about the query itself.
func (a Answer) Whole() bool {
	warned := slices.ContainsFunc(a.Warnings, func(text string) bool { return !strings.HasPrefix(text, "PromQL ") })
	return a.Err == nil && !a.Partial && !warned
}

// History hands the history on to sink: one metric after the other, each from the
// oldest to the newest, so that the first sample of a Pod is from when it began,
// unless that is the beginning of the history. What fails of one metric is in its
// Answer; the error is of what ends everything: the context, the sink, a server that
// answers no question.
func (p *Prometheus) History(ctx context.Context, r Request, sink Sink) ([]Answer, error) {
	if r.Step < time.Second || r.Step%time.Second != 0 || !r.From.Before(r.To) || len(r.Containers) == 0 {
		return nil, fmt.Errorf("no history can be asked for from %s to %s in steps of %s", r.From, r.To, r.Step)
	}
	found, err := p.Probe(ctx, r.Selection, r.To)
	if err != nil {
		return nil, err
	}
	r.From, r.To = align(r.From.Add(r.Step-1), r.Step), align(r.To, r.Step)
	ceiling := mostPoints * r.Step
	var all []Answer
	for _, m := range r.Metrics {
		if r.Beside && m != CPU && m != Memory {
			continue
		}
		part := &reading{p: p, r: r, sink: sink, Answer: Answer{Metric: m, Exposed: found.exposes(m)}, ceiling: ceiling}
		part.begin(found.Series)
		err := part.all(ctx)
		all = append(all, part.Answer)
		if err != nil {
			return all, err
		}
		ceiling = part.ceiling
	}
	return all, nil
}

// align is the last whole step before a time, counted as stores do: from 1970.
func align(t time.Time, step time.Duration) time.Time {
	s := int64(step / time.Second)
	return time.Unix(t.Unix()/s*s, 0).UTC()
}

// reading reads one metric.
type reading struct {
	Answer
	p    *Prometheus
	r    Request
	sink Sink
	// span is how long a time is asked for next, and ceiling the longest that the
	// server has not refused.
	span, ceiling time.Duration
}

// begin makes the first span one that a number of series fills.
func (r *reading) begin(series int) {
	r.ask(firstSpan)
	if series > 0 {
		r.ask(r.r.Step * time.Duration(min(fewSamples/series, mostPoints)))
	}
}

// ask sets the span, in whole steps.
func (r *reading) ask(span time.Duration) {
	r.span = max(min(span, r.ceiling).Truncate(r.r.Step), leastSteps*r.r.Step)
}

// all reads part by part. A part that the server says is too much is asked for in
// halves.
func (r *reading) all(ctx context.Context) error {
	query := r.r.query(r.Metric, r.r.window())
	for from := r.r.From; !from.After(r.r.To); {
		to := from.Add(r.span)
		if to.After(r.r.To) {
			to = r.r.To
		}
		r.Queries++
		err := r.p.between(ctx, query, from, to, r.r.Step)
		var said *failure
		switch {
		case err == nil:
		case ctx.Err() != nil:
			return ctx.Err()
		case errors.As(err, &said) && said.large && to.Sub(from) > leastSteps*r.r.Step:
			r.ceiling = to.Sub(from) / 2
			r.ask(r.ceiling)
			continue
		default:
			r.Err = err
			if said != nil && said.everywhere {
				return err
			}
			return nil
		}
		if err := r.hand(from, to); err != nil {
			return err
		}
		r.adapt(to.Sub(from))
		from = to.Add(r.r.Step)
	}
	return nil
}

// adapt makes the next part larger where this one held little, and smaller where
// it held much.
func (r *reading) adapt(asked time.Duration) {
	switch held := len(r.p.held.times); {
	case held > fewSamples:
		r.ask(time.Duration(float64(asked) * fewSamples / float64(held)))
	case held < fewSamples/8:
		r.ask(max(r.span, 4*asked))
	}
}

// hand gives the samples of an answer on, those of nobody apart.
func (r *reading) hand(from, to time.Time) error {
	held := &r.p.held
	r.Dropped += held.dropped
	r.note(held)
	var samples []Sample
	for _, found := range held.results {
		if found.container == "" {
			found.container = r.r.Containers[0]
		}
		if found.namespace == "" || found.pod == "" {
			r.Dropped += found.to - found.from
			continue
		}
		samples = samples[:0]
		for i := found.from; i < found.to; i++ {
			at := time.UnixMilli(held.times[i]).UTC()
			if at.Before(from) || at.After(to) {
				r.Dropped++
				continue
			}
			samples = append(samples, Sample{At: at, Value: r.worth(held.values[i])})
		}
		if len(samples) == 0 {
			continue
		}
		r.count(samples)
		err := r.sink(Series{Metric: r.Metric, Namespace: found.namespace, Pod: found.pod, Container: found.container, Samples: samples})
		if err != nil {
			return err
		}
	}
	return nil
}

// worth is what a value means.
func (r *reading) worth(value float64) float64 {
	switch r.Metric {
	case OOMKills:
		return 1
	case Throttling:
		return min(value, 1)
	default:
		return value
	}
}

func (r *reading) count(samples []Sample) {
	r.Samples += len(samples)
	if first := samples[0].At; r.First.IsZero() || first.Before(r.First) {
		r.First = first
	}
	if last := samples[len(samples)-1].At; last.After(r.Last) {
		r.Last = last
	}
}

// note keeps the warnings.
func (r *reading) note(held *answer) {
	r.Partial = r.Partial || held.partial
	for _, text := range held.warnings {
		text = r.p.quote(text)
		r.Partial = r.Partial || strings.Contains(strings.ToLower(text), "partial")
		if len(r.Warnings) < mostNotes && !slices.Contains(r.Warnings, text) {
			r.Warnings = append(r.Warnings, text)
		}
	}
}
