// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

// Package sidecar works out the effective daprd container of an app: simulated
// with Dapr's own injector code under the settings of the cluster's injector,
// observed in the running Pods, and where the two disagree. It is pure: it
// looks at a snapshot and nothing else.
package sidecar
