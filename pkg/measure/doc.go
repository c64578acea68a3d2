// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

// Package measure finds out what the sidecars of workloads used: it chooses a
// source, reads it, and counts each Pod, also those that are gone, to its workload.
// It judges nothing and knows no flags.
package measure
