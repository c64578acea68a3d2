// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package sizing

import (
	"fmt"
	"time"
)

// Confidence is how far a recommendation rests on what was measured.
type Confidence int

// The confidences. Low is too little to go by: then the numbers are those of the
// guidelines, raised to what was seen.
const (
	Low Confidence = iota
	Medium
	High
)

// String is "low", "medium" or "high".
func (c Confidence) String() string { return [...]string{"low", "medium", "high"}[c] }

// MarshalText is "low", "medium" or "high".
func (c Confidence) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// confidence goes by how much there is of a metric, and says what there is too little of.
func (m *metric) confidence() (c Confidence, short string) {
	hours := m.hoursSeen()
	switch {
	case m.readings == 0:
		return Low, "no readings"
	case m.missing != "":
		return Low, m.missing
	case m.readings < leastReadings:
		return Low, fmt.Sprintf("%d of the %d readings that it takes", m.readings, leastReadings)
	case m.length() < leastSpan:
		return Low, fmt.Sprintf("the readings are of %s, and it takes a day", inWords(m.length()))
	case hours < leastHours:
		return Low, fmt.Sprintf("readings in %d of the %d hours that it takes", hours, leastHours)
	case m.length() < longSpan:
		return Medium, fmt.Sprintf("the readings are of %s, and it takes a week", inWords(m.length()))
	case hours < longHours:
		return Medium, fmt.Sprintf("readings in %d of the %d hours that it takes", hours, longHours)
	default:
		return High, ""
	}
}

// count is a number with its noun: "1 reading", "2 readings".
func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// inWords is a length of time in the largest unit of which it has two, or in minutes.
func inWords(d time.Duration) string {
	switch {
	case d >= 48*time.Hour:
		return count(int(d/(24*time.Hour)), "day")
	case d >= 2*time.Hour:
		return count(int(d/time.Hour), "hour")
	default:
		return count(int(d/time.Minute), "minute")
	}
}
