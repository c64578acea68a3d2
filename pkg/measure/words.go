// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package measure

import (
	"fmt"
	"time"
)

// clock is how times are written in sentences.
const clock = "2006-01-02 15:04 UTC"

// metricsStep is how long one reading of metrics.k8s.io stands for: metrics-server looks
// every 15 seconds, unless it is told otherwise.
const metricsStep = 15 * time.Second

// metricsWords say what was read of metrics.k8s.io.
func metricsWords(g *gathering, readings int) string {
	if readings <= 1 {
		return "Usage: one reading of metrics.k8s.io, which is little to go by."
	}
	return fmt.Sprintf("Usage: metrics.k8s.io, watched for %s, up to %d readings a Pod.", Length(g.last.Sub(g.first)), readings)
}

// historyWords say what was read of a history.
func historyWords(name string, g *gathering, asked time.Duration) string {
	if g.first.IsZero() {
		return fmt.Sprintf("Usage: %s, which knows nothing of these containers in the last %s.", name, Length(asked))
	}
	if got := g.last.Sub(g.first); asked-got > asked/20 {
		return fmt.Sprintf("Usage: %s, a reading every %s from %s to %s: %s of the %s that were asked for.",
			name, Length(g.span.Step), g.first.Format(clock), g.last.Format(clock), Length(got), Length(asked))
	}
	return fmt.Sprintf("Usage: %s, a reading every %s for %s, until %s.", name, Length(g.span.Step), Length(asked), g.last.Format(clock))
}

// Length is a time in words: "14 days", "6 hours", "90 seconds".
func Length(d time.Duration) string {
	units := []struct {
		of   time.Duration
		name string
	}{{24 * time.Hour, "day"}, {time.Hour, "hour"}, {time.Minute, "minute"}, {time.Second, "second"}}
	for _, u := range units {
		if n := d.Round(u.of) / u.of; d >= 2*u.of || d == u.of {
			if n == 1 {
				return "1 " + u.name
			}
			return fmt.Sprintf("%d %ss", n, u.name)
		}
	}
	return "less than 2 seconds"
}
