// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

// Package dapr is Dapr's vocabulary: the names of its annotations, control
// plane and containers, its versions, and how it reads a value. It knows
// nothing of a cluster and reads nothing.
package dapr
