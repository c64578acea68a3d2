// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

// Package edit writes values into manifests, YAML and JSON, and leaves every other
// byte as it was: comments, the order of keys, quotes, indentation, ends of lines. It
// reads no file, and knows nothing of Dapr or of Kubernetes.
package edit
