// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package usage

import "strings"

// Hold sets how much of an answer is held, so that a test need not fill memory.
func (p *Prometheus) Hold(samples int, bytes int64) { p.held.most, p.held.mostBytes = samples, bytes }

// ReadAnswer reads an answer alone, and counts its samples.
func ReadAnswer(body string) (samples int, err error) {
	a := answer{most: 10_000, mostBytes: 1 << 20}
	err = a.read(strings.NewReader(body))
	return len(a.values), err
}
