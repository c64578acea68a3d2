// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

// Package usage reads what containers used: the history of a Prometheus, or of a
// store that speaks its API (Thanos, Mimir, VictoriaMetrics), and the readings of
// metrics.k8s.io. It judges nothing, knows no flags, and makes no number up: what
// was not answered is missing, and the sentence that says why is with it.
package usage
