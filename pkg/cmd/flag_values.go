// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package cmd

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// lengthOfTime is a flag that takes days beside what Go calls a duration.
type lengthOfTime time.Duration

// Set reads "14d" or "36h".
func (l *lengthOfTime) Set(s string) error {
	if days, found := strings.CutSuffix(s, "d"); found {
		n, err := strconv.ParseUint(days, 10, 16)
		*l = lengthOfTime(time.Duration(n) * 24 * time.Hour)
		return err
	}
	d, err := time.ParseDuration(s)
	*l = lengthOfTime(d)
	return err
}

// String is the value in days, where these are whole ones.
func (l *lengthOfTime) String() string {
	const day = 24 * time.Hour
	if d := time.Duration(*l); d%day != 0 {
		if text, whole := strings.CutSuffix(d.String(), "m0s"); whole {
			return text + "m"
		}
		return d.String()
	}
	return fmt.Sprintf("%dd", time.Duration(*l)/day)
}

// Type names what is typed.
func (l *lengthOfTime) Type() string { return "length" }

// percentage is a flag in hundredths.
type percentage float64

// Set reads "10%".
func (p *percentage) Set(s string) error {
	n, err := strconv.ParseFloat(strings.TrimSuffix(s, "%"), 64)
	if err == nil && !(n >= 0 && n <= 1000) {
		err = strconv.ErrRange
	}
	*p = percentage(n)
	return err
}

// String is the value with its sign.
func (p *percentage) String() string {
	return strconv.FormatFloat(float64(*p), 'f', -1, 64) + "%"
}

// Type names what is typed.
func (p *percentage) Type() string { return "percentage" }

// share is it as a part of one.
func (p percentage) share() float64 { return float64(p) / 100 }
