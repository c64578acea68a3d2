// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package usage

// Hold sets how much of an answer is held, so that a test need not fill memory.
func (p *Prometheus) Hold(samples int, bytes int64) { p.held.most, p.held.mostBytes = samples, bytes }
