// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package measure

import (
	"slices"
	"time"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/sizing"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/usage"
)

// restarted keeps the times at which a count of restarts has grown. What it is at the
// beginning of the span came before.
func (p *pod) restarted(samples []usage.Sample, span sizing.Span) {
	for _, s := range samples {
		if s.Value > p.counted && s.At.After(span.From.Add(span.Step)) {
			p.restarts = append(p.restarts, s.At)
		}
		p.counted = s.Value // a Pod of the same name begins again
	}
}

// killed keeps the pieces of time of a metric that has samples where a container was
// killed, or last ended so; gap is what parts two pieces.
func (p *pod) killed(samples []usage.Sample, gap time.Duration) {
	for _, s := range samples {
		if n := len(p.kills); n > 0 && s.At.Sub(p.kills[n-1].to) <= gap {
			p.kills[n-1].to = s.At
			continue
		}
		p.kills = append(p.kills, piece{s.At, s.At})
	}
}

// allKills are the kills, each once: where a piece begins, and where the container was
// started again within it. apart is how far from the first the next one has to be, since
// the two metrics tell of it at different times.
func (p *pod) allKills(apart time.Duration) []sizing.Kill {
	var all []sizing.Kill
	for _, k := range p.kills {
		all = append(all, p.kill(k.from))
		for _, at := range p.restarts {
			if at.Sub(k.from) > apart && !at.After(k.to) {
				all = append(all, p.kill(at))
			}
		}
	}
	if p.live == nil || p.live.Killed.IsZero() {
		return all
	}
	// The Pod itself says so. What the store has may be of one of that name before it.
	if slices.ContainsFunc(all, func(k sizing.Kill) bool { return !k.Time.Before(p.live.Created) }) {
		return all
	}
	return append(all, p.kill(p.live.Killed))
}

// kill is one, at the limit of the Pod that there is now, where it is of that one.
func (p *pod) kill(at time.Time) sizing.Kill {
	k := sizing.Kill{Time: at}
	if p.live != nil && !at.Before(p.live.Created) {
		k.Limit = p.live.Limits.MemoryLimit
	}
	return k
}

// starts are the starts of a container that its first readings of CPU come with. A
// restart that is counted at a time was in the step before. Of others than the own one,
// only the first is known.
func (p *pod) starts(s usage.Series, span sizing.Span, own bool) []time.Time {
	if s.Metric != usage.CPU || p.begun[s.Container] || len(s.Samples) == 0 {
		return nil
	}
	if p.begun == nil {
		p.begun = map[string]bool{}
	}
	p.begun[s.Container] = true
	var all []time.Time
	if own {
		all = append(all, p.restarts...)
	}
	if own && p.live != nil {
		for _, at := range []time.Time{p.live.Created, p.live.Started} {
			if !at.IsZero() {
				all = append(all, at)
			}
		}
	}
	if first := s.Samples[0].At; first.After(span.From.Add(span.Step)) && !p.older(first) {
		all = append(all, first) // somewhere in the step before, so that the next one may have a part of it
	}
	return all
}

// older tells whether the Pod that there is was made before a time, so that a reading of
// then shows no start: somebody began to measure it, or looked at it after others.
func (p *pod) older(t time.Time) bool {
	return p.live != nil && !p.live.Created.IsZero() && p.live.Created.Before(t)
}
