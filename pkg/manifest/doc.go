// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

// Package manifest reads Kubernetes manifests, YAML and JSON, as documents that
// know where in the text each field stands. It judges nothing and knows nothing
// of Dapr or of a cluster.
package manifest
